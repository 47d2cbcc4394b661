"""The use cases: post, close, undo, tick, dismiss; the only code that changes the world.

A plan is written to the journal, claimed, compared with GitHub as it is now, and carried out step by step; each step is
written before it is sent and again with its result. What may or may not have arrived is looked up before it is sent
again. Nothing here sleeps: a plan that must wait is left in the journal with the moment at which it goes on, and
`run_due`, called by a thread that belongs to no page, takes it from there.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from triage.desk.click_result import ClickResult, as_it_is, busy, unknown
from triage.desk.pacing import WritePacer
from triage.desk.plan_run import OvertakenError, PlanRun, Reach, clean
from triage.desk.undoing import find_undo_warnings, plan_undo
from triage.desk.waits import FIRST_BACK_OFF, LEASE, MOST_TRIES, Quiet, back_off
from triage.desk.workers import at_work, is_alive
from triage.models import Gateway, GitHubError
from triage.plans import Change, Click, Leave, Plan, PlanError, PlanRecord, Seen, Wish
from triage.store import Holder, Store

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
        pacer: WritePacer | None = None,
        undo_seconds: float = 0,
    ) -> None:
        self._reach = Reach(gateway, store, clock, pacer or WritePacer(), Quiet())
        self._store = store
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
        with at_work() as worker:
            claim = self._store.add_plan(plan, self._holder(worker), anyway=anyway)
            if claim.won:
                delay = self._undo_delay if plan.kind in ("post", "close") else timedelta()
                return self._run(claim.record, attended=True, delay=delay)
        there = claim.record
        if there.id != plan.id:
            return busy(there, plan.person)
        still_waiting = there.state == "waiting" and there.due_at is not None and there.due_at > self._reach.clock()
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
        if record is not None and record.unfinished:
            left = self._take_up(plan_id, wish="undo", person=person)
            if left.state != "given_up":
                return left
            record = self._store.load_plan(plan_id)
        if record is None:
            return unknown(plan_id)
        if record.state == "undone":
            return as_it_is(record, person)
        return self._undo_left(record, person or record.person, seen, anyway=anyway)

    def _undo_left(self, record: PlanRecord, person: str, seen: Seen | None, *, anyway: bool) -> ClickResult:
        """Takes back a plan that nobody is at work on; an undo of it that has begun goes on."""
        undos = self._store.load_undos(record.id)
        spent = sum(undo.state == "given_up" for undo in undos)
        undo_id = f"{record.id}-undo{spent + 1 if spent else ''}"
        if any(undo.id == undo_id and undo.begun for undo in undos):
            return self.resume(undo_id, anyway=anyway)
        click = Click(undo_id, record.repository, record.number, person, self._reach.clock(), seen)
        try:
            undo = plan_undo(self._store, record, click)
        except PlanError as error:
            sentence = str(error) if record.begun else "This was undone before anything was sent."
            return ClickResult("undone", sentence, record.id, record.steps)
        return self.post(undo, anyway=anyway)

    def undo_warnings(self, plan_id: str) -> tuple[str, ...]:
        """What an undo cannot take back, in sentences to be shown before; from the mirror, without asking GitHub."""
        record = self._store.load_plan(plan_id)
        return find_undo_warnings(self._store, record) if record else ()

    def change(self, repository: str, change: Change) -> str:
        """Makes a change to what is kept here alone; gives the id under which the journal has it."""
        return self._store.save_change(repository, change, self._reach.clock())

    def run_due(self, now: datetime | None = None) -> list[ClickResult]:
        """Takes further each plan whose time has come and each that its worker left behind; what became of them.

        Only plans of the token's own login: a colleague's on the same store would be posted under the wrong name.
        A fault in one plan keeps no other from its turn; it is raised when all have had theirs.
        """
        now = now or self._reach.clock()
        if self._purged_at is None or now - self._purged_at >= PURGED_EVERY:
            self._store.purge_drafts(now - DRAFTS_KEPT)
            self._purged_at = now
        results: list[ClickResult] = []
        fault: Exception | None = None
        for due in self._store.load_due(now):
            if self._find_other_name(due.person):
                continue
            try:
                results.append(self._take_up(due.id, attended=False))
            except Exception as error:
                fault = fault or error
        if fault is not None:
            raise fault
        return results

    # --- names

    def _find_other_name(self, person: str) -> str:
        """Why this desk cannot write as `person`, in a sentence: it writes under the login of its token. "" if it can.

        Until GitHub has said whose token it is, no more than one question every few seconds.
        """
        now = self._reach.clock()
        if self._login == "" and not (self._login_due_at and now < self._login_due_at <= now + FIRST_BACK_OFF):
            try:
                self._login = self._reach.gateway.fetch_viewer()
            except GitHubError as error:
                self._login_due_at, self._login_refused = now + FIRST_BACK_OFF, clean(str(error))
        if self._login == "":
            return self._login_refused
        if self._login.casefold() == person.casefold():
            return ""
        return (
            f"{person} started this, and this dashboard posts as {self._login}. Continue it in the dashboard of "
            f"{person}, or give it up."
        )

    # --- claims

    def _holder(self, worker: str) -> Holder:
        now = self._reach.clock()
        return Holder(worker, now, now + LEASE, is_alive)

    def _take_up(
        self, plan_id: str, *, anyway: bool = False, wish: Wish = "", attended: bool = True, person: str | None = None
    ) -> ClickResult:
        with at_work() as worker:
            claim = self._store.claim_plan(plan_id, self._holder(worker), anyway=anyway, wish=wish)
            if claim is None:
                return unknown(plan_id)
            result = self._run(claim.record, attended=attended) if claim.won else None
        if result is None:
            there = claim.record
            return busy(there, person) if there.id != plan_id else as_it_is(there, person)
        if result.state == "given_up" and claim.record.wish == "undo" and not attended:
            return self.undo(plan_id)
        return result

    def _run(self, record: PlanRecord, *, attended: bool, delay: timedelta = timedelta()) -> ClickResult:
        """Carries a claimed plan out as far as it goes, and gives the claim back whatever happens."""
        now, tries = self._reach.clock(), record.tries
        if tries < MOST_TRIES:
            sentence = "The dashboard failed in the middle of this; it continues by itself."
            leave = Leave("waiting", sentence, due_at=back_off(tries, now), tries=tries + 1)
        else:
            leave = Leave("failed", "The dashboard failed in the middle of this: resume it or give it up.")
        try:
            leave = PlanRun(self._reach, record, attended=attended).carry_out(delay)
        except OvertakenError:
            return busy(self._store.load_plan(record.id) or record, None)
        finally:
            self._store.leave_plan(record, leave, self._reach.clock())
        return as_it_is(self._store.load_plan(record.id) or record, record.person, just_now=True)
