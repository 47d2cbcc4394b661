"""The use cases one by one, with a GitHub in memory and a clock that stands still."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.fake_github import REPOSITORY, START, Clock, FakeGitHub, Fault
from tests.plan_options import plan_with
from triage.desk import DRAFTS_KEPT, ClickResult, Desk
from triage.desk.pacing import WritePacer
from triage.desk.steps import SETTLING
from triage.desk.waits import FIRST_BACK_OFF, LEASE, MOST_TRIES
from triage.models import Comment, GitHubError, Label
from triage.plans import Change, Click, Plan, Seen, plan_to_json
from triage.store import Holder, PlanRecord, StepRecord, Store, StoreError


class Place:
    """A desk, its store and GitHub, and what a maintainer does there."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.github = FakeGitHub(self.clock, labels=[Label("documentation", "0075ca"), Label("wontfix")])
        self.github.open_issue(1)
        self.store = Store.open("sqlite://")
        self.desk = self.another_desk()

    def another_desk(self, **options: Any) -> Desk:
        return Desk(self.github, self.store, clock=self.clock, **options)

    def desk_of(self, person: str, **options: Any) -> Desk:
        """The desk of a colleague, who has a token of their own, on the same store."""
        github = FakeGitHub(
            self.clock, self.github.issues, self.github.comments, self.github.labels, viewer=person, first_id=1000
        )
        return Desk(github, self.store, clock=self.clock, **options)

    def plan(self, id: str = "p1", text: str = "Please retry.", person: str = "ann", **options: Any) -> Plan:
        options.setdefault("labels", [Label("documentation")])
        seen = Seen.of(self.github.issues[1], self.github.comments.get(1, []))
        click = Click(id, REPOSITORY, 1, person, self.clock(), seen)
        return plan_with(click, self.github.labels, template="transient", text=text, **options)

    def post(self, *, anyway: bool = False, **options: Any) -> ClickResult:
        return self.desk.post(self.plan(**options), anyway=anyway)

    def tick(self, person: str, criterion: int = 0, text: str = "It works") -> str:
        return self.desk.change(REPOSITORY, Change("tick", 1, person, "transient", criterion, text))

    def closing(self, **options: Any) -> Plan:
        return self.plan(close_reason="not_planned", closing_labels=[Label("wontfix")], **options)

    def wait(self, outcome: ClickResult) -> ClickResult:
        assert outcome.due_at is not None
        self.clock.now = max(self.clock.now, outcome.due_at)
        return self.desk.run_due()[0]

    def bodies(self) -> list[str]:
        return [comment.body for comment in self.github.comments.get(1, [])]


@pytest.fixture
def place() -> Iterator[Place]:
    place = Place()
    yield place
    place.store.shut()


# --- posting


def test_the_draft_is_posted_byte_for_byte_with_its_marker_and_labelled(place: Place) -> None:
    text = "  Zeile eins  \n\n\t`code` – “quoted”\n"
    outcome = place.post(text=text)
    assert (outcome.state, outcome.sentence) == ("done", "Posted the comment; added documentation.")
    assert place.bodies() == [text + "\n\n<!-- triage: p1 -->"]
    assert place.github.issues[1].labels == ("documentation",)


def test_a_second_click_posts_nothing_and_says_so(place: Place) -> None:
    place.post()
    again = place.desk.post(place.plan())
    assert (again.state, len(place.bodies())) == ("done", 1)
    assert again.sentence.startswith("This was done already")


def test_the_order_is_new_labels_comment_labels_close(place: Place) -> None:
    place.desk.post(place.closing(labels=[Label("transient", "fbca04", "Goes away")]))
    assert place.github.sent == ["create label transient", "comment 1", "label 1 wontfix,transient", "close 1"]
    assert Label("transient", "fbca04", "Goes away") in place.github.labels


def test_a_label_in_other_case_is_mapped_to_the_existing_one(place: Place) -> None:
    place.post(labels=[Label("Documentation")])
    assert place.github.issues[1].labels == ("documentation",)
    assert [label.name for label in place.github.labels] == ["documentation", "wontfix"]


def test_a_label_that_the_maintainer_leaves_out_is_not_created(place: Place) -> None:
    place.post(labels=[Label("documentation"), Label("typo")], leave_out=["typo"])
    assert "typo" not in [label.name for label in place.github.labels]


def test_a_label_deleted_since_the_preview_stops_the_click_and_is_never_created_by_accident(place: Place) -> None:
    plan = place.plan()
    place.github.labels.clear()
    stopped = place.desk.post(plan)
    assert stopped.changes == ("the label documentation is no longer in this repository",)
    assert place.desk.post(plan, anyway=True).state == "done"
    assert (place.github.labels, len(place.bodies())) == ([], 1)


def test_a_label_that_somebody_created_meanwhile_is_used(place: Place) -> None:
    plan = place.plan(labels=[Label("transient", "fbca04")])
    place.github.labels.append(Label("Transient"))
    assert place.desk.post(plan).state == "done"
    assert place.github.issues[1].labels == ("Transient",)


def test_only_labels_that_the_issue_lacks_are_sent(place: Place) -> None:
    place.github.open_issue(1, labels=("documentation",))
    place.post()
    assert place.github.sent == ["comment 1"]


def test_the_mirror_takes_the_answer_without_another_request(place: Place) -> None:
    place.desk.post(place.closing())
    mirrored = place.store.load_issue(REPOSITORY, 1)
    assert mirrored is not None
    assert (mirrored.state, mirrored.labels, mirrored.comments) == ("closed", ("documentation", "wontfix"), 1)
    assert [comment.body for comment in place.store.load_comments(REPOSITORY)[1]] == place.bodies()


