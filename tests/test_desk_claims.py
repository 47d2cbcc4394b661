"""Two windows, two people, two processes on one store: who may work on a plan."""

from typing import Any

import pytest

from tests.desk_place import Place
from tests.fake_github import START
from triage.desk import ClickResult
from triage.desk.steps import SETTLING
from triage.desk.waits import LEASE
from triage.models import GitHubError
from triage.store import Holder, StoreError

# --- claims


def test_whoever_clicks_while_another_is_at_work_is_told_who(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[ClickResult] = []
    create = place.github.create_comment

    def slow(*args: Any) -> Any:
        told.append(place.desk_of("bob").post(place.plan("p2", person="bob")))
        told.append(place.another_desk().resume("p1"))
        told.extend(place.another_desk().run_due())
        return create(*args)

    monkeypatch.setattr(place.github, "create_comment", slow)
    assert place.post().state == "done"
    assert [outcome.state for outcome in told] == ["busy", "busy"]
    assert told[0].sentence.startswith("ann is posting to #1 in another")


def test_a_worker_that_could_not_give_its_claim_back_does_not_keep_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> bool:
        raise StoreError("The disk of the store is full: make room, then try again.")

    with monkeypatch.context() as patch:
        patch.setattr(place.store, "leave_plan", full)
        with pytest.raises(StoreError):
            place.post()
    assert place.desk.resume("p1").state == "done"
    assert len(place.bodies()) == 1


def test_a_machine_that_wakes_up_in_the_midst_of_a_request_does_not_overtake_itself(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = place.github.create_comment
    meanwhile: list[ClickResult] = []

    def suspended(*args: Any) -> Any:
        place.clock.move(3600)
        meanwhile.extend(place.another_desk().run_due())
        return create(*args)

    monkeypatch.setattr(place.github, "create_comment", suspended)
    assert place.post().state == "done"
    assert [outcome.state for outcome in meanwhile] == ["busy"]
    assert len(place.bodies()) == 1


def test_whoever_resumes_too_early_after_a_kill_is_told_when_it_goes_on(place: Place) -> None:
    place.store.add_plan(place.plan(), Holder("killed-1", START, START + LEASE))
    told = place.desk.resume("p1")
    assert (told.state, told.due_at) == ("busy", START + LEASE)
    assert told.sentence.endswith("If that window crashed, it resumes at 09:00:45 UTC.")
    place.clock.move(LEASE.total_seconds())
    assert [outcome.state for outcome in place.desk.run_due()] == ["done"]


def test_a_worker_overtaken_while_it_slept_writes_nothing_more(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    create = place.github.create_comment

    def asleep(*args: Any) -> Any:
        place.clock.move(LEASE.total_seconds() + 1)
        taken = place.store.claim_plan("p1", Holder("other-1", place.clock(), place.clock() + LEASE))
        assert taken is not None
        assert taken.won
        return create(*args)

    monkeypatch.setattr(place.github, "create_comment", asleep)
    assert place.post().state == "busy"
    monkeypatch.undo()
    place.clock.move(LEASE.total_seconds() + 1)
    assert place.desk.run_due()[0].state == "done"
    assert len(place.bodies()) == 1


def test_a_worker_overtaken_before_it_sent_sends_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    start = place.store.write_step

    def asleep(*args: Any, **options: Any) -> bool:
        written = start(*args, **options)
        monkeypatch.setattr(place.store, "write_step", start)
        place.clock.move((LEASE + SETTLING).total_seconds() + 1)
        claim = place.store.claim_plan("p1", Holder("other-1", place.clock(), place.clock() + LEASE))
        assert claim is not None
        assert claim.won
        return written

    monkeypatch.setattr(place.store, "write_step", asleep)
    assert place.post().state == "busy"
    assert place.github.sent == []


def test_a_store_that_is_slow_delays_a_step_and_loses_none(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    start = place.store.write_step

    def slow(*args: Any, **options: Any) -> bool:
        written = start(*args, **options)
        if options.get("lease_until"):
            place.clock.move(5)
        return written

    monkeypatch.setattr(place.store, "write_step", slow)
    outcome = place.post()
    assert (outcome.state, place.github.sent) == ("waiting", [])
    monkeypatch.undo()
    assert place.wait(outcome).state == "done"
    assert len(place.bodies()) == 1


# --- people with tokens of their own, on one store


def test_a_plan_goes_on_by_itself_only_under_the_name_that_it_was_made_for(place: Place) -> None:
    ann, bob = place.desk_of("ann", undo_seconds=10), place.desk_of("bob", undo_seconds=10)
    ann.post(place.plan())
    place.clock.move(11)
    assert bob.run_due() == []
    assert [outcome.state for outcome in ann.run_due()] == ["done"]
    assert [comment.author for comment in place.github.comments[1]] == ["ann"]


def test_a_colleague_cannot_go_on_under_another_name_but_can_give_it_up(place: Place) -> None:
    place.github.faults = {1: "429"}
    place.post()
    told = place.desk_of("bob").resume("p1")
    assert told.state == "busy"
    assert told.sentence.startswith("ann started this, and this dashboard posts as bob")
    assert place.desk_of("bob").give_up("p1").state == "given_up"
    assert place.bodies() == []


def test_a_colleague_takes_back_a_click_under_their_own_name(place: Place) -> None:
    place.post()
    assert place.desk_of("bob").undo("p1", person="bob").state == "done"
    assert [plan.person for plan in place.store.load_undos("p1")] == ["bob"]


def test_nothing_is_posted_under_a_name_that_the_token_does_not_have(place: Place) -> None:
    outcome = place.desk_of("bob").post(place.plan(person="ann"))
    assert (outcome.state, place.bodies()) == ("failed", [])
    assert outcome.sentence.endswith("Nothing was sent, and your text is kept.")


def test_whose_token_it_is_is_not_asked_every_second(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def unreachable() -> str:
        asked.append("who")
        raise GitHubError("There is no connection to GitHub.", refusal="unreachable")

    with monkeypatch.context() as patch:
        patch.setattr(place.github, "fetch_viewer", unreachable)
        for _ in range(10):
            assert place.desk.post(place.plan()).sentence.startswith("There is no connection")
            place.clock.move(1)
    assert len(asked) == 2
    place.clock.move(5)
    assert place.post().state == "done"
