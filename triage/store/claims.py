"""Plans and their steps, each written before it is sent and again with its result, by whoever holds the claim.

A claim is a worker's name and a lease. Each write of a working plan is conditional on that claim, so that a worker that
was overtaken while it slept writes nothing more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.plans import Leave, Plan, PlanRecord, StepRecord, Wish
from triage.store import schema
from triage.store.changes import apply
from triage.store.database import Database, twice
from triage.store.drafts import drafts_of, retire, revive_drafts_of_plan
from triage.store.journal import find_plan, find_plans, insert_plan

_PROGRESS = ("state", "attempts", "attempted_at", "finished_at", "intent", "result", "words", "url")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks for a claim: a worker's name, when, until when, and what is known of other workers.

    `is_alive` says whether a worker is at work; None where that is not known, and its lease decides.
    """

    worker: str
    now: datetime
    lease_until: datetime
    is_alive: Callable[[str], bool | None] = lambda worker: None


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether the asker may now work on the plan. `record` is the plan, or the one that is in the way."""

    won: bool
    record: PlanRecord


class Claims(Database):
    """Writes plans and steps."""

    @twice
    def add_plan(self, plan: Plan, holder: Holder, *, anyway: bool = False) -> Claim:
        """Writes a new plan, claimed by `holder`, unless an unfinished one of the issue is in the way.

        A plan of the same id of which nothing was sent is replaced, since the person may have changed it since.
        """
        with self._write() as connection:
            old = find_plan(connection, plan.id)
            if old is not None and (old.begun or old.state not in ("stopped", "failed")):
                return Claim(False, old)
            if blocking := _find_blocking(connection, plan):
                return Claim(False, blocking)
            if old is not None:  # its steps go with it
                connection.execute(sa.delete(schema.plans).where(schema.plans.c.id == plan.id))
            held = {"active": 1, "claimed_by": holder.worker, "lease_until": holder.lease_until}
            insert_plan(connection, plan, {"created_at": holder.now, "anyway": anyway} | held)
            return Claim(True, find_plans(connection, schema.plans.c.id == plan.id)[0])

    @twice
    def claim_plan(self, plan_id: str, holder: Holder, *, anyway: bool = False, wish: Wish = "") -> Claim | None:
        """Takes an unfinished plan over, unless someone else holds it. None if there is no such plan."""
        with self._write() as connection:
            old = find_plan(connection, plan_id)
            if old is None:
                return None
            if not old.unfinished or _held(old, holder):
                return Claim(False, old)
            if blocking := _find_blocking(connection, old):
                return Claim(False, blocking)
            _update_plan(
                connection, plan_id, state="running", active=1, due_at=None, claimed_by=holder.worker,
                lease_until=holder.lease_until, anyway=old.anyway or anyway, wish=wish or old.wish,
            )  # fmt: skip
            # A step that GitHub refused was not carried out: it may be sent again.
            if not wish:
                refused = (schema.steps.c.plan == plan_id) & (schema.steps.c.state == "failed")
                connection.execute(sa.update(schema.steps).where(refused).values(state="pending"))
            return Claim(True, find_plans(connection, schema.plans.c.id == plan_id)[0])

    # Both are False where the claim is lost, and then nothing was written.

    def write_step(
        self,
        held: PlanRecord,
        step: StepRecord,
        *,
        lease_until: datetime | None = None,
        takes_back: int | None = None,
    ) -> bool:
        """Writes how far a step of a claimed plan has come: before it is sent, and what became of it.

        With it, the change that a done step makes here, and the step of the undone plan (by position) that is wholly
        taken back by it. `sending` with an end means that the attempt is over and nobody knows how it ended.
        """
        with self._write() as connection:
            if not _keep(connection, held, lease_until=lease_until):
                return False
            progress = {name: getattr(step, name) for name in _PROGRESS}
            _update_step(connection, held.id, step.position, progress)
            change = held.change_of(step)
            if change is not None and step.state == "done":
                apply(connection, held.repository, change, step.finished_at or held.created_at)
            if held.undoes is not None and takes_back is not None:
                _update_step(connection, held.undoes, takes_back, {"taken_back": True})
        return True

    def leave_plan(self, held: PlanRecord, leave: Leave, now: datetime) -> bool:
        """Ends the work on a claimed plan for good or for now, and gives the claim back.

        A plan that is done puts drafts away: its person's where it posts, everybody's where it closes. An undo that is
        done brings them back and marks its plan undone.
        """
        with self._write() as connection:
            if not _keep(connection, held):
                return False
            plan = find_plans(connection, schema.plans.c.id == held.id)[0]
            over = leave.state not in ("running", "waiting")
            blocks = not over or (leave.state in ("stopped", "failed") and plan.begun)
            _update_plan(
                connection, plan.id, state=leave.state, sentence=leave.sentence, changes=leave.changes,
                due_at=leave.due_at, tries=leave.tries, claimed_by=None, lease_until=None,
                active=1 if blocks else None, finished_at=now if over else None,
            )  # fmt: skip
            if leave.state == "done":
                _settle_drafts(connection, plan, now)
        return True


def _settle_drafts(connection: sa.Connection, plan: PlanRecord, now: datetime) -> None:
    """What a plan that is done means for drafts, and for the plan that it undoes."""
    if plan.undoes is not None:
        _update_plan(connection, plan.undoes, state="undone", active=None, finished_at=now)
        revive_drafts_of_plan(connection, plan.undoes)
    if plan.closes or plan.kind == "post":
        person = None if plan.closes else plan.person
        retire(connection, drafts_of(plan.repository, plan.number, person), now, plan=plan.id)


def _update_plan(connection: sa.Connection, plan_id: str, **values: Any) -> None:
    connection.execute(sa.update(schema.plans).where(schema.plans.c.id == plan_id).values(values))


def _update_step(connection: sa.Connection, plan_id: str, position: int, values: Mapping[str, Any]) -> None:
    there = (schema.steps.c.plan == plan_id) & (schema.steps.c.position == position)
    connection.execute(sa.update(schema.steps).where(there).values(values))


def _find_blocking(connection: sa.Connection, plan: Plan) -> PlanRecord | None:
    """Another plan of the issue that may still write."""
    way = schema.plans.c
    same_issue = (way.repository == plan.repository) & (way.number == plan.number)
    return next(iter(find_plans(connection, same_issue & (way.active == 1) & (way.id != plan.id))), None)


def _held(plan: PlanRecord, holder: Holder) -> bool:
    """Whether someone else is at work on the plan."""
    if plan.claimed_by is None or plan.lease_until is None:
        return False
    alive = holder.is_alive(plan.claimed_by)
    return plan.lease_until > holder.now if alive is None else alive


def _keep(connection: sa.Connection, held: PlanRecord, *, lease_until: datetime | None = None) -> bool:
    """Whether the worker that claimed the plan still holds it; renews the lease where asked."""
    table = schema.plans
    values = {"claimed_by": held.claimed_by} | ({} if lease_until is None else {"lease_until": lease_until})
    kept = connection.execute(
        sa.update(table).where(table.c.id == held.id, table.c.claimed_by == held.claimed_by).values(values)
    )
    return kept.rowcount == 1
