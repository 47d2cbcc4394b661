"""What an undo takes back, the undo delay, and giving up."""

from datetime import timedelta
from typing import Any

import pytest

from tests.desk_place import Place
from tests.fake_github import REPOSITORY, START, Fault
from triage.models import GitHubError, Label
from triage.plans import Change, Seen

# --- undo


def test_undo_takes_back_all_that_the_plan_did_and_nothing_else(place: Place) -> None:
    place.github.open_issue(1, labels=("bug",))
    place.desk.post(place.closing(labels=[Label("documentation"), Label("bug")]))
    place.github.comment_as("rita", 1, "Thanks")
    place.github.edit(1, labels=(*place.github.issues[1].labels, "theirs"))
    assert place.desk.undo("p1").state == "done"
    issue = place.github.issues[1]
    assert (issue.state, issue.labels, place.bodies()) == ("open", ("bug", "theirs"), ["Thanks"])
    assert place.store.load_answers(REPOSITORY) == {}


def test_an_undo_given_up_half_way_leaves_the_rest_to_be_undone_and_what_others_put_back(place: Place) -> None:
    place.post(labels=[Label("documentation"), Label("wontfix")])
    place.github.faults = {place.github.writes + 2: "refused"}
    assert place.desk.undo("p1").state == "failed"
    taken_off = ({"documentation", "wontfix"} - set(place.github.issues[1].labels)).pop()
    place.desk.give_up("p1-undo")
    place.github.edit(1, labels=(*place.github.issues[1].labels, taken_off))
    place.github.faults = {}
    assert place.desk.undo("p1").state == "done"
    assert place.github.issues[1].labels == (taken_off,)
    assert place.bodies() == []


@pytest.mark.parametrize("fault", [None, "applied, then 502"])
def test_undo_leaves_a_label_that_was_there_before(place: Place, fault: Fault | None) -> None:
    place.github.edit(1, labels=("documentation",))
    place.github.faults = {2: fault} if fault else {}
    place.post(labels=[Label("documentation"), Label("wontfix")])
    assert place.desk.undo("p1").state == "done"
    assert place.github.issues[1].labels == ("documentation",)


def test_undo_leaves_labels_that_were_all_there_before(place: Place) -> None:
    place.github.edit(1, labels=("documentation",))
    place.post()
    assert place.desk.undo("p1").state == "done"
    assert place.github.issues[1].labels == ("documentation",)


@pytest.mark.parametrize("fault", ["429", "refused"])
def test_undo_leaves_a_label_that_somebody_added_while_ours_were_refused(place: Place, fault: Fault) -> None:
    place.github.faults = {2: fault}
    place.post(labels=[Label("documentation"), Label("wontfix")])
    place.github.edit(1, labels=("documentation",))
    place.clock.move(61)
    assert place.desk.resume("p1").state == "done"
    assert place.desk.undo("p1").state == "done"
    assert place.github.issues[1].labels == ("documentation",)


