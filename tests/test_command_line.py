"""The command line as a script uses it: lines in, lines out, and an exit status."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.__main__ import main
from triage.sandbox import SandboxServer

ROOT = Path(__file__).resolve().parent.parent

FAILURE: dict[str, Any] = {
    "number": 1,
    "title": "[Starter Kit - BUG] Import of Core fails",
    "body": "### Describe the issue\n\nThe solution import failed with error code 0x80097376: BadGateway. 🎉",
    "user": "ann",
    "labels": ["bug"],
    "comments": [
        {"user": "ben", "body": "Did the trick for me."},
        {"user": "ann", "body": "The second retry worked, everything is imported now."},
    ],
}
QUESTION: dict[str, Any] = {"number": 2, "title": "How do I change the colour?", "body": None}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("TRIAGE_", "GITHUB_")) or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{json.dumps(FAILURE)}\n\n{json.dumps(QUESTION, ensure_ascii=False)}", encoding="utf-8")
    return file


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def one_sentence(text: str) -> str:
    assert text.count("\n") == 1, text
    assert "Traceback" not in text
    return text


def test_classify_answers_each_line_with_the_fields_that_scripts_rely_on(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classify", str(cases)]) == 0
    failure, question = lines(capsys.readouterr().out)
    assert list(failure) == ["number", "kind", "codes", "template", "variant", "labels", "evidence"]
    assert (failure["number"], failure["kind"], failure["codes"]) == (1, "transient_import", ["80097376"])
    assert failure["template"] == "transient-import-errors"
    assert failure["variant"] == "default"
    assert "transient-error" in failure["labels"]
    sources = {"title": FAILURE["title"], "body": FAILURE["body"]}
    for part in failure["evidence"]:
        text = sources.get(part["source"]) or FAILURE["comments"][int(part["source"].partition(":")[2])]["body"]
        assert text[part["start"] : part["end"]] == part["quote"] != ""
    assert (question["kind"], question["template"], question["variant"]) == ("not_import", None, None)
    assert question["labels"] == []


def test_evidence_says_what_the_reporter_said_last(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", str(cases)]) == 0
    failure, question = lines(capsys.readouterr().out)
    assert list(failure) == ["number", "outcome", "comment", "quote"]
    assert (failure["outcome"], failure["comment"]) == ("confirmed_fixed", 1)
    assert failure["quote"] in FAILURE["comments"][1]["body"]
    assert question == {"number": 2, "outcome": "no_reply", "comment": None, "quote": ""}


def test_render_prints_the_response_alone(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(cases), "--number", "1"]) == 0
    captured = capsys.readouterr()
    assert "80097376" in captured.out
    assert "<!-- triage:" not in captured.out
    assert captured.err == ""


def test_links_in_a_response_lead_to_the_repository_that_is_configured(
    cases: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_REPOSITORIES", "octo/kit")
    monkeypatch.setenv("GITHUB_API_URL", "https://ghe.example.com/api/v3")
    assert main(["render", str(cases), "--number", "1"]) == 0
    assert "https://ghe.example.com/octo/kit/blob/HEAD/" in capsys.readouterr().out


def test_render_says_why_there_is_no_response(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(cases), "--number", "2"]) == 1
    assert "No response is suggested for issue 2" in one_sentence(capsys.readouterr().err)
    assert main(["render", str(cases), "--number", "9"]) == 2
    assert "has no issue 9" in one_sentence(capsys.readouterr().err)


def test_render_says_that_no_template_fits(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_TEMPLATES", str(tmp_path))
    assert main(["render", str(cases), "--number", "1"]) == 1
    assert "no response template fits it" in capsys.readouterr().err.splitlines()[-1]


def test_render_says_that_a_template_fails_and_prints_nothing_of_it(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    template = "---\nmatch: {kind: transient_import}\n---\n# T\n\n## Response\n\nHi {{ 1 // (issue.number - 4321) }}\n"
    (tmp_path / "fails.md").write_text(template, encoding="utf-8")
    cases.write_text(json.dumps({**FAILURE, "number": 4321}), encoding="utf-8")
    monkeypatch.setenv("TRIAGE_TEMPLATES", str(tmp_path))
    assert main(["render", str(cases), "--number", "4321"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "fails on this issue" in one_sentence(captured.err)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "this is not JSON"),
        (b"[1]", "this is not a JSON object"),
        (b'{"title": "x", "body": ""}', "number is missing"),
        (b'{"number": true, "title": "x"}', "number is missing or not a whole number"),
        (b'{"number": 3, "body": "x"}', "title is missing"),
        (b'{"number": 3, "title": 4}', "title is not a string"),
        (b'{"number": 3, "title": "x", "body": []}', "body is not a string"),
        (b'{"number": 3, "title": "x", "comments": {}}', "comments is not a list"),
        (b'{"number": 3, "title": "x", "comments": [{"user": 1}]}', "comments[0].user is not a string"),
        (b'{"number": 3, "title": "x", "comments": ["y"]}', "comments[0] is not an object"),
        (b'{"number": 3, "title": "x", "labels": [7]}', "labels holds something that is not a name"),
        (b'{"number": 3, "title": "x", "user": {"login": 1}}', "user.login is not a string"),
        (b'{"number": 3, "title": "\xff"}', "this is not UTF-8"),
        (b"[" * 100_000, "this is JSON that cannot be read"),
        (b"1" * 5_000, "this is JSON that cannot be read"),
    ],
)
@pytest.mark.parametrize("command", ["classify", "evidence"])
def test_a_malformed_line_is_reported_and_the_others_are_answered(
    command: str, line: bytes, fault: str, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases.write_bytes(line + b"\r\n" + cases.read_bytes())
    assert main([command, str(cases)]) == 1
    captured = capsys.readouterr()
    assert [answer["number"] for answer in lines(captured.out)] == [1, 2]
    assert one_sentence(captured.err).startswith(f"{cases}:1: {fault}")


def test_what_github_itself_exports_is_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = {
        **FAILURE,
        "user": {"login": "ann"},
        "labels": [{"name": "bug"}],
        "comments": [{"user": None, "body": None}, {"user": {"login": "ann"}, "body": "It is fixed now, thanks."}],
    }
    file = tmp_path / "cases.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(exported).encode())
    assert main(["evidence", str(file)]) == 0
    assert lines(capsys.readouterr().out)[0]["comment"] == 1


def test_a_lone_surrogate_in_a_report_comes_out_as_json_can_say_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps({**FAILURE, "body": "Import failed with 80097376 \ud83c BadGateway"}), encoding="utf-8")
    assert main(["classify", str(file)]) == 0
    assert lines(capsys.readouterr().out)[0]["codes"] == ["80097376"]


def test_standard_input_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(FAILURE).encode() + b"\nnonsense\n")))
    assert main(["classify", "-"]) == 1
    captured = capsys.readouterr()
    assert len(lines(captured.out)) == 1
    assert captured.err.startswith("-:2: ")


@pytest.mark.parametrize(
    "command", [["classify", "nowhere"], ["evidence", "."], ["render", "nowhere", "--number", "1"]]
)
def test_a_file_that_cannot_be_read_is_one_sentence(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    assert "cannot be read" in one_sentence(capsys.readouterr().err)


def test_who_sends_line_by_line_is_answered_line_by_line() -> None:
    talking = subprocess.Popen(
        [sys.executable, "-m", "triage", "evidence", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert talking.stdin is not None
    assert talking.stdout is not None
    for case in (FAILURE, QUESTION):
        talking.stdin.write(json.dumps(case).encode() + b"\n")
        talking.stdin.flush()
        assert json.loads(talking.stdout.readline())["number"] == case["number"]
    talking.stdin.close()
    assert talking.wait(30) == 0
    talking.stdout.close()


def test_check_finds_nothing_in_our_own_templates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == ""


def test_check_names_file_line_and_severity_and_fails_for_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.md").write_text("---\nmatch: [\n---\n# Broken\n\n## Response\n\nHi {{ nobody }}\n")
    assert main(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert any(line.split(":")[0].endswith("broken.md") and ": error: " in line for line in out.splitlines())
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    assert "is not a folder" in one_sentence(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        (["sync"], "GITHUB_TOKEN", "a b"),
        (["sync"], "GITHUB_TOKEN", "alone-without-repositories"),
        (["sync"], "GITHUB_API_URL", "nonsense"),
        (["sync"], "DATABASE_URL", "nonsense"),
        (["sync"], "DATABASE_URL", "nosuchdatabase://host/x"),
        (["sync"], "TRIAGE_REPOSITORIES", "nonsense"),
        (["check"], "TRIAGE_TEMPLATES", "nowhere"),
        (["classify", "-"], "TRIAGE_TEMPLATES", "nowhere"),
    ],
)
def test_a_wrong_setting_ends_a_command_with_one_sentence_and_status_two(
    command: list[str], name: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert main(command) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (name if name != "GITHUB_TOKEN" or " " in value else "TRIAGE_REPOSITORIES") in one_sentence(captured.err)


def test_sync_prints_counts_and_requests_in_the_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync"]) == 0
    out = one_sentence(capsys.readouterr().out)
    assert out.startswith("sandbox/starter-kit: ")
    assert "issues seen" in out
    assert "requests" in out
    assert {"triage.db", "sandbox.json"} >= {
        file.name for file in Path().glob("*.*") if file.suffix in (".db", ".json")
    }


def test_a_full_sync_forgets_what_was_deleted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> str:
        return capsys.readouterr().out.split(", ")[3]

    with SandboxServer(reporters_answer=False) as sandbox:
        monkeypatch.setenv("GITHUB_TOKEN", "any-token")
        monkeypatch.setenv("GITHUB_API_URL", sandbox.url)
        monkeypatch.setenv("TRIAGE_REPOSITORIES", sandbox.repository)
        assert main(["sync"]) == 0
        assert found() == "32 open import failures"
        del sandbox.sandbox.world.repositories[sandbox.repository].issues[1046]
        assert main(["sync"]) == 0
        assert found() == "32 open import failures"
        assert main(["sync", "--full"]) == 0
        assert found() == "31 open import failures"


def test_sync_goes_on_after_a_repository_that_is_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with SandboxServer(reporters_answer=False) as sandbox:
        monkeypatch.setenv("GITHUB_TOKEN", "any-token")
        monkeypatch.setenv("GITHUB_API_URL", sandbox.url)
        monkeypatch.setenv("TRIAGE_REPOSITORIES", f"octo/nowhere,{sandbox.repository}")
        assert main(["sync"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{sandbox.repository}: ")
    assert one_sentence(captured.err).startswith("octo/nowhere: GitHub could not read the repository")


def test_sync_without_a_network_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "any-token")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("TRIAGE_REPOSITORIES", "octo/kit")
    assert main(["sync"]) == 1
    assert "There is no connection to 127.0.0.1:9" in one_sentence(capsys.readouterr().err)


def test_the_sandbox_says_that_it_cannot_read_its_issues(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--issues", "nowhere.jsonl"]) == 2
    assert "nowhere.jsonl" in one_sentence(capsys.readouterr().err)


def test_a_reader_that_has_enough_hears_no_complaint(tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text(f"{json.dumps(QUESTION)}\n" * 3000, encoding="utf-8")
    piped = subprocess.Popen(
        [sys.executable, "-m", "triage", "evidence", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert piped.stdout is not None
    assert piped.stderr is not None
    piped.stdout.readline()
    piped.stdout.close()
    assert piped.stderr.read() == b""
    piped.stderr.close()
    assert piped.wait(30) == 1


def test_wrong_arguments_end_with_status_two(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["nonsense"], ["render", "x"], ["render", "x", "--number", "one"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def serve(*arguments: str) -> tuple["subprocess.Popen[str]", str]:
    """A sandbox by itself, and its address."""
    serving = subprocess.Popen(
        [sys.executable, "-m", "triage", "sandbox", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    assert serving.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", serving.stdout.readline())
    assert found
    return serving, found[0]


def interrupt(serving: "subprocess.Popen[str]") -> None:
    serving.send_signal(signal.SIGINT)
    _, errors = serving.communicate(timeout=30)
    assert (serving.returncode, errors) == (0, "")


def test_the_sandbox_serves_the_issues_of_a_file_until_it_is_interrupted(cases: Path) -> None:
    serving, url = serve("--issues", str(cases))
    try:
        issues = httpx.get(f"{url}/repos/sandbox/starter-kit/issues").json()
        assert {issue["number"] for issue in issues} == {1, 2}
    finally:
        interrupt(serving)


def test_the_sandbox_goes_on_where_it_ended_where_it_is_told_to_keep_its_state(tmp_path: Path) -> None:
    path, headers = "/repos/sandbox/starter-kit/issues/1042", {"Authorization": "Bearer any-token"}
    said: list[int] = []
    for _ in range(2):
        serving, url = serve("--state", str(tmp_path / "state.json"))
        try:
            httpx.post(f"{url}{path}/comments", json={"body": "Hi"}, headers=headers).raise_for_status()
            said.append(httpx.get(f"{url}{path}").json()["comments"])
        finally:
            interrupt(serving)
    assert said == [1, 2]
