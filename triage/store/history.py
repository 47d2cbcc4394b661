"""The journal as it is read: plans with their steps, what is unfinished or due, the lines of the journal, answers."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from triage.closure import ClosePolicy
from triage.store import schema
from triage.store.connected import Connected
from triage.store.mirror import batches
from triage.store.records import UNFINISHED, JournalEntry, PlanRecord, PostedResponse, StepRecord

STEP_FIELDS = tuple(field.name for field in fields(StepRecord))
PLAN_FIELDS = tuple(field.name for field in fields(PlanRecord) if field.name != "steps")
_CLOSE_POLICY = TypeAdapter(ClosePolicy)


class History(Connected):
    """Reads plans and steps."""

    def load_plan(self, plan_id: str) -> PlanRecord | None:
        with self._read() as connection:
            return find_plan(connection, plan_id)

    def load_plans(self, full_name: str, numbers: Collection[int] | None = None) -> dict[int, list[PlanRecord]]:
        """Plans by issue number, oldest first, those of single ticks and dismissals among them."""
        table = schema.plans
        found: dict[int, list[PlanRecord]] = defaultdict(list)
        with self._read() as connection:
            for part in batches(numbers):
                where = table.c.repository == full_name
                for plan in find_plans(connection, where if part is None else where & table.c.number.in_(part)):
                    found[plan.number].append(plan)
        return dict(found)

    def load_undos(self, plan_id: str) -> list[PlanRecord]:
        """The plans that undo this one, oldest first."""
        with self._read() as connection:
            return find_plans(connection, schema.plans.c.undoes == plan_id)

    def load_unfinished(self, full_name: str | None = None) -> list[PlanRecord]:
        """Plans that someone may still take further, oldest first; one of which nothing was sent only while it is the
        newest of its issue."""
        table = schema.plans
        where: sa.ColumnElement[bool] = table.c.state.in_(UNFINISHED)
        if full_name is not None:
            where &= table.c.repository == full_name
        newer = table.alias()
        overtaken = sa.exists().where(
            newer.c.repository == table.c.repository,
            newer.c.number == table.c.number,
            newer.c.created_at > table.c.created_at,
            newer.c.kind.in_(("post", "close", "undo")),
        )
        with self._read() as connection:
            return find_plans(connection, where & ((table.c.active == 1) | ~overtaken))

    def load_due(self, now: datetime) -> list[PlanRecord]:
        """Plans whose time has come and plans whose worker let its lease run out, oldest first."""
        table = schema.plans
        due = (table.c.state == "waiting") & (table.c.due_at <= now)
        left = (table.c.state == "running") & ((table.c.lease_until <= now) | table.c.lease_until.is_(None))
        with self._read() as connection:
            return find_plans(connection, due | left)

    def load_journal(
        self,
        full_name: str | None = None,
        number: int | None = None,
        limit: int | None = None,
        *,
        person: str | None = None,
        kind: str | None = None,
        since: datetime | None = None,
    ) -> list[JournalEntry]:
        """The journal, newest first: one entry for each step that was at least tried, each filter optional."""
        plan, step = schema.plans, schema.steps
        at = sa.func.coalesce(step.c.finished_at, step.c.attempted_at)
        asked = (
            sa.select(
                plan.c.id, step.c.position, sa.type_coerce(at, schema.Moment()), plan.c.person, plan.c.repository,
                plan.c.number, plan.c.template, plan.c.kind, plan.c.state, step.c.kind, step.c.detail, step.c.state,
                step.c.words, step.c.url, step.c.taken_back,
            )
            .join(step, step.c.plan == plan.c.id)
            .where(at.is_not(None))
            .order_by(at.desc(), plan.c.created_at.desc(), plan.c.id, step.c.position.desc())
        )  # fmt: skip
        for column, value in (
            (plan.c.repository, full_name), (plan.c.number, number), (plan.c.person, person), (step.c.kind, kind)
        ):  # fmt: skip
            if value is not None:
                asked = asked.where(column == value)
        if since is not None:
            asked = asked.where(sa.type_coerce(at, schema.Moment()) >= since)
        if limit is not None:
            asked = asked.limit(limit)
        with self._read() as connection:
            return [JournalEntry(*row) for row in connection.execute(asked)]

    def load_answers(self, full_name: str) -> dict[int, list[PostedResponse]]:
        """Our comments that stand on GitHub, by issue number, oldest first."""
        plan, step = schema.plans, schema.steps
        asked = (
            sa.select(plan, step.c.result, step.c.url, step.c.finished_at.label("answered_at"))
            .join(step, step.c.plan == plan.c.id)
            .where(
                plan.c.repository == full_name,
                step.c.kind == "comment",
                step.c.state == "done",
                step.c.taken_back == sa.false(),
            )
            .order_by(step.c.finished_at, plan.c.id)
        )
        found: dict[int, list[PostedResponse]] = defaultdict(list)
        with self._read() as connection:
            for row in connection.execute(asked):
                document: dict[str, Any] = row.document
                close = _CLOSE_POLICY.validate_python(document.get("close_policy", {}))
                found[row.number].append(
                    PostedResponse(
                        row.id, row.number, row.template, row.person, row.answered_at, row.result["comment_id"],
                        row.url, tuple(document.get("criteria", ())), close,
                    )
                )  # fmt: skip
        return dict(found)


def find_plan(connection: sa.Connection, plan_id: str) -> PlanRecord | None:
    return next(iter(find_plans(connection, schema.plans.c.id == plan_id)), None)


def find_plans(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[PlanRecord]:
    plan, step = schema.plans, schema.steps
    rows = connection.execute(sa.select(plan).where(where).order_by(plan.c.created_at, plan.c.id)).mappings().all()
    by_plan: dict[str, list[StepRecord]] = defaultdict(list)
    asked = (
        sa.select(step.c.plan, *(step.c[name] for name in STEP_FIELDS))
        .join(plan, step.c.plan == plan.c.id)
        .where(where)
    )
    for plan_id, *values in connection.execute(asked.order_by(step.c.plan, step.c.position)):
        by_plan[plan_id].append(StepRecord(*values))
    return [PlanRecord(**{name: row[name] for name in PLAN_FIELDS}, steps=tuple(by_plan[row["id"]])) for row in rows]
