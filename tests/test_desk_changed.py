"""An issue that has changed since the maintainer looked stops the click."""

from typing import Any

import pytest

from tests.desk_place import Place
from tests.fake_github import REPOSITORY, START
from triage.models import Label


def test_a_new_comment_stops_the_click_and_the_draft_stays(place: Place) -> None:
    place.store.save_draft(REPOSITORY, 1, "ann", "transient", "Please retry.", suggestion="", at=START)
    plan = place.plan()
    place.github.comment_as("bob", 1, "I answered already")
    place.clock.move(120)
    outcome = place.desk.post(plan)
    assert (outcome.state, outcome.changes) == ("stopped", ("bob commented 2 minutes ago",))
    assert place.github.sent == []
    assert len(place.store.load_drafts(REPOSITORY)) == 1
    assert [comment.author for comment in place.store.load_comments(REPOSITORY)[1]] == ["bob"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"body": "edited"}, "the description was edited"),
        ({"labels": ("bug",)}, "the label bug was added"),
        ({"state": "closed", "state_reason": "completed"}, "the issue was closed as completed"),
        ({"title": "Other"}, "the title is now “Other”"),
    ],
)
def test_whatever_else_has_changed_stops_the_click_too(place: Place, change: dict[str, Any], said: str) -> None:
    plan = place.plan()
    place.github.edit(1, **change)
    assert place.desk.post(plan).changes == (said,)


def test_what_the_maintainer_cannot_see_stops_nothing(place: Place) -> None:
    plan = place.plan()
    place.github.edit(1)  # assigned, say
    assert place.desk.post(plan).state == "done"


def test_post_anyway_posts(place: Place) -> None:
    plan = place.plan()
    place.github.comment_as("bob", 1, "Me too")
    place.desk.post(plan)
    assert place.desk.post(plan, anyway=True).state == "done"


def test_of_two_tabs_with_the_same_issue_the_second_is_stopped_by_the_first(place: Place) -> None:
    first, second = place.plan("p1"), place.plan("p2", person="bob")
    place.desk.post(first)
    outcome = place.desk_of("bob").post(second)
    assert (outcome.state, outcome.changes[0]) == ("stopped", "ann commented just now")


def test_a_reply_while_the_close_waits_stops_the_close_but_not_for_good(place: Place) -> None:
    place.github.faults = {3: "429"}
    waiting = place.desk.post(place.closing())
    place.github.comment_as("rita", 1, "Still failing")
    stopped = place.wait(waiting)
    assert (stopped.state, place.github.issues[1].state) == ("stopped", "open")
    assert place.desk.resume("p1", anyway=True).state == "done"
    assert (place.github.issues[1].state, len(place.github.sent)) == ("closed", 4)


def test_a_reply_while_the_comment_waits_stops_the_comment(place: Place) -> None:
    place.github.faults = {2: "429"}
    waiting = place.post(labels=[Label("fresh")])
    place.github.comment_as("rita", 1, "Solved, thanks")
    stopped = place.wait(waiting)
    assert (stopped.state, stopped.changes) == ("stopped", ("rita commented just now",))
    assert [comment.author for comment in place.github.comments[1]] == ["rita"]
    assert place.desk.resume("p1", anyway=True).state == "done"


def test_a_reply_while_it_was_unclear_whether_the_comment_arrived_stops_it_too(place: Place) -> None:
    place.github.faults = {1: "502, not applied"}
    waiting = place.post()
    place.github.comment_as("rita", 1, "Solved, thanks")
    assert place.wait(waiting).state == "stopped"
    assert "comment 1" not in place.github.sent[1:]


def test_a_label_created_by_the_plan_and_deleted_meanwhile_is_not_created_again_by_accident(place: Place) -> None:
    place.github.faults = {3: "429"}
    waiting = place.post(labels=[Label("fresh", "fbca04")])
    place.github.labels = [label for label in place.github.labels if label.name != "fresh"]
    stopped = place.wait(waiting)
    assert stopped.changes == ("the label fresh is no longer in this repository",)
    assert place.desk.resume("p1", anyway=True).state == "done"
    assert "fresh" not in [label.name for label in place.github.labels]
