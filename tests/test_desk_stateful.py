"""Whatever people, GitHub and crashes do in whatever order: one comment a plan at most, and a journal that is true."""

import logging
from collections import Counter, defaultdict
from typing import Any, get_args

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.desk_process import JOURNAL_WRITES
from tests.fake_github import REPOSITORY, Clock, FakeGitHub, Fault
from triage.desk import ClickResult, Desk
from triage.desk.waits import LEASE
from triage.models import Comment, GitHubError, Label
from triage.plans import Change, Click, Closing, PlanError, PlanRecord, Response, Seen, make_plan, read_marker
from triage.store import Store

TOKEN = "ghp_" + "x1" * 18
NUMBERS = st.sampled_from((1, 2))
PEOPLE = st.sampled_from(("ann", "bob"))
NAMES = ("documentation", "bug", "fresh")
FAULTS = st.one_of(
    st.just([]),
    st.lists(st.sampled_from((None, *get_args(Fault))), min_size=1, max_size=4),
)
"""What happens to the next writes, one after the other: half the time nothing, else something soon."""
DEATHS = st.sampled_from((None, None, None, 1, 2, 3, 4, 5, 6, 8, 10))
"""At which write to the journal the process dies, if at all."""


class Died(BaseException):
    """The process is gone: nothing in it catches this, and nothing is written any more."""


class MortalStore:
    """The store as a process sees it, which dies at its n-th write to the journal: after that nothing is written."""

    def __init__(self, store: Store, dies_at: int | None) -> None:
        self._store = store
        self._left = dies_at

    def __getattr__(self, name: str) -> Any:
        if self._left == 0:
            raise Died
        if name in JOURNAL_WRITES and self._left is not None:
            self._left -= 1
            if self._left == 0:
                raise Died
        return getattr(self._store, name)


class ChattyGitHub(FakeGitHub):
    """Its errors let a token slip, and it counts the comments that were ever made for each plan."""

    def _write(self, what: str, apply: Any) -> Any:
        try:
            return super()._write(what, apply)
        except GitHubError as error:
            raise GitHubError(
                f"{error} ({TOKEN})",
                refusal=error.refusal,
                status=error.status,
                retry_at=error.retry_at,
                uncertain=error.uncertain,
            ) from None

    def _add_comment(self, author: str, number: int, body: str) -> Comment:
        comment = super()._add_comment(author, number, body)
        self.made = getattr(self, "made", Counter())
        self.made[read_marker(body)] += 1
        return comment


PHASES = [phase for phase in Phase if phase is not Phase.explain]
"""What fails is told in its shortest form; explaining it line by line would outlast the test's time."""


