"""Faults on order strike the requests they are meant for, and leave behind what they say they leave behind."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from triage.sandbox import SandboxServer

REPOSITORY = "/repos/sandbox/starter-kit"
ISSUE = f"{REPOSITORY}/issues/1046"


@pytest.fixture
def web(server: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer t"}, verify=False) as web:
        web.post("/_sandbox/reset").raise_for_status()
        yield web


def order(web: httpx.Client, *rules: dict[str, Any]) -> None:
    web.put("/_sandbox/faults", json=list(rules)).raise_for_status()


def comment(web: httpx.Client, body: str = "Try again, please.") -> httpx.Response:
    return web.post(f"{ISSUE}/comments", json={"body": body})


def bodies(web: httpx.Client) -> list[str]:
    return [each["body"] for each in web.get(f"{ISSUE}/comments").json()]


def log(web: httpx.Client) -> list[dict[str, Any]]:
    return list(web.get("/_sandbox/state").json()["log"])


@pytest.mark.parametrize(
    ("rule", "status", "applied"),
    [
        ({"fault": "refused"}, 403, False),
        ({"fault": "refused", "status": 422}, 422, False),
        ({"fault": "applied_but_502"}, 502, True),
        ({"fault": "not_applied_502"}, 502, False),
        ({"fault": "unauthorized_401"}, 401, False),
        ({"fault": "down", "status": 503}, 503, False),
        ({"fault": "stalled", "seconds": 0}, 201, True),
        ({"fault": "stalled", "seconds": 0, "applied": False}, 502, False),
    ],
)
def test_a_fault_answers_as_it_says_and_does_or_does_not_apply(
    web: httpx.Client, rule: dict[str, Any], status: int, applied: bool
) -> None:
    order(web, rule | {"kind": "comment"})
    assert comment(web).status_code == status
    assert bodies(web) == ["Try again, please."] * applied
    [entry] = log(web)
    assert (entry["kind"], entry["status"], entry["applied"], entry["fault"]) == (
        "comment",
        status,
        applied,
        rule["fault"],
    )


@pytest.mark.parametrize(
    ("fault", "error", "applied"),
    [
        ("applied_but_reset", httpx.ReadError, True),
        ("not_applied_reset", httpx.ReadError, False),
        ("applied_but_cut", httpx.RemoteProtocolError, True),
        ("down", httpx.RemoteProtocolError, False),
    ],
)
def test_a_broken_connection_is_a_real_one_and_the_next_request_is_answered(
    web: httpx.Client, capfd: pytest.CaptureFixture[str], fault: str, error: type[Exception], applied: bool
) -> None:
    order(web, {"fault": fault, "kind": "comment"})
    with pytest.raises(error):
        comment(web)
    assert bodies(web) == ["Try again, please."] * applied
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("fault", "status"), [("secondary_403", 403), ("rate_429", 429)])
def test_the_secondary_limit_says_how_long_to_wait(web: httpx.Client, fault: str, status: int) -> None:
    order(web, {"fault": fault, "retry_after": 7})
    answer = comment(web)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert "secondary rate limit" in answer.json()["message"]
    assert comment(web).status_code == 201


def test_rules_are_used_up_in_order(web: httpx.Client) -> None:
    order(web, {"fault": "not_applied_502", "times": 2}, {"fault": "rate_429"})
    assert [comment(web).status_code for _ in range(4)] == [502, 502, 429, 201]
    assert web.get("/_sandbox/faults").json() == []


def test_a_rule_can_let_the_first_requests_pass(web: httpx.Client) -> None:
    order(web, {"fault": "not_applied_502", "kind": "comment", "skip": 2})
    assert [comment(web).status_code for _ in range(4)] == [201, 201, 502, 201]


@pytest.mark.parametrize(
    ("kind", "method", "path", "sent"),
    [
        ("read", "GET", ISSUE, None),
        ("comment", "POST", f"{ISSUE}/comments", {"body": "x"}),
        ("add_labels", "POST", f"{ISSUE}/labels", {"labels": ["bug"]}),
        ("set_labels", "PUT", f"{ISSUE}/labels", {"labels": ["bug"]}),
        ("remove_label", "DELETE", f"{ISSUE}/labels/bug", None),
        ("create_label", "POST", f"{REPOSITORY}/labels", {"name": "new"}),
        ("close", "PATCH", ISSUE, {"state": "closed"}),
        ("reopen", "PATCH", ISSUE, {"state": "open"}),
        ("edit", "PATCH", ISSUE, {"title": "T"}),
        ("delete_comment", "DELETE", f"{REPOSITORY}/issues/comments/1", None),
        ("edit_comment", "PATCH", f"{REPOSITORY}/issues/comments/1", {"body": "x"}),
    ],
)
def test_a_rule_strikes_its_kind_alone(
    web: httpx.Client, kind: str, method: str, path: str, sent: dict[str, Any] | None
) -> None:
    order(web, {"fault": "rate_429", "kind": kind})
    other = ("GET", f"{REPOSITORY}/labels") if kind != "read" else ("PATCH", ISSUE)
    assert web.request(*other, json={"title": "T"}).status_code == 200
    assert web.request(method, path, json=sent).status_code == 429


def test_a_rule_can_name_method_path_and_person(web: httpx.Client) -> None:
    order(web, {"fault": "rate_429", "method": "POST", "path": "/repos/*/issues/1047/*", "login": "Ann"})
    ann = {"Authorization": "Bearer login-ann"}
    assert comment(web).status_code == 201
    assert web.post(f"{REPOSITORY}/issues/1047/comments", json={"body": "x"}).status_code == 201
    assert web.get(f"{REPOSITORY}/issues/1047/comments", headers=ann).status_code == 200
    assert web.post(f"{REPOSITORY}/issues/1047/comments", json={"body": "x"}, headers=ann).status_code == 429


def test_down_lasts_for_as_many_requests_as_ordered(web: httpx.Client) -> None:
    order(web, {"fault": "down", "status": 503, "times": 3})
    assert [web.get(ISSUE).status_code for _ in range(4)] == [503, 503, 503, 200]


def test_down_for_a_minute_ends_after_a_minute(later: "Later") -> None:
    with SandboxServer(clock=later) as server, httpx.Client(base_url=server.url, verify=False) as web:
        order(web, {"fault": "down", "status": 503, "seconds": 60})
        later.seconds += 3600  # it begins with the first request that it strikes
        assert web.get(ISSUE).status_code == 503
        later.seconds += 59
        assert web.get(ISSUE).status_code == 503
        later.seconds += 1
        assert web.get(ISSUE).status_code == 200


def test_a_stalled_answer_outlasts_the_clients_patience_but_is_applied(web: httpx.Client) -> None:
    order(web, {"fault": "stalled", "seconds": 30, "kind": "comment"})
    with pytest.raises(httpx.ReadTimeout):
        web.post(f"{ISSUE}/comments", json={"body": "x"}, timeout=0.1)
    assert bodies(web) == ["x"]


def test_a_stalled_answer_holds_up_nobody_else_and_no_stop() -> None:
    failures: list[Exception] = []

    def wait(url: str) -> None:
        try:
            httpx.post(f"{url}{ISSUE}/comments", json={"body": "x"}, headers={"Authorization": "Bearer t"}, timeout=60)
        except httpx.TransportError as error:
            failures.append(error)

    with SandboxServer() as server, httpx.Client(base_url=server.url, verify=False) as web:
        order(web, {"fault": "stalled", "seconds": 60, "kind": "comment"})
        waiting = threading.Thread(target=wait, args=(server.url,))
        waiting.start()
        while not bodies(web):
            time.sleep(0.01)
        begun = time.monotonic()
    waiting.join()
    assert len(failures) == 1
    assert time.monotonic() - begun < 5


def test_rules_can_be_seen_added_and_cleared(web: httpx.Client) -> None:
    order(web, {"fault": "down", "times": 2})
    shown = web.post("/_sandbox/faults", json={"rules": [{"fault": "refused", "kind": "close"}]}).json()
    assert [rule["fault"] for rule in shown] == ["down", "refused"]
    assert web.get("/_sandbox/faults").json() == shown
    assert web.put("/_sandbox/faults", json=shown).json() == shown
    assert web.delete("/_sandbox/faults").json() == []
    assert web.get(ISSUE).status_code == 200


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([{"fault": "explodes"}], "Rule 1 needs a fault"),
        ([{"fault": "down"}, {"fault": "down", "kind": "dance"}], "Rule 2 has an unknown kind dance"),
        ([{"fault": "down", "when": "now"}], "Rule 1 has an unknown field when"),
        ([{"fault": "down", "times": "two"}], "Rule 1 has a wrong value for times"),
        (["down"], "Rule 1 is not an object"),
        ("down", "Send a list of rules"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_a_sentence(web: httpx.Client, rules: Any, words: str) -> None:
    answer = web.put("/_sandbox/faults", json=rules)
    assert answer.status_code == 422
    assert words in answer.json()["message"]


def test_a_refusal_of_its_own_is_no_applied_write(web: httpx.Client) -> None:
    order(web, {"fault": "applied_but_502", "kind": "comment"})
    assert comment(web, "").status_code == 502
    assert [entry["applied"] for entry in log(web)] == [False]


class Later:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.seconds = 0

    def __call__(self) -> datetime:
        return datetime(2026, 11, 2, 9, 0, tzinfo=UTC) + timedelta(seconds=self.seconds)


@pytest.fixture
def later() -> Later:
    return Later()
