"""The use cases: post, close, undo, tick, dismiss; the only code that changes the world.

A plan is written to the journal, claimed, compared with GitHub as it is now, and carried out step by step; each step is
written before it is sent and again with its result. What may or may not have arrived is looked up before it is sent
again. Nothing here sleeps: a plan that must wait is left in the journal with the moment at which it goes on, and
`run_due`, called by a thread that belongs to no page, takes it from there.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.desk.outcomes import ClickResult, as_it_is, busy, plan_of, unknown
from triage.desk.pacing import WritePacer
from triage.desk.plan_run import Leave, OvertakenError, Pacer, PlanRun, clean
from triage.desk.waits import FIRST_BACK_OFF, LEASE, MOST_TRIES, Quiet, back_off
from triage.desk.workers import at_work, is_alive
from triage.models import Gateway, GitHubError
from triage.plans import Change, Plan, PlanError, Seen, Step, make_undo, plan_from_json, plan_to_json, read_marker
from triage.store import Holder, PlanRecord, SavedTick, StepRecord, Store, Wish

DRAFTS_KEPT = timedelta(days=30)
"""How long the drafts of posted and closed issues can be restored."""

PURGED_EVERY = timedelta(hours=1)
"""`run_due` is called every second: often enough to look for drafts that are too old."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """The desk of one token. Thread-safe; several desks, in several processes, may share a store."""

    def __init__(
        self,
        gateway: Gateway,
        store: Store,
        *,
        clock: Callable[[], datetime] = utc_now,
        pacer: Pacer | None = None,
        undo_seconds: float = 0,
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._clock = clock
        self._pacer: Pacer = pacer or WritePacer()
        self._quiet = Quiet()
        self._undo_delay = timedelta(seconds=undo_seconds)
        self._purged_at: datetime | None = None
        self._login = ""
        self._login_due_at: datetime | None = None
        self._login_refused = ""

    # --- what a click asks for

    def post(self, plan: Plan, *, anyway: bool = False) -> ClickResult:
        """Carries the plan out, or says why not. The same plan twice is carried out once.

        Stops where the issue has changed since `plan.seen`, unless `anyway`. With an undo delay it is checked now and
        carried out by `run_due` when the delay is over. Raises StoreError alone.
        """
        if why := self._find_other_name(plan.person):
            return ClickResult("failed", f"{why} Nothing was sent, and your text is kept.", plan.id)
        record = PlanRecord(
            id=plan.id,
            repository=plan.repository,
            number=plan.number,
            person=plan.person,
            template=plan.template,
            kind=plan.kind,
            document=plan_to_json(plan),
            created_at=self._clock(),
            steps=tuple(StepRecord(place, step.kind, step.detail) for place, step in enumerate(plan.steps)),
            anyway=anyway,
            undoes=plan.undoes,
        )
        with at_work() as worker:
            claim = self._store.add_plan(record, self._holder(worker))
            if claim.won:
                delay = self._undo_delay if plan.kind in ("post", "close") else timedelta()
                return self._run(claim.record, worker, attended=True, delay=delay)
        there = claim.record
        if there.id != plan.id:
            return busy(there, plan.person)
        still_waiting = there.state == "waiting" and there.due_at is not None and there.due_at > self._clock()
        if there.unfinished and not still_waiting:
            return self._take_up(plan.id, anyway=anyway, person=plan.person)
        return as_it_is(there, plan.person)

    def resume(self, plan_id: str, *, anyway: bool = False) -> ClickResult:
        """Takes an unfinished plan further: looks up what may have arrived, sends the rest."""
        record = self._store.load_plan(plan_id)
        if record is not None and (why := self._find_other_name(record.person)):
            return ClickResult("busy", why, plan_id, record.steps)
        return self._take_up(plan_id, anyway=anyway)

    def give_up(self, plan_id: str) -> ClickResult:
        """Leaves the rest of a plan undone for good.

        What may have arrived is looked up first, so that the journal says the truth; that may have to wait a moment.
        """
        return self._take_up(plan_id, wish="give_up")

    def undo(
        self, plan_id: str, *, person: str | None = None, seen: Seen | None = None, anyway: bool = False
    ) -> ClickResult:
        """Takes a plan back: what was done of it, and nothing that others did. `person` is who asks, if somebody else.

        An unfinished plan is given up first. With `seen`, stops where the issue has changed since, unless `anyway`.
        """
        record = self._store.load_plan(plan_id)
        if record is None:
            return unknown(plan_id)
        if record.unfinished:
            left = self._take_up(plan_id, wish="undo", person=person)
            if left.state != "given_up":
                return left
            record = self._store.load_plan(plan_id) or record
        if record.state == "undone":
            return as_it_is(record, person)
        undos = self._store.load_undos(plan_id)
        spent = sum(undo.state == "given_up" for undo in undos)
        undo_id = f"{plan_id}-undo{spent + 1 if spent else ''}"
        under_way = next((undo for undo in undos if undo.id == undo_id), None)
        if under_way is not None and under_way.begun:
            return self.resume(undo_id, anyway=anyway)
        try:
            return self.post(self._make_undo(record, undo_id, person or record.person, seen), anyway=anyway)
        except PlanError as error:
            sentence = str(error) if record.begun else "This was taken back before anything was sent."
            return ClickResult("undone", sentence, plan_id, record.steps)

    def undo_warnings(self, plan_id: str) -> tuple[str, ...]:
        """What an undo cannot take back, in sentences to be shown before; from the mirror, without asking GitHub."""
        record = self._store.load_plan(plan_id)
        if record is None:
            return ()
        warnings: list[str] = []
        posted = next((step for step in record.steps if step.kind == "comment" and step.state == "done"), None)
        if posted is not None and not posted.taken_back:
            comments = self._store.load_comments(record.repository, [record.number]).get(record.number, [])
            ours = posted.result["comment_id"]
            authors = dict.fromkeys(one.author for one in comments if one.id > ours and read_marker(one.body) is None)
            warnings += [f"{author} has replied since; the reply stays, without what it answers." for author in authors]
            warnings.append("Whoever watches the issue may have had the comment by e-mail already.")
            ticks = [tick for tick in self._load_ticks_since_answer(record) if tick.person != record.person]
            warnings += [f"{tick.person} has ticked “{tick.text}” since; that tick stays." for tick in ticks]
        if any(step.kind == "create_label" and step.result.get("created") for step in record.steps):
            warnings.append("What was created as a label stays in the repository; only this issue loses it.")
        return tuple(warnings)

    def change(self, repository: str, change: Change) -> str:
        """Makes a change to what is kept here alone; gives the id under which the journal has it."""
        return self._store.save_change(repository, change, self._clock())

    def run_due(self, now: datetime | None = None) -> list[ClickResult]:
        """Takes further each plan whose time has come and each that its worker left behind; what became of them.

        Only plans of the token's own login: a colleague's on the same store would be posted under the wrong name.
        A fault in one plan keeps no other from its turn; it is raised when all have had theirs.
        """
        now = now or self._clock()
        if self._purged_at is None or now - self._purged_at >= PURGED_EVERY:
            self._store.purge_drafts(now - DRAFTS_KEPT)
            self._purged_at = now
        outcomes: list[ClickResult] = []
        fault: Exception | None = None
        for record in self._store.load_due(now):
            if self._find_other_name(record.person):
                continue
            try:
                outcomes.append(self._take_up(record.id, attended=False))
            except Exception as error:
                fault = fault or error
        if fault is not None:
            raise fault
        return outcomes

    # --- names

    def _find_other_name(self, person: str) -> str:
        """Why this desk cannot write as `person`, in a sentence: it writes under the login of its token. "" if it can.

        Until GitHub has said whose token it is, no more than one question every few seconds.
        """
        now = self._clock()
        if self._login == "" and not (self._login_due_at and now < self._login_due_at <= now + FIRST_BACK_OFF):
            try:
                self._login = self._gateway.fetch_viewer()
            except GitHubError as error:
                self._login_due_at, self._login_refused = now + FIRST_BACK_OFF, clean(str(error))
        if self._login == "":
            return self._login_refused
        if self._login.casefold() == person.casefold():
            return ""
        return (
            f"This dashboard writes as {self._login}, and this was begun as {person}: it goes on where the dashboard "
            f"of {person} runs, or can be given up."
        )

    # --- claims

    def _holder(self, worker: str) -> Holder:
        now = self._clock()
        return Holder(worker, now, now + LEASE, is_alive)

    def _take_up(
        self, plan_id: str, *, anyway: bool = False, wish: Wish = "", attended: bool = True, person: str | None = None
    ) -> ClickResult:
        with at_work() as worker:
            claim = self._store.claim_plan(plan_id, self._holder(worker), anyway=anyway, wish=wish)
            if claim is None:
                return unknown(plan_id)
            outcome = self._run(claim.record, worker, attended=attended) if claim.won else None
        if outcome is None:
            there = claim.record
            return busy(there, person) if there.id != plan_id else as_it_is(there, person)
        if outcome.state == "given_up" and claim.record.wish == "undo" and not attended:
            return self.undo(plan_id)
        return outcome

    def _run(self, record: PlanRecord, worker: str, *, attended: bool, delay: timedelta = timedelta()) -> ClickResult:
        """Carries a claimed plan out as far as it goes, and gives the claim back whatever happens."""
        plan = plan_from_json(record.document)
        run = PlanRun(
            self._gateway, self._store, self._clock, self._pacer, self._quiet,
            plan=plan, record=record, worker=worker, attended=attended,
        )  # fmt: skip
        broken_off = "This was broken off by a fault of the dashboard"
        if record.tries < MOST_TRIES:
            due_at = back_off(record.tries, self._clock())
            leave = Leave("waiting", f"{broken_off}, and goes on by itself.", due_at=due_at, tries=record.tries + 1)
        else:
            leave = Leave("failed", f"{broken_off}: resume it or give it up.")
        try:
            leave = run.carry_out(delay)
        except OvertakenError:
            return busy(self._store.load_plan(plan.id) or record, None)
        finally:
            self._store.leave_plan(
                plan.id,
                worker=worker,
                now=self._clock(),
                state=leave.state,
                sentence=leave.sentence,
                changes=leave.changes,
                due_at=leave.due_at,
                tries=leave.tries,
                retire_drafts_of=plan.person if plan.kind == "post" else None,
                retire_all_drafts=plan.closes,
            )
        return as_it_is(self._store.load_plan(plan.id) or record, plan.person, just_now=True)

    def _make_undo(self, record: PlanRecord, undo_id: str, person: str, seen: Seen | None) -> Plan:
        """Raises PlanError where there is nothing to take back."""
        plan = plan_of(record)
        if plan.kind == "undo":
            raise PlanError("An undo cannot be taken back: post again instead.")
        removed = self._load_removed_labels(record)
        done = [
            (written.position, step, _without(written.result, removed))
            for written, step in zip(record.steps, plan.steps, strict=True)
            if written.state == "done" and not written.taken_back
        ]
        # Without the answer its person's ticks mean nothing; what colleagues ticked is theirs, and stays.
        ticks = [
            Step("untick", text=tick.text, template=tick.template, criterion=tick.criterion)
            for tick in self._load_ticks_since_answer(record)
            if tick.person in (record.person, person)
        ]
        return replace(make_undo(plan, done, id=undo_id, person=person, at=self._clock(), ticks=ticks), seen=seen)

    def _load_removed_labels(self, record: PlanRecord) -> set[str]:
        """What an undo that was given up half-way has taken off: whoever put it back since keeps it."""
        return {
            name
            for undo in self._store.load_undos(record.id)
            for written, step in zip(undo.steps, plan_of(undo).steps, strict=True)
            if step.kind == "remove_labels" and written.state == "done"
            for name in step.names
        }

    def _load_ticks_since_answer(self, record: PlanRecord) -> list[SavedTick]:
        """What was ticked since the plan answered; nothing where it did not."""
        answered = [step.finished_at for step in record.steps if step.kind == "comment" and step.state == "done"]
        if not answered or answered[0] is None:
            return []
        ticks = self._store.load_ticks(record.repository, [record.number]).get(record.number, [])
        return [tick for tick in ticks if tick.template == record.template and tick.at >= answered[0]]


def _without(result: Mapping[str, Any], removed: Collection[str]) -> Mapping[str, Any]:
    """A step's result, less the labels that were taken off again."""
    if "added" not in result:
        return result
    return {**result, "added": [name for name in result["added"] if name not in removed]}
