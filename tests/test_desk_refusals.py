"""GitHub says no, or nothing: what is looked up, sent again or left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.desk_place import Place
from tests.fake_github import REPOSITORY, START
from tests.plan_options import plan_with
from triage.desk.pacing import WritePacer
from triage.desk.steps import SETTLING
from triage.desk.waits import FIRST_BACK_OFF, LEASE, MOST_TRIES
from triage.models import Comment, GitHubError, Label
from triage.plans import Click, Seen
from triage.store import Holder, StoreError, schema


def test_a_refusal_says_what_failed_what_was_done_and_can_be_resumed(place: Place) -> None:
    place.github.faults = {2: "refused"}
    outcome = place.post()
    assert outcome.state == "failed"
    assert outcome.sentence == "GitHub refused. Done before that: posted the comment."
    assert [step.state for step in outcome.steps] == ["done", "failed"]
    assert [plan.id for plan in place.store.load_unfinished(REPOSITORY)] == ["p1"]
    assert place.desk.resume("p1").state == "done"
    assert len(place.bodies()) == 1


def test_a_refused_first_step_leaves_nothing_behind_and_the_text_may_be_changed(place: Place) -> None:
    place.github.faults = {1: "refused"}
    assert place.post().sentence == "GitHub refused. Nothing was sent, and your text is kept."
    assert place.post(text="Another text").state == "done"
    assert place.bodies() == ["Another text\n\n<!-- triage: p1 -->"]


def test_no_connection_at_the_click_sends_nothing_and_says_so(place: Place) -> None:
    place.github.down_until = START + timedelta(seconds=60)
    assert place.post().sentence == "There is no connection to GitHub. Nothing was sent, and your text is kept."
    place.clock.move(61)
    assert place.post().state == "done"


def test_a_write_without_a_clear_answer_is_counted_when_it_is_found(place: Place) -> None:
    place.github.faults = {1: "applied, then 502"}
    assert place.post().state == "done"
    assert len(place.bodies()) == 1


def test_a_write_that_is_not_found_is_sent_again_only_when_it_can_no_longer_arrive(place: Place) -> None:
    place.github.faults = {1: "stalled, applied late"}
    outcome = place.post()
    assert outcome.state == "waiting"
    assert outcome.due_at == place.clock() + SETTLING
    assert place.desk.resume("p1").state == "waiting"  # too early, whoever asks
    assert place.wait(outcome).state == "done"
    assert len(place.bodies()) == 1


def test_a_write_that_was_long_on_its_way_is_sent_again_only_after_github_had_time_to_end_it(place: Place) -> None:
    place.github.faults = {1: "long on its way, applied late"}
    outcome = place.post()
    assert outcome.due_at == place.clock() + SETTLING
    assert place.wait(outcome).state == "done"
    assert len(place.bodies()) == 1


def test_of_an_attempt_cut_off_by_a_crash_the_end_is_not_known_and_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place.github, "create_comment", killed)
        with pytest.raises(KeyboardInterrupt):
            place.post()
    place.clock.move(LEASE.total_seconds() + 1)
    outcome = place.desk.run_due()[0]
    assert (outcome.state, outcome.due_at) == ("waiting", START + LEASE + SETTLING)
    assert place.wait(outcome).state == "done"


def test_a_slow_look_says_only_what_was_so_when_it_began(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.github.faults = {1: "stalled, applied late"}
    fetch = place.github.fetch_comments

    def slowly(repository: str, number: int) -> list[Comment]:
        found = fetch(repository, number)
        place.clock.move(30)
        return found

    monkeypatch.setattr(place.github, "fetch_comments", slowly)
    outcome = place.post()
    assert outcome.state == "waiting"
    assert place.wait(outcome).state == "done"
    assert len(place.bodies()) == 1


def test_the_marker_is_found_among_hundreds_of_comments(place: Place) -> None:
    place.github.faults = {1: "applied, then reset"}
    for _ in range(250):
        place.github.comment_as("rita", 1, "<!-- triage: p1 --> quoted in the midst of a text")
    assert place.post().state == "done"
    assert sum(body.endswith("<!-- triage: p1 -->") for body in place.bodies()) == 1


@pytest.mark.parametrize(
    "edited",
    ["Please retry.\n\n<!-- triage: p1 -->\n\nEdit: or tomorrow.", "Please retry.", "Please  retry.\r\n"],
    ids=["written on below the marker", "marker taken away", "marker taken away and spaced anew"],
)
def test_a_comment_that_its_author_edited_on_github_is_found_all_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch, edited: str
) -> None:
    plan = place.plan()
    with monkeypatch.context() as patch:
        patch.setattr("triage.desk.plan_run.send", killed_after(place, edited))
        with pytest.raises(KeyboardInterrupt):
            place.desk.post(plan)
    place.clock.move(3600)
    assert place.desk.resume("p1").state == "done"
    assert place.bodies() == [edited]
    place.desk.undo("p1")
    assert place.bodies() == []


def killed_after(place: Place, body: str) -> Any:
    """Sends the comment, which its author then edits to `body`; and the process ends before it knows."""

    def send(*_: Any) -> None:
        place.github.comment_as("ann", 1, body)
        raise KeyboardInterrupt

    return send


def test_a_comment_of_the_same_person_that_says_something_else_is_shown_before_anything_is_sent_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = place.plan()
    with monkeypatch.context() as patch:
        patch.setattr("triage.desk.plan_run.send", killed_after(place, "Rewritten from the first word to the last"))
        with pytest.raises(KeyboardInterrupt):
            place.desk.post(plan)
    place.clock.move(3600)
    assert place.desk.resume("p1").changes == ("ann commented an hour ago",)
    assert len(place.bodies()) == 1


def test_giving_up_ends_a_plan_whose_issue_is_gone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise GitHubError("The issue was deleted.", refusal="gone", status=410)

    place.github.faults = {1: "502, not applied"}
    place.post()
    monkeypatch.setattr(place.github, "fetch_issue", gone)
    place.clock.move(60)
    assert place.desk.resume("p1").state == "failed"
    outcome = place.desk.give_up("p1")
    assert (outcome.state, outcome.steps[0].words) == ("given_up", "whether it arrived can no longer be checked")
    assert place.store.load_unfinished(REPOSITORY) == []


def test_a_limit_that_names_no_wait_is_not_asked_again_every_second(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(*_: Any) -> None:
        raise GitHubError("Wait.", refusal="rate_limited", status=403, retry_at=place.clock())

    monkeypatch.setattr(place.github, "create_comment", limited)
    assert place.post().due_at == START + FIRST_BACK_OFF


def test_a_clock_put_back_does_not_make_the_quiet_longer(place: Place) -> None:
    place.github.faults = {1: "429"}
    place.post()
    place.github.quiet_until = START - timedelta(days=2)
    place.clock.move(-86_400)
    assert place.desk.resume("p1").state == "done"


def test_threads_that_post_at_once_keep_to_the_limit_together(place: Place) -> None:
    desk = place.another_desk(pacer=WritePacer(per_minute=3))
    plans = []
    for number in range(2, 12):
        seen = Seen.of(place.github.open_issue(number), [])
        plans.append(plan_with(Click(f"q{number}", REPOSITORY, number, "ann", START, seen), [], text="Hello"))
    with ThreadPoolExecutor(10) as threads:
        states = [outcome.state for outcome in threads.map(desk.post, plans)]
    assert (states.count("done"), len(place.github.sent)) == (3, 3)


def test_a_rate_limit_becomes_a_wait_and_the_plan_goes_on_by_itself(place: Place) -> None:
    place.github.faults = {2: "403 secondary"}
    outcome = place.post()
    assert outcome.state == "waiting"
    assert place.desk.run_due() == []
    assert place.wait(outcome).state == "done"
    assert not [sent for sent in place.github.sent if "too early" in sent]


def test_while_github_asks_for_quiet_no_other_plan_of_the_token_is_sent(place: Place) -> None:
    place.github.open_issue(2)
    place.github.faults = {1: "429"}
    first = place.post()
    seen = Seen.of(place.github.issues[2], [])
    other = plan_with(Click("p2", REPOSITORY, 2, "ann", START, seen), [], text="Hello")
    second = place.desk.post(other)
    assert (second.state, second.due_at) == ("waiting", first.due_at)
    assert len(place.github.sent) == 1


def test_writes_are_paced_and_wait_without_sleeping(place: Place) -> None:
    desk = place.another_desk(pacer=WritePacer(per_minute=1))
    outcome = desk.post(place.plan(labels=[Label("fresh")]))
    assert (outcome.state, place.github.sent) == ("waiting", ["create label fresh"])
    assert outcome.due_at is not None
    place.clock.now = outcome.due_at
    assert desk.run_due()[0].state == "done"


def test_a_plan_begun_waits_longer_each_time_github_fails_and_then_for_a_person(place: Place) -> None:
    place.github.faults = {2: "refused"}
    place.post()
    place.github.down_until = START + timedelta(days=1)
    outcome = place.desk.resume("p1")
    waits = []
    for _ in range(MOST_TRIES):
        if outcome.state != "waiting":
            break
        assert outcome.due_at is not None
        waits.append((outcome.due_at - place.clock()).total_seconds())
        outcome = place.wait(outcome)
    assert waits[:4] == [5, 10, 20, 40]
    assert max(waits) == 300
    assert outcome.state == "failed"


def test_a_fault_of_ours_in_the_midst_gives_the_claim_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(place.github, "add_labels", broken)
    with pytest.raises(RuntimeError):
        place.post()
    monkeypatch.undo()
    place.clock.move((LEASE + SETTLING).total_seconds())
    assert [outcome.state for outcome in place.desk.run_due()] == ["done"]
    assert len(place.bodies()) == 1


def test_a_plan_that_cannot_be_read_keeps_no_other_from_its_turn(place: Place) -> None:
    place.github.open_issue(2)
    seen = Seen.of(place.github.issues[2], [])
    for number in (1, 2):
        plan = plan_with(Click(f"q{number}", REPOSITORY, number, "ann", START, seen), [], text="Hello")
        place.store.add_plan(plan, Holder("killed-1", START, START), anyway=True)
    with place.store._write() as connection:
        later = sa.update(schema.plans).where(schema.plans.c.id == "q1").values(document={"of": "a later version"})
        connection.execute(later)
    place.clock.move(1)
    with pytest.raises(StoreError, match="another version"):
        place.desk.run_due()
    assert [len(place.github.comments.get(number, [])) for number in (1, 2)] == [0, 1]
