"""A store written by an earlier version opens, and its unfinished plans go on.

`tests/databases/0001.sql` was written when the journal kept a change as its wording alone, and plans and findings by
code of their own. In it #1 was answered and ticked; on #2 a process died after it had posted its comment; #3 waits out
its undo delay; #4 was dismissed; the answer on #5 was undone.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fake_github import REPOSITORY, START, Clock, FakeGitHub
from triage.closure import ClosePolicy
from triage.desk import Desk
from triage.desk.steps import SETTLING
from triage.desk.waits import LEASE
from triage.models import Label
from triage.plans import with_marker
from triage.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    connection = sqlite3.connect(tmp_path / "triage.db")
    connection.executescript(Path(__file__).with_name("databases").joinpath("0001.sql").read_text(encoding="utf-8"))
    connection.close()
    store = Store.open(f"sqlite:///{tmp_path / 'triage.db'}")
    yield store
    store.shut()


@pytest.fixture
def github(store: Store) -> FakeGitHub:
    """GitHub as it was left then."""
    github = FakeGitHub(Clock(START + timedelta(seconds=1)), labels=[Label("documentation"), Label("wontfix")])
    github.first_id = 100
    for issue in store.load_issues(REPOSITORY):
        github.issues[issue.number] = issue
    comments = store.load_comments(REPOSITORY)
    github.comments = {number: list(comments.get(number, [])) for number in github.issues}
    (posted,) = comments[1]
    body = with_marker("Please retry.", "p2")
    github.comments[2] = [replace(posted, id=3, number=2, body=body)]
    github.comments[3] = [replace(posted, id=4, number=3, author="rita", body="Me too")]
    github.clock.move(60)
    return github


def test_all_that_was_written_is_read(store: Store) -> None:
    (posted,) = store.load_answers(REPOSITORY)[1]
    assert (posted.plan_id, posted.comment_id, posted.criteria) == ("p1", 2, ("It works",))
    assert posted.close == ClosePolicy("all", "not_planned", ("wontfix",))
    ((issue, finding),) = store.load_candidates(REPOSITORY)
    assert (issue.number, finding.kind, finding.codes) == (1, "transient_import", ("80097376",))
    assert [cause.key for cause in finding.causes] == ["bad_gateway"]
    assert [tick.text for tick in store.load_ticks(REPOSITORY)[1]] == ["It works"]
    assert {plan.id: plan.state for plans in store.load_plans(REPOSITORY).values() for plan in plans} == {
        "p1": "done", "the-tick": "done", "p2": "running", "p3": "waiting", "the-dismiss": "done", "p5": "undone",
        "p5-undo": "done",
    }  # fmt: skip


def test_what_was_posted_before_the_process_died_is_found_and_the_rest_is_sent(
    store: Store, github: FakeGitHub
) -> None:
    desk = Desk(github, store, clock=github.clock)
    github.clock.move((LEASE + SETTLING).total_seconds())
    ended = {result.plan_id: result.state for result in desk.run_due()}
    assert ended["p2"] == "done"
    assert len(github.comments[2]) == 1
    assert (github.issues[2].state, github.issues[2].labels) == ("closed", ("documentation",))
    assert [draft.text for draft in store.load_drafts(REPOSITORY, retired=True)] == ["Please retry."]


def test_a_click_that_waited_is_sent(store: Store, github: FakeGitHub) -> None:
    desk = Desk(github, store, clock=github.clock)
    assert {result.plan_id: result.state for result in desk.run_due()}["p3"] == "done"
    assert [comment.author for comment in github.comments[3]] == ["rita", "ann"]


def test_what_was_done_can_be_undone(store: Store, github: FakeGitHub) -> None:
    desk = Desk(github, store, clock=github.clock)
    assert desk.undo("the-tick").state == "done"
    assert desk.undo("the-dismiss").state == "done"
    assert (store.load_ticks(REPOSITORY), store.load_dismissals(REPOSITORY)) == ({}, {})
    assert desk.undo("p1").state == "done"
    assert (github.comments[1], github.issues[1].labels) == ([], ())
