"""The journal: plans and their steps, each written before it is sent and again with its result.

Whoever works on a plan holds a claim on it: a worker's name and a lease. Each write of a working plan is conditional on
that claim, so that a worker that was overtaken while it slept writes nothing more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.plans import Change
from triage.store import schema
from triage.store.connected import twice
from triage.store.history import PLAN_FIELDS, STEP_FIELDS, History, find_plan
from triage.store.ours import apply, drafts_of, retire, revive_drafts_of_plan
from triage.store.records import Claim, PlanRecord, PlanState, StepRecord, StepState, Wish


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks for a claim: a worker's name, when, until when, and what is known of other workers.

    `is_alive` says whether a worker is at work; None where that is not known, and its lease decides.
    """

    worker: str
    now: datetime
    lease_until: datetime
    is_alive: Callable[[str], bool | None] = lambda worker: None


class Journal(History):
    """Writes plans and steps, and reads them."""

    # --- claims

    @twice
    def add_plan(self, plan: PlanRecord, holder: Holder) -> Claim:
        """Writes a new plan, claimed by `holder`, unless an unfinished one of the issue is in the way.

        A plan of the same id of which nothing was sent is replaced, since the person may have changed it since.
        """
        with self._write() as connection:
            old = find_plan(connection, plan.id)
            if old is not None and (old.begun or old.state not in ("stopped", "failed")):
                return Claim(False, old)
            way = schema.plans.c
            blocking = connection.execute(
                sa.select(way.id).where(
                    way.repository == plan.repository, way.number == plan.number, way.active == 1, way.id != plan.id
                )
            ).scalar_one_or_none()
            if blocking is not None:
                return Claim(False, _must(find_plan(connection, blocking)))
            if old is not None:
                connection.execute(sa.delete(schema.steps).where(schema.steps.c.plan == plan.id))
                connection.execute(sa.delete(schema.plans).where(schema.plans.c.id == plan.id))
            row = {name: getattr(plan, name) for name in PLAN_FIELDS}
            row |= {"active": 1, "claimed_by": holder.worker, "lease_until": holder.lease_until}
            connection.execute(sa.insert(schema.plans).values(row))
            connection.execute(sa.insert(schema.steps), [_step_row(plan.id, step) for step in plan.steps])
            return Claim(True, _must(find_plan(connection, plan.id)))

    @twice
    def claim_plan(self, plan_id: str, holder: Holder, *, anyway: bool = False, wish: Wish = "") -> Claim | None:
        """Takes an unfinished plan over, unless someone else holds it. None if there is no such plan."""
        with self._write() as connection:
            old = find_plan(connection, plan_id)
            if old is None:
                return None
            if not old.unfinished or _held(old, holder):
                return Claim(False, old)
            way = schema.plans.c
            other = connection.execute(
                sa.select(way.id).where(
                    way.repository == old.repository, way.number == old.number, way.active == 1, way.id != plan_id
                )
            ).scalar_one_or_none()
            if other is not None:
                return Claim(False, _must(find_plan(connection, other)))
            connection.execute(
                sa.update(schema.plans)
                .where(way.id == plan_id)
                .values(
                    state="running", active=1, due_at=None, claimed_by=holder.worker, lease_until=holder.lease_until,
                    anyway=old.anyway or anyway, wish=wish or old.wish,
                )
            )  # fmt: skip
            # A step that GitHub refused was not carried out: it may be sent again.
            if not wish:
                connection.execute(
                    sa.update(schema.steps)
                    .where(schema.steps.c.plan == plan_id, schema.steps.c.state == "failed")
                    .values(state="pending")
                )
            return Claim(True, _must(find_plan(connection, plan_id)))

    # --- the steps of a claimed plan; each is False where the claim is lost, and then nothing was written

    def start_step(
        self,
        plan_id: str,
        position: int,
        *,
        worker: str,
        now: datetime,
        lease_until: datetime,
        intent: Mapping[str, Any],
    ) -> bool:
        """Writes that the step is about to be sent, what it means to do, and renews the lease."""
        with self._write() as connection:
            if not _keep(connection, plan_id, worker, lease_until=lease_until):
                return False
            table = schema.steps
            connection.execute(
                sa.update(table)
                .where(table.c.plan == plan_id, table.c.position == position)
                .values(
                    state="sending",
                    attempted_at=now,
                    finished_at=None,
                    attempts=table.c.attempts + 1,
                    intent=dict(intent),
                    words="",
                )
            )
        return True

    def finish_step(
        self,
        plan_id: str,
        position: int,
        *,
        worker: str,
        now: datetime,
        state: StepState,
        words: str = "",
        url: str = "",
        result: Mapping[str, Any] | None = None,
        intent: Mapping[str, Any] | None = None,
        change: Change | None = None,
        takes_back: tuple[str, int] | None = None,
    ) -> bool:
        """Writes what became of the step, and with it the change it makes here and the step that it takes back.

        `sending` means that the attempt has ended, and that it is not known how; `intent` None stays as it was written.
        """
        with self._write() as connection:
            if not _keep(connection, plan_id, worker):
                return False
            table = schema.steps
            values = {"state": state, "finished_at": now, "words": words, "url": url, "result": dict(result or {})}
            if intent is not None:
                values["intent"] = dict(intent)
            connection.execute(
                sa.update(table).where(table.c.plan == plan_id, table.c.position == position).values(values)
            )
            if change is not None:
                repository = connection.execute(
                    sa.select(schema.plans.c.repository).where(schema.plans.c.id == plan_id)
                ).scalar_one()
                apply(connection, repository, change, now)
            if takes_back is not None:
                connection.execute(
                    sa.update(table)
                    .where(table.c.plan == takes_back[0], table.c.position == takes_back[1])
                    .values(taken_back=True)
                )
        return True

    def leave_plan(
        self,
        plan_id: str,
        *,
        worker: str,
        now: datetime,
        state: PlanState,
        sentence: str = "",
        changes: Sequence[str] = (),
        due_at: datetime | None = None,
        tries: int = 0,
        retire_drafts_of: str | None = None,
        retire_all_drafts: bool = False,
    ) -> bool:
        """Ends the work on a claimed plan for good or for now, and gives the claim back.

        A plan that is done puts drafts away; an undo that is done brings them back and marks its plan undone.
        """
        with self._write() as connection:
            if not _keep(connection, plan_id, worker):
                return False
            plan = _must(find_plan(connection, plan_id))
            blocks = state in ("running", "waiting") or (state in ("stopped", "failed") and plan.begun)
            over = state not in ("running", "waiting")
            values: dict[str, Any] = {
                "state": state, "sentence": sentence, "changes": tuple(changes), "due_at": due_at, "tries": tries,
                "claimed_by": None, "lease_until": None, "active": 1 if blocks else None,
                "finished_at": now if over else None,
            }  # fmt: skip
            connection.execute(sa.update(schema.plans).where(schema.plans.c.id == plan_id).values(values))
            if state == "done" and plan.undoes is not None:
                undone = {"state": "undone", "active": None, "finished_at": now}
                connection.execute(sa.update(schema.plans).where(schema.plans.c.id == plan.undoes).values(undone))
                revive_drafts_of_plan(connection, plan.undoes)
            if state == "done" and (retire_all_drafts or retire_drafts_of is not None):
                person = None if retire_all_drafts else retire_drafts_of
                retire(connection, drafts_of(plan.repository, plan.number, person), now, plan=plan_id)
        return True


def _held(plan: PlanRecord, holder: Holder) -> bool:
    """Whether someone else is at work on the plan."""
    if plan.claimed_by is None or plan.lease_until is None:
        return False
    alive = holder.is_alive(plan.claimed_by)
    return plan.lease_until > holder.now if alive is None else alive


def _keep(connection: sa.Connection, plan_id: str, worker: str, *, lease_until: datetime | None = None) -> bool:
    """Whether the worker still holds the plan; renews the lease where asked."""
    table = schema.plans
    values = {"claimed_by": worker} if lease_until is None else {"claimed_by": worker, "lease_until": lease_until}
    kept = connection.execute(
        sa.update(table).where(table.c.id == plan_id, table.c.claimed_by == worker).values(values)
    )
    return kept.rowcount == 1


def _step_row(plan_id: str, step: StepRecord) -> dict[str, Any]:
    return {"plan": plan_id, **{name: getattr(step, name) for name in STEP_FIELDS}}


def _must(plan: PlanRecord | None) -> PlanRecord:
    assert plan is not None  # it was written in this very transaction
    return plan