def test_a_post_costs_two_reads_where_nothing_has_changed(place: Place) -> None:
    place.post()
    assert place.github.requests == 2 + 2


# --- the issue has changed


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


# --- GitHub says no, or nothing


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
    assert (outcome.state, outcome.steps[0].words) == ("given_up", "whether it arrived cannot be seen any more")
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
        document = {"of": "a later version"} if number == 1 else plan_to_json(plan)
        steps = (StepRecord(0, "comment", "comment"),)
        record = PlanRecord(plan.id, REPOSITORY, number, "ann", "t", "post", document, START, steps, anyway=True)
        place.store.add_plan(record, Holder("killed-1", START, START))
    place.clock.move(1)
    with pytest.raises(ValueError, match="a later version"):
        place.desk.run_due()
    assert [len(place.github.comments.get(number, [])) for number in (1, 2)] == [0, 1]


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
    assert told[0].sentence.startswith("ann is at work on #1 at this very moment")


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
    plan = place.plan()
    steps = tuple(StepRecord(position, step.kind, step.detail) for position, step in enumerate(plan.steps))
    record = PlanRecord("p1", REPOSITORY, 1, "ann", "t", "post", plan_to_json(plan), START, steps)
    place.store.add_plan(record, Holder("killed-1", START, START + LEASE))
    told = place.desk.resume("p1")
    assert (told.state, told.due_at) == ("busy", START + LEASE)
    assert told.sentence.endswith("or it was cut off: then it goes on by itself at 09:00:45 UTC.")
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
    start = place.store.start_step

    def asleep(*args: Any, **options: Any) -> bool:
        written = start(*args, **options)
        monkeypatch.setattr(place.store, "start_step", start)
        place.clock.move((LEASE + SETTLING).total_seconds() + 1)
        claim = place.store.claim_plan("p1", Holder("other-1", place.clock(), place.clock() + LEASE))
        assert claim is not None
        assert claim.won
        return written

    monkeypatch.setattr(place.store, "start_step", asleep)
    assert place.post().state == "busy"
    assert place.github.sent == []


def test_a_store_that_is_slow_delays_a_step_and_loses_none(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    start = place.store.start_step

    def slow(*args: Any, **options: Any) -> bool:
        written = start(*args, **options)
        place.clock.move(5)
        return written

    monkeypatch.setattr(place.store, "start_step", slow)
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
    assert told.sentence.startswith("This dashboard writes as bob, and this was begun as ann")
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
    assert place.desk.undo("p1").sentence == "This was taken back."
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
    assert place.desk.undo_warnings("p1")[0] == "rita has replied since; the reply stays, without what it answers."
    place.desk.undo("p1")
    assert place.desk.undo_warnings("p1") == (
        "What was created as a label stays in the repository; only this issue loses it.",
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
    assert place.desk.undo("p1-undo").sentence == "An undo cannot be taken back: post again instead."


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
    assert desk.undo("p1").sentence == "This was taken back before anything was sent."
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


# --- drafts and closing


def test_a_post_puts_away_the_drafts_of_its_person_and_leaves_those_of_others(place: Place) -> None:
    for person in ("ann", "bob"):
        place.store.save_draft(REPOSITORY, 1, person, "transient", person, suggestion="", at=START)
    place.post()
    assert [draft.person for draft in place.store.load_drafts(REPOSITORY)] == ["bob"]
    assert [draft.person for draft in place.store.load_drafts(REPOSITORY, retired=True)] == ["ann"]


def test_drafts_of_closed_issues_can_be_restored_for_thirty_days(place: Place) -> None:
    place.store.save_draft(REPOSITORY, 1, "bob", "transient", "half a sentence", suggestion="", at=START)
    place.desk.post(place.closing(text=""))
    (draft,) = place.store.load_drafts(REPOSITORY, retired=True)
    place.clock.move(DRAFTS_KEPT.total_seconds() - 60)
    place.desk.run_due()
    restored = place.store.restore_draft(draft.id, at=place.clock())
    assert restored is not None
    assert restored.text == "half a sentence"
    place.store.retire_drafts(REPOSITORY, 1, place.clock())
    place.clock.move(DRAFTS_KEPT.total_seconds() + 60)
    place.desk.run_due()
    assert place.store.load_drafts(REPOSITORY, retired=True) == []


def test_closing_anyway_records_why(place: Place) -> None:
    place.desk.post(place.closing(text="", labels=[], override="no reply for a month"))
    details = [entry.detail for entry in place.store.load_journal(REPOSITORY, 1) if entry.kind == "close"]
    assert details == ["close as not planned, early: no reply for a month"]


def test_an_issue_that_somebody_closed_meanwhile_is_not_closed_again(place: Place) -> None:
    plan = place.closing(labels=[])
    place.github.edit(1, state="closed", state_reason="completed")
    assert "closed already" in place.desk.post(plan, anyway=True).sentence
    assert place.github.issues[1].state_reason == "completed"


# --- secrets


def test_a_token_in_an_error_reaches_neither_journal_nor_log(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = "ghp_" + "a" * 36

    def leaky(*_: Any) -> None:
        raise GitHubError(f"GitHub refused {token}.", refusal="forbidden")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(place.github, "create_comment", leaky)
    outcome = place.post()
    assert token not in repr(outcome)
    assert token not in repr(place.store.load_journal())
    assert token not in caplog.text