def test_a_comment_that_github_will_not_delete_is_not_taken_for_deleted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub says "not found" as well to a token that may not do it."""

    def hidden(*_: Any) -> None:
        raise GitHubError("GitHub could not delete the comment (404 Not Found).", refusal="not_found", status=404)

    place.post()
    monkeypatch.setattr(place.github, "delete_comment", hidden)
    undo = place.desk.undo("p1")
    assert (undo.state, len(place.bodies())) == ("failed", 1)
    assert undo.sentence.startswith("GitHub could not delete the comment (404 Not Found).")


def test_undo_brings_the_draft_back_and_unticks(place: Place) -> None:
    place.store.save_draft(REPOSITORY, 1, "ann", "transient", "Please retry.", suggestion="s", at=START)
    place.post()
    place.tick("ann")
    assert place.store.load_drafts(REPOSITORY) == []
    place.desk.undo("p1")
    assert [draft.text for draft in place.store.load_drafts(REPOSITORY)] == ["Please retry."]
    assert place.store.load_ticks(REPOSITORY) == {}


def test_undo_leaves_what_a_colleague_ticked_and_says_so_before(place: Place) -> None:
    place.post()
    place.tick("bob")
    place.tick("ann", 1, "No reply")
    assert place.desk.undo_warnings("p1")[-1] == "bob has ticked “It works” since; that tick stays."
    place.desk.undo("p1")
    assert [tick.person for tick in place.store.load_ticks(REPOSITORY)[1]] == ["bob"]


def test_undo_twice_takes_back_once(place: Place) -> None:
    place.post()
    place.desk.undo("p1")
    assert place.desk.undo("p1").sentence == "This was undone."
    assert place.github.sent.count("delete comment 2") == 1


def test_undo_leaves_an_issue_closed_that_somebody_else_closed_again(place: Place) -> None:
    place.desk.post(place.closing())
    place.github.edit(1, state="closed", closed_at=place.clock() + timedelta(seconds=30))
    outcome = place.desk.undo("p1")
    assert place.github.issues[1].state == "closed"
    assert outcome.sentence.startswith("Left closed, since somebody else closed it again")


def test_undo_reopens_only_what_the_plan_closed(place: Place) -> None:
    plan = place.closing()
    place.github.edit(1, state="closed", state_reason="completed", closed_at=place.clock())
    place.desk.post(plan, anyway=True)
    place.desk.undo("p1")
    assert (place.github.issues[1].state, place.github.issues[1].labels) == ("closed", ())


def test_undo_of_a_comment_that_somebody_deleted_is_no_error(place: Place) -> None:
    place.post()
    place.github.comments[1].clear()
    assert place.desk.undo("p1").state == "done"


def test_undo_of_a_plan_half_done_takes_back_that_half(place: Place) -> None:
    place.github.faults = {2: "refused"}
    place.post()
    assert place.desk.undo("p1").state == "done"
    assert (place.bodies(), place.store.load_unfinished(REPOSITORY)) == ([], [])


def test_undo_of_a_plan_of_which_a_step_is_unclear_waits_and_then_happens_by_itself(place: Place) -> None:
    place.github.faults = {1: "stalled, applied late"}
    place.post()
    waiting = place.desk.undo("p1")
    assert waiting.state == "waiting"
    assert place.wait(waiting).state == "done"
    assert place.bodies() == []
    assert "label" not in " ".join(place.github.sent)


def test_undo_can_be_told_to_stop_where_somebody_has_replied(place: Place) -> None:
    place.post()
    seen = Seen.of(place.github.issues[1], place.github.comments[1])
    place.github.comment_as("rita", 1, "Thanks, that helped")
    assert place.desk.undo("p1", seen=seen).changes == ("rita commented just now",)
    assert place.desk.undo("p1", seen=seen, anyway=True).state == "done"


def test_what_an_undo_cannot_take_back_is_said_before(place: Place) -> None:
    place.post(labels=[Label("fresh")])
    assert len(place.desk.undo_warnings("p1")) == 2
    place.store.save_comments(REPOSITORY, [place.github.comment_as("rita", 1, "Thanks")])
    assert place.desk.undo_warnings("p1")[0] == "rita has replied since; that reply stays."
    place.desk.undo("p1")
    assert place.desk.undo_warnings("p1") == (
        "Labels this click created stay in the repository; they are only removed from this issue.",
    )


def test_a_tick_and_a_dismissal_can_be_undone_from_the_journal(place: Place) -> None:
    tick = place.tick("bob")
    dismissal = place.desk.change(REPOSITORY, Change("dismiss", 1, "bob", text="a duplicate"))
    assert place.store.load_dismissals(REPOSITORY)[1].reason == "a duplicate"
    assert place.desk.undo(tick, person="ann").state == "done"
    assert place.desk.undo(dismissal, person="ann").state == "done"
    assert (place.store.load_ticks(REPOSITORY), place.store.load_dismissals(REPOSITORY)) == ({}, {})
    assert place.github.requests == 0


def test_an_undo_is_not_undone(place: Place) -> None:
    place.post()
    place.desk.undo("p1")
    assert place.desk.undo("p1-undo").sentence == "An undo cannot be undone: post again instead."


# --- the undo delay


def test_with_an_undo_delay_nothing_is_sent_until_it_is_over(place: Place) -> None:
    desk = place.another_desk(undo_seconds=10)
    outcome = desk.post(place.plan())
    assert (outcome.state, outcome.due_at, place.github.sent) == ("waiting", START + timedelta(seconds=10), [])
    assert desk.post(place.plan()).due_at == outcome.due_at  # a second click does not begin the delay anew
    assert place.wait(outcome).state == "done"


def test_within_the_undo_delay_undo_sends_nothing_at_all(place: Place) -> None:
    desk = place.another_desk(undo_seconds=10)
    desk.post(place.plan())
    assert desk.undo("p1").sentence == "This was undone before anything was sent."
    place.clock.move(60)
    assert (desk.run_due(), place.github.sent) == ([], [])
    assert desk.post(place.plan("p2")).state == "waiting"


def test_a_change_during_the_undo_delay_stops_the_plan_and_it_is_shown(place: Place) -> None:
    outcome = place.another_desk(undo_seconds=10).post(place.plan())
    place.github.comment_as("bob", 1, "Wait")
    assert place.wait(outcome).state == "stopped"
    assert [plan.state for plan in place.store.load_unfinished(REPOSITORY)] == ["stopped"]


# --- giving up


def test_a_plan_given_up_is_left_as_it_is_and_makes_room_for_another(place: Place) -> None:
    place.github.faults = {2: "refused"}
    place.post()
    assert place.post(id="p2").state == "busy"
    given_up = place.desk.give_up("p1")
    assert given_up.sentence == "Given up. Done before that: posted the comment."
    assert [step.state for step in given_up.steps] == ["done", "failed"]
    assert place.post(id="p2").state == "done"
    assert place.desk.post(place.plan("p1")).state == "given_up"


def test_giving_up_looks_first_whether_the_last_step_arrived(place: Place) -> None:
    place.github.faults = {1: "stalled, applied late"}
    place.post()
    waiting = place.desk.give_up("p1")
    assert waiting.state == "waiting"
    given_up = place.wait(waiting)
    assert (given_up.state, len(place.bodies())) == ("given_up", 1)
    assert [step.state for step in given_up.steps] == ["done", "left_out"]


def test_an_unknown_plan_is_answered_with_a_sentence(place: Place) -> None:
    for answer in (place.desk.resume("x"), place.desk.give_up("x"), place.desk.undo("x")):
        assert answer.state == "failed"
    assert place.desk.undo_warnings("x") == ()
