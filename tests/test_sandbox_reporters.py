"""Sample issues are as varied as they should be, and their reporters answer in sandbox time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.sandbox import SandboxError, SandboxServer
from triage.sandbox.samples import load_issues_file, load_sample_issues, read_age, read_sample
from triage.sandbox.sandbox import SECONDS_A_MINUTE

ISSUES = "/repos/sandbox/starter-kit/issues"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def web(clock: Clock) -> Iterator[httpx.Client]:
    with SandboxServer(clock=clock) as server, httpx.Client(base_url=server.url, verify=False) as web:
        web.headers["Authorization"] = "Bearer any-token"
        yield web


def respond(web: httpx.Client, number: int, **headers: str) -> dict[str, Any]:
    answer = web.post(f"{ISSUES}/{number}/comments", json={"body": "Please wait and try again."}, headers=headers)
    return dict(answer.raise_for_status().json())


def said(web: httpx.Client, number: int) -> list[tuple[str, str]]:
    comments = web.get(f"{ISSUES}/{number}/comments").json()
    return [(comment["user"]["login"], comment["body"]) for comment in comments]


def advance(web: httpx.Client, minutes: float) -> int:
    return int(web.post("/_sandbox/clock", json={"advance_minutes": minutes}).json()["pending"])


# Reporters


def test_a_reporter_answers_some_minutes_after_the_response(web: httpx.Client) -> None:
    respond(web, 1046)
    assert advance(web, 5.9) == 1
    assert len(said(web, 1046)) == 1
    assert advance(web, 0.1) == 0
    [_, (author, text)] = said(web, 1046)
    assert author == "hedda-lindqvist"
    assert "the third import went through" in text


def test_sandbox_time_runs_by_itself_and_the_first_good_news_comes_within_twenty_seconds(
    web: httpx.Client, clock: Clock
) -> None:
    respond(web, 1046)
    clock.now += timedelta(seconds=6 * SECONDS_A_MINUTE)
    assert timedelta(seconds=10) <= clock.now - NOW <= timedelta(seconds=20)
    assert len(said(web, 1046)) == 2


def test_every_answer_comes_within_a_minute_or_so() -> None:
    issues = load_sample_issues(NOW).repositories["sandbox/starter-kit"].issues.values()
    first = [issue.answers[0].after * SECONDS_A_MINUTE for issue in issues if issue.answers and issue.state == "open"]
    assert 10 <= min(first) <= 20
    assert max(first) <= 60


def test_an_answer_touches_the_issue_and_is_never_in_the_future(web: httpx.Client, clock: Clock) -> None:
    respond(web, 1046)
    clock.now += timedelta(minutes=3)
    issue = web.get(f"{ISSUES}/1046").json()
    assert issue["comments"] == 2
    assert issue["updated_at"] == "2026-11-02T09:03:00Z"
    [*_, answer] = web.get(f"{ISSUES}/1046/comments").json()
    assert answer["created_at"] == issue["updated_at"]


def test_an_answer_is_seen_by_who_asks_for_what_is_new(web: httpx.Client, clock: Clock) -> None:
    since = respond(web, 1046)["created_at"]
    clock.now += timedelta(minutes=3)
    stream = web.get(f"{ISSUES}/comments", params={"since": since, "sort": "updated"}).json()
    assert [comment["user"]["login"] for comment in stream] == ["sandbox-maintainer", "hedda-lindqvist"]


def test_a_response_that_is_taken_back_is_not_answered_but_the_next_one_is(web: httpx.Client) -> None:
    response = respond(web, 1046)
    web.delete(f"{ISSUES}/comments/{response['id']}")
    assert advance(web, 60) == 0
    assert said(web, 1046) == []
    respond(web, 1046)
    advance(web, 60)
    assert len(said(web, 1046)) == 2


def test_one_answer_at_a_time_is_on_its_way(web: httpx.Client) -> None:
    respond(web, 1046)
    respond(web, 1046)
    advance(web, 60)
    assert [author for author, _ in said(web, 1046)].count("hedda-lindqvist") == 1


def test_a_reporter_with_more_to_say_says_it_after_the_next_response(web: httpx.Client) -> None:
    texts = []
    for _ in range(3):
        respond(web, 1043)
        advance(web, 60)
        texts.append([text for author, text in said(web, 1043) if author == "stellan-rydqvist"])
    assert [len(each) for each in texts] == [1, 2, 2]
    assert "Still not working" in texts[1][0]
    assert "Third time lucky" in texts[1][1]


def test_a_reporters_own_comment_is_no_response(web: httpx.Client) -> None:
    respond(web, 1046, Authorization="Bearer login-hedda-lindqvist")
    assert advance(web, 60) == 0


def test_some_never_answer(web: httpx.Client) -> None:
    respond(web, 1042)
    assert advance(web, 600) == 0


def test_reporters_can_be_silent() -> None:
    with SandboxServer(reporters_answer=False) as server, httpx.Client(base_url=server.url, verify=False) as web:
        web.headers["Authorization"] = "Bearer any-token"
        respond(web, 1046)
        assert advance(web, 600) == 0
        assert len(said(web, 1046)) == 1


def test_the_clock_goes_forward_alone(web: httpx.Client) -> None:
    assert web.post("/_sandbox/clock", json={"advance_minutes": -1}).status_code == 422
    assert web.post("/_sandbox/clock", json={}).status_code == 422
    assert web.post("/_sandbox/clock", json=[]).status_code == 422


def test_a_reset_brings_the_first_day_back(web: httpx.Client, clock: Clock) -> None:
    fresh = web.get("/_sandbox/state").json()["repositories"]
    respond(web, 1046)
    web.post(f"{ISSUES}/1046/labels", json=["new"])
    web.patch(f"{ISSUES}/1046", json={"state": "closed"})
    web.post("/_sandbox/reset")
    state = web.get("/_sandbox/state").json()
    assert state["repositories"] == fresh
    assert (state["pending"], state["log"], state["faults"]) == ([], [], [])


def test_the_state_tells_tests_everything(web: httpx.Client) -> None:
    respond(web, 1046)
    web.patch(f"{ISSUES}/1046", json={"state": "closed", "state_reason": "not_planned"})
    state = web.get("/_sandbox/state").json()
    issue = state["repositories"]["sandbox/starter-kit"]["issues"]["1046"]
    assert (issue["state"], issue["state_reason"], issue["labels"]) == ("closed", "not_planned", ["bug", "starter-kit"])
    assert [comment["body"] for comment in issue["comments"]] == ["Please wait and try again."]
    assert [(entry["method"], entry["kind"], entry["status"]) for entry in state["log"]] == [
        ("POST", "comment", 201),
        ("PATCH", "close", 200),
    ]
    assert [(pending["number"], pending["in_minutes"]) for pending in state["pending"]] == [(1046, 6.0)]


# Sample issues


def test_the_samples_age_from_minutes_to_more_than_a_year_and_none_is_from_the_future() -> None:
    issues = load_sample_issues(NOW).repositories["sandbox/starter-kit"].issues
    in_order = [issues[number].created_at for number in sorted(issues)]
    assert in_order == sorted(in_order)
    assert NOW - in_order[-1] < timedelta(minutes=10)
    assert NOW - in_order[0] > timedelta(days=365)
    for issue in issues.values():
        moments = [issue.created_at, *(comment.created_at for comment in issue.comments)]
        assert moments == sorted(moments)
        assert moments[-1] <= issue.updated_at <= NOW
        assert (issue.closed_at is not None) == (issue.state == "closed")


def test_the_samples_are_about_forty_and_their_labels_are_the_repositorys() -> None:
    repository = load_sample_issues(NOW).repositories["sandbox/starter-kit"]
    assert 40 <= len(repository.issues) <= 60
    assert {name for issue in repository.issues.values() for name in issue.labels} <= set(repository.labels)
    assert 5 <= sum(issue.state == "closed" for issue in repository.issues.values()) <= 15
    assert sum(bool(issue.answers) for issue in repository.issues.values()) >= 20


@pytest.mark.parametrize(
    ("text", "age"),
    [("1 minute ago", timedelta(minutes=1)), ("3 weeks", timedelta(weeks=3)), ("2 hours ago", timedelta(hours=2))],
)
def test_an_age_is_read_as_people_say_it(text: str, age: timedelta) -> None:
    assert read_age(text) == age


@pytest.mark.parametrize(
    "text", ["no front matter", "---\ntitle: [\n---\nbody", "---\ntitle: T\n---\n<!-- comment by ann, lately -->\nHi\n"]
)
def test_a_sample_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    sample = tmp_path / "12-odd.md"
    sample.write_text(text, "utf-8")
    with pytest.raises(SandboxError, match=r"12-odd\.md"):
        read_sample(sample)


# Issues from a file

GOOD = (
    '{"number": 7, "title": "T", "body": "B", "labels": ["bug", "New"], "user": "ann", '
    '"comments": [{"user": "bo", "body": "Hi"}]}'
)


def test_issues_can_come_from_a_file_of_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_text(f"{GOOD}\n\n", "utf-8")
    world, problems = load_issues_file(file, NOW)
    issue = world.repositories["sandbox/starter-kit"].issues[7]
    assert problems == ()
    assert (issue.title, issue.body, issue.author, issue.labels) == ("T", "B", "ann", ["bug", "new"])
    assert [(comment.author, comment.body) for comment in issue.comments] == [("bo", "Hi")]
    assert issue.created_at < issue.comments[0].created_at == issue.updated_at < NOW


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "this is not JSON"),
        (b"[" * 100_000, "this is JSON that cannot be read"),
        (b'{"number": 8}', "title is missing"),
        (b'{"number": 8, "title": "T", "labels": [""]}', "labels holds something that is not a name"),
        (b'{"number": 0, "title": "T"}', "number must be from 1"),
        (b'{"number": 99999999999, "title": "T"}', "number must be from 1"),
        (GOOD.encode(), "issue 7 is there already"),
    ],
)
def test_a_malformed_line_is_named_and_the_others_are_served(tmp_path: Path, line: bytes, words: str) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_bytes(GOOD.encode() + b"\n" + line + b'\n{"number": 9, "title": "N"}\n')
    world, [problem] = load_issues_file(file, NOW)
    assert problem.startswith(f"{file}:2: ")
    assert words in problem
    assert set(world.repositories["sandbox/starter-kit"].issues) == {7, 9}


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"cannot be read \(No such file or directory\)"):
        SandboxServer(issues_file=tmp_path / "none.jsonl")


def test_reporters_of_a_file_answer_too(tmp_path: Path) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_text(
        "\n".join(f'{{"number": {number}, "title": "T", "user": "ann"}}' for number in range(4, 8)), "utf-8"
    )
    with SandboxServer(issues_file=file) as server, httpx.Client(base_url=server.url, verify=False) as web:
        web.headers["Authorization"] = "Bearer any-token"
        for number in range(4, 8):
            respond(web, number)
        advance(web, 60)
        assert [len(said(web, number)) for number in range(4, 8)] == [2, 2, 2, 1]
