"""The sandbox as a running server: ports, restarts, one process for each state file, the command."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from triage.sandbox import Sandbox, SandboxError, SandboxServer, create_app
from triage.sandbox.server import serve

ISSUES = "/repos/sandbox/starter-kit/issues"
TOKEN = {"Authorization": "Bearer any-token"}


def comment(server: SandboxServer, body: str) -> None:
    httpx.post(f"{server.url}{ISSUES}/1046/comments", json={"body": body}, headers=TOKEN).raise_for_status()


def bodies(server: SandboxServer) -> list[str]:
    return [each["body"] for each in httpx.get(f"{server.url}{ISSUES}/1046/comments").json()]


def test_the_state_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    with SandboxServer(state_file=file) as server:
        comment(server, "Before \u2603")
        httpx.patch(f"{server.url}{ISSUES}/1047", json={"state": "closed"}, headers=TOKEN)
        before = httpx.get(f"{server.url}/_sandbox/state").json()
    with SandboxServer(state_file=file) as server:
        after = httpx.get(f"{server.url}/_sandbox/state").json()
        assert after["repositories"] == before["repositories"]
        comment(server, "After")
        assert bodies(server) == ["Before \u2603", "After"]
        comments = httpx.get(f"{server.url}{ISSUES}/comments", params={"per_page": 100}).json()
    assert len({each["id"] for each in comments}) == len(comments)


def test_an_answer_on_its_way_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    with SandboxServer(state_file=file) as server:
        comment(server, "Please try again.")
    with SandboxServer(state_file=file) as server:
        httpx.post(f"{server.url}/_sandbox/clock", json={"advance_minutes": 60})
        assert len(bodies(server)) == 2


def test_half_an_emoji_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    with SandboxServer(state_file=file) as server:
        sent = b'{"body": "half \\ud83d"}'
        httpx.post(f"{server.url}{ISSUES}/1046/comments", content=sent, headers=TOKEN).raise_for_status()
    with SandboxServer(state_file=file) as server:
        assert bodies(server) == ["half ?"]


def test_a_state_file_of_the_version_before_is_read(tmp_path: Path) -> None:
    moment = "2026-11-02T09:00:00+00:00"
    comment = {"id": 5000001, "author": "bo", "association": "NONE", "body": "Hi"}
    issue = {
        "number": 7, "title": "T", "body": None, "author": "ann", "association": "NONE", "created_at": moment,
        "updated_at": moment, "state": "open", "state_reason": None, "closed_at": None, "closed_by": None,
        "locked": False, "pull_request": False, "labels": ["bug"], "answers": [{"after": 6, "text": "It works."}],
        "comments": [comment | {"created_at": moment, "updated_at": moment}],
    }  # fmt: skip
    repository = {
        "full_name": "sandbox/Starter-Kit", "description": "", "archived": False, "has_issues": True, "deleted": [4],
        "labels": [{"id": 5000002, "name": "Bug", "color": "d73a4a", "description": None}], "issues": [issue],
    }  # fmt: skip
    pending = {"repository": "sandbox/Starter-Kit", "number": 7, "comment": 5000001, "due": 0.0}
    world = {"last_id": 5000002, "pending": [pending], "repositories": [repository]}
    file = tmp_path / "sandbox.json"
    file.write_text(json.dumps({"format": 1, "source": "sample issues", "advanced": 2.5, "world": world}), "utf-8")
    with SandboxServer(state_file=file) as server, httpx.Client(base_url=server.url, headers=TOKEN) as web:
        assert [each["body"] for each in web.get(f"{ISSUES}/7/comments").json()] == ["Hi", "It works."]
        assert [label["name"] for label in web.get(f"{ISSUES}/7").json()["labels"]] == ["Bug"]
        assert web.get(f"{ISSUES}/comments/5000001").json()["created_at"] == "2026-11-02T09:00:00Z"
        assert web.get(f"{ISSUES}/4").status_code == 410
        assert web.get("/_sandbox/state").json()["pending"] == []


def test_a_reset_is_kept_as_well(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    with SandboxServer(state_file=file) as server:
        comment(server, "Gone")
        httpx.post(f"{server.url}/_sandbox/reset")
    with SandboxServer(state_file=file) as server:
        assert bodies(server) == []


def test_a_state_of_other_issues_is_not_taken_for_these(tmp_path: Path) -> None:
    file, issues = tmp_path / "sandbox.json", tmp_path / "issues.jsonl"
    issues.write_text('{"number": 1, "title": "T"}\n', "utf-8")
    with SandboxServer(state_file=file):
        pass
    with SandboxServer(state_file=file, issues_file=issues) as server:
        assert [issue["number"] for issue in httpx.get(f"{server.url}{ISSUES}").json()] == [1]
    issues.write_text('{"number": 2, "title": "T"}\n', "utf-8")
    with SandboxServer(state_file=file, issues_file=issues) as server:
        assert [issue["number"] for issue in httpx.get(f"{server.url}{ISSUES}").json()] == [2]


def test_two_sandboxes_on_one_state_file_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    with SandboxServer(state_file=file), pytest.raises(SandboxError, match="is in use by another sandbox"):
        SandboxServer(state_file=file)
    with SandboxServer(state_file=file):
        pass


def test_another_process_on_the_state_file_is_told_too(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    program = f"from triage.sandbox import SandboxServer; SandboxServer(state_file={str(file)!r})"
    with SandboxServer(state_file=file) as server:
        told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        comment(server, "Still mine")
    assert "is in use by another sandbox: stop that one, or choose another file." in told.stderr
    with SandboxServer(state_file=file) as server:
        assert bodies(server) == ["Still mine"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"format": 1, "source": "sample issues", "world": {}}',
        '{"format": 9, "source": "sample issues"}',
    ],
)
def test_a_state_file_that_is_none_is_said_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text(text, "utf-8")
    with pytest.raises(SandboxError, match="delete it to start afresh"):
        SandboxServer(state_file=file)
    assert file.read_text("utf-8") == text


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SandboxError, match="cannot be written"):
        SandboxServer(state_file=tmp_path / "file" / "sandbox.json")


def test_without_a_state_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SandboxServer() as server:
        comment(server, "Hello")
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_said_and_the_state_file_let_go(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"cannot use port {port}"):
            SandboxServer(port, state_file=tmp_path / "sandbox.json")
    with SandboxServer(state_file=tmp_path / "sandbox.json"):
        pass


def test_a_port_that_is_none_is_said() -> None:
    with pytest.raises(SandboxError, match="cannot use port 70000"):
        SandboxServer(70000)


def test_it_can_be_stopped_twice_and_with_a_client_that_holds_on() -> None:
    server = SandboxServer().start()
    with httpx.Client(base_url=server.url) as web:
        web.get(ISSUES)
        server.stop()
        server.stop()
        with pytest.raises(httpx.TransportError):
            web.get(ISSUES)


def test_an_answer_is_not_held_back_by_nagles_algorithm() -> None:
    with SandboxServer() as server:
        # asyncio turns it off only for a socket that names its protocol; else every answer takes 40 ms more
        assert server._socket.proto == socket.IPPROTO_TCP


def test_many_writers_at_once_lose_nothing() -> None:
    def write(server: SandboxServer, writer: int) -> None:
        with httpx.Client(base_url=server.url, headers=TOKEN, verify=False) as web:
            for turn in range(10):
                web.post(f"{ISSUES}/1046/comments", json={"body": f"{writer}.{turn}"}).raise_for_status()

    with SandboxServer(reporters_answer=False) as server:
        writers = [threading.Thread(target=write, args=(server, writer)) for writer in range(5)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        comments = httpx.get(f"{server.url}{ISSUES}/1046/comments", params={"per_page": 100}).json()
    assert len({each["id"] for each in comments}) == len({each["body"] for each in comments}) == 50


async def _in_process() -> tuple[int, str]:
    app = create_app(Sandbox())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox.test") as web:
        answer = await web.get(f"{ISSUES}/1046")
        await web.put("/_sandbox/faults", json=[{"fault": "down"}])
        with pytest.raises(ConnectionResetError):
            await web.get(f"{ISSUES}/1046")
    return answer.status_code, answer.json()["url"]


def test_the_application_can_be_called_in_process() -> None:
    assert asyncio.run(_in_process()) == (200, f"http://sandbox.test{ISSUES}/1046")


def test_the_command_says_where_it_serves_names_bad_lines_and_ends_on_a_signal(tmp_path: Path) -> None:
    issues = tmp_path / "issues.jsonl"
    issues.write_text('{"number": 1, "title": "T"}\nnonsense\n', "utf-8")
    program = (
        "import sys; from pathlib import Path; from triage.sandbox import serve;"
        f"sys.exit(serve(0, Path({str(issues)!r}), Path({str(tmp_path / 'sandbox.json')!r})))"
    )
    command = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert command.stdout is not None
        said = command.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert url, said
        assert len(httpx.get(f"{url[0]}{ISSUES}").json()) == 1
        command.send_signal(signal.SIGINT)
        _, complaints = command.communicate(timeout=20)
    finally:
        command.kill()
    assert complaints.startswith(f"{issues}:2: this is not JSON")
    assert complaints.count("\n") == 1
    assert command.returncode == 1
    assert json.loads((tmp_path / "sandbox.json").read_text("utf-8"))["format"] == 1


def test_the_command_refuses_a_port_in_use_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SandboxError, match="choose another port"):
        serve(taken.getsockname()[1])