class DeskMachine(RuleBasedStateMachine):
    """The world: two issues, two people, others who come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.github = ChattyGitHub(self.clock, labels=[Label("documentation"), Label("bug")])
        for number in (1, 2):
            self.github.open_issue(number)
        self.store = Store.open("sqlite://")
        self.plans = 0
        self.drafts: dict[tuple[int, str], str] = {}
        self.deleted: set[int] = set()
        self.added: defaultdict[int, set[str]] = defaultdict(set)
        self.removed: defaultdict[int, set[str]] = defaultdict(set)
        self.theirs: defaultdict[int, set[str]] = defaultdict(set)
        self.state_touched: set[int] = set()
        self.said: list[str] = []
        self.log = logging.Handler()
        self.log.emit = lambda record: self.said.append(record.getMessage() + str(record.exc_info))  # type: ignore[method-assign]
        logging.getLogger().addHandler(self.log)

    def teardown(self) -> None:
        try:
            self.finish_all()
            self.no_plan_ever_makes_two_comments()
            self.each_comment_of_ours_is_in_the_journal()
            self.no_draft_vanishes()
            self.no_token_is_in_the_journal_or_the_log()
            self.check_end()
        finally:
            logging.getLogger().removeHandler(self.log)
            self.store.shut()

    # what people do

    @rule(
        number=NUMBERS,
        person=PEOPLE,
        names=st.sets(st.sampled_from(NAMES)),
        close=st.booleans(),
        text=st.sampled_from(("Retry.", "Retry.", "Retry.", "")),
        faults=FAULTS,
        dies_at=DEATHS,
        anyway=st.booleans(),
    )
    def post(
        self, number: int, person: str, names: set[str], close: bool, text: str, faults: Any, dies_at: Any, anyway: bool
    ) -> None:
        self.plans += 1
        issue = self.github.issues[number]
        try:
            seen = Seen.of(issue, self.github.comments.get(number, []))
            plan = make_plan(
                Click(f"p{self.plans}", REPOSITORY, number, person, self.clock(), seen),
                Response("t", text, tuple(Label(name) for name in sorted(names))),
                Closing("completed") if close else None,
                existing=self.github.labels,
            )
        except PlanError:
            return
        self.work(lambda desk: desk.post(plan, anyway=anyway), faults, dies_at, person)
        self.work(lambda desk: desk.post(plan, anyway=anyway), [], None, person)  # an impatient second click

    @precondition(lambda self: self.finished())
    @rule(which=st.integers(0, 50), person=PEOPLE, faults=FAULTS, dies_at=DEATHS)
    def undo(self, which: int, person: str, faults: Any, dies_at: Any) -> None:
        plans = self.finished()
        self.work(lambda desk: desk.undo(plans[which % len(plans)].id, person=person), faults, dies_at, person)

    @rule(number=NUMBERS, person=PEOPLE, criterion=st.integers(0, 1), on=st.booleans())
    def tick(self, number: int, person: str, criterion: int, on: bool) -> None:
        desk = self.desk(None, person)
        desk.change(REPOSITORY, Change("tick" if on else "untick", number, person, "t", criterion, "It works"))
        ticked = {tick.criterion for tick in self.store.load_ticks(REPOSITORY).get(number, [])}
        assert (criterion in ticked) == on

    @rule(number=NUMBERS, person=PEOPLE, text=st.text(max_size=20))
    def write_draft(self, number: int, person: str, text: str) -> None:
        text = text.encode("utf-8", "replace").decode()
        self.store.save_draft(REPOSITORY, number, person, "t", text, suggestion="", at=self.clock())
        self.drafts[number, person] = text

    # what others do

    @rule(number=NUMBERS)
    def somebody_comments(self, number: int) -> None:
        self.github.comment_as("rita", number, "Any news?\n\n<!-- triage: p1 --> she quoted")

    @rule(number=NUMBERS, name=st.sampled_from(NAMES[:2]), on=st.booleans())
    def somebody_labels(self, number: int, name: str, on: bool) -> None:
        labels = self.github.issues[number].labels
        if on and name not in labels:
            self.github.edit(number, labels=(*labels, name))
            self.added[number].add(name)
            self.theirs[number].add(name)
        elif not on and name in labels:
            self.github.edit(number, labels=tuple(one for one in labels if one != name))
            self.removed[number].add(name)
            self.theirs[number].discard(name)

    @rule(number=NUMBERS, state=st.sampled_from(("open", "closed")))
    def somebody_closes_or_reopens(self, number: int, state: str) -> None:
        if self.github.issues[number].state != state:
            self.clock.move(1)
            closed_at = self.clock() if state == "closed" else None
            self.github.edit(number, state=state, state_reason=None, closed_at=closed_at)
            self.state_touched.add(number)

    @rule(number=NUMBERS)
    def somebody_deletes_a_comment_of_ours(self, number: int) -> None:
        self.github.settle()
        for comment in self.github.comments.get(number, []):
            if read_marker(comment.body) is not None and self.is_known(comment.id):
                self.github.comments[number].remove(comment)
                self.github.edit(number, comments=len(self.github.comments[number]))
                self.deleted.add(comment.id)
                return

    # what time does

    @rule(seconds=st.sampled_from((1, 15, 60, 400)), person=PEOPLE, dies_at=DEATHS)
    def time_passes(self, seconds: int, person: str, dies_at: int | None) -> None:
        self.clock.move(seconds)
        self.github.settle()
        self.work(lambda desk: desk.run_due(), [], dies_at, person)

    @precondition(lambda self: self.store.load_unfinished())
    @rule(which=st.integers(0, 50), give_up=st.booleans(), person=PEOPLE, faults=FAULTS, dies_at=DEATHS)
    def somebody_looks_at_the_unfinished(
        self, which: int, give_up: bool, person: str, faults: Any, dies_at: Any
    ) -> None:
        plans = self.store.load_unfinished()
        plan = plans[which % len(plans)].id
        self.work(
            lambda desk: desk.give_up(plan) if give_up else desk.resume(plan, anyway=True), faults, dies_at, person
        )

    # what must always hold

    @invariant()
    def no_plan_ever_makes_two_comments(self) -> None:
        made: Counter[str | None] = getattr(self.github, "made", Counter())
        assert all(count == 1 for plan, count in made.items() if plan is not None)

    @invariant()
    def each_comment_of_ours_is_in_the_journal(self) -> None:
        plans = {plan.id: plan for many in self.store.load_plans(REPOSITORY).values() for plan in many}
        for comments in self.github.comments.values():
            for comment in comments:
                plan_id = read_marker(comment.body)
                if plan_id is not None:
                    step = next(step for step in plans[plan_id].steps if step.kind == "comment")
                    assert step.state in ("sending", "done")
                    assert not step.taken_back
                    assert comment.author == plans[plan_id].person

    @invariant()
    def no_draft_vanishes(self) -> None:
        kept = self.store.load_drafts(REPOSITORY) + self.store.load_drafts(REPOSITORY, retired=True)
        have = {(draft.number, draft.person, draft.text) for draft in kept}
        assert {(number, person, text) for (number, person), text in self.drafts.items()} <= have

    @invariant()
    def no_token_is_in_the_journal_or_the_log(self) -> None:
        assert TOKEN not in repr(self.store.load_journal())
        assert TOKEN not in repr(self.store.load_plans(REPOSITORY))
        assert TOKEN not in "\n".join(self.said)

    # the end

    def finish_all(self) -> None:
        """Somebody takes everything that is left to its end."""
        self.github.faults = {}
        for _ in range(60):
            unfinished = self.store.load_unfinished()
            if not unfinished:
                return
            self.clock.move(LEASE.total_seconds() + 20)
            self.github.settle()
            for person in ("ann", "bob"):
                desk = self.desk(None, person)
                desk.run_due()
                for plan in unfinished:
                    if plan.state in ("stopped", "failed"):
                        desk.resume(plan.id, anyway=True)
        raise AssertionError(f"never finished: {self.store.load_unfinished()}")

    def check_end(self) -> None:
        """GitHub is as the journal says."""
        ours: defaultdict[int, set[str]] = defaultdict(set)
        meant: defaultdict[int, set[str]] = defaultdict(set)
        closed: set[int] = set()
        standing = {comment.id for comments in self.github.comments.values() for comment in comments}
        for number, plans in self.store.load_plans(REPOSITORY).items():
            for plan in plans:
                for step in plan.steps:
                    meant[number] |= set(step.intent.get("absent", ()))
                    if step.state == "done" and step.kind == "remove_labels":
                        ours[number] -= set(step.names)
                    if step.state != "done" or step.taken_back:
                        continue
                    ours[number] |= set(step.result.get("added", ()))
                    if step.kind == "close" and step.result["closed"]:
                        closed.add(number)
                    if step.kind == "comment":
                        assert (step.result["comment_id"] in standing) != (step.result["comment_id"] in self.deleted)
        for number, issue in self.github.issues.items():
            assert set(issue.labels) <= ours[number] | self.added[number]
            assert ours[number] - self.removed[number] <= set(issue.labels)
            # What no plan ever found missing is wholly theirs, and no undo may take it off.
            assert self.theirs[number] - meant[number] <= set(issue.labels)
            if number not in self.state_touched:
                assert (issue.state == "closed") == (number in closed)

    # how

    def desk(self, dies_at: int | None, person: str) -> Desk:
        """The desk of a person, who has a token of their own."""
        self.github.viewer = person
        store: Any = MortalStore(self.store, dies_at)
        return Desk(self.github, store, clock=self.clock)

    def work(self, do: Any, faults: list[Fault | None], dies_at: int | None, person: str) -> None:
        start = self.github.writes + 1
        self.github.faults = {start + place: fault for place, fault in enumerate(faults) if fault is not None}
        try:
            outcome: ClickResult | list[ClickResult] = do(self.desk(dies_at, person))
            assert TOKEN not in repr(outcome)
        except Died:
            self.github.settle()

    def finished(self) -> list[PlanRecord]:
        plans = [plan for many in self.store.load_plans(REPOSITORY).values() for plan in many]
        return [plan for plan in plans if plan.kind in ("post", "close")]

    def is_known(self, comment_id: int) -> bool:
        """Whether the journal has this comment as done: one deleted before that can only be posted again."""
        return any(
            answer.comment_id == comment_id for many in self.store.load_answers(REPOSITORY).values() for answer in many
        )


TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=120, stateful_step_count=25, deadline=None, phases=PHASES)
