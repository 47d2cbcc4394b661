"""The journal as it is read: plans with their steps, what is unfinished or due, its lines, our posted responses."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from triage.closure import ClosePolicy
from triage.plans import CHANGE_WORDS, UNFINISHED, Plan, PlanRecord, PlanState, StepState
from triage.store import schema
from triage.store.database import Database, StoreError
from triage.store.rows import by_number, parts

_PLAN = TypeAdapter(Plan)
_RECORD = TypeAdapter(PlanRecord)
_CLOSE_POLICY = TypeAdapter(ClosePolicy)
_NEW_PLAN = {"state": "running", "sentence": "", "changes": (), "anyway": False, "wish": "", "tries": 0}
_NEW_STEP = {
    "state": "pending", "attempts": 0, "intent": {}, "result": {}, "words": "", "url": "", "taken_back": False
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal: a step, who took it, and what became of it. `words` is the result or the refusal."""

    plan_id: str
    position: int
    at: datetime
    person: str
    repository: str
    number: int
    template: str
    plan_kind: str
    plan_state: PlanState
    kind: str
    detail: str
    state: StepState
    words: str
    url: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class PostedResponse:
    """A comment of ours that stands on GitHub. `close` is the template's closing policy as it was then."""

    plan_id: str
    number: int
    template: str
    person: str
    at: datetime
    comment_id: int
    url: str
    criteria: tuple[str, ...]
    close: ClosePolicy


class DuePlan(NamedTuple):
    """A plan whose time has come, and whose it is."""

    id: str
    person: str


class Journal(Database):
    """Reads plans and steps."""

    def load_plan(self, plan_id: str) -> PlanRecord | None:
        with self._read() as connection:
            return find_plan(connection, plan_id)

    def load_plans(self, full_name: str, numbers: Collection[int] | None = None) -> dict[int, list[PlanRecord]]:
        """Plans by issue number, oldest first, those of single ticks and dismissals among them."""
        with self._read() as connection:
            asked = parts(schema.plans, full_name, numbers)
            return by_number(plan for part in asked for plan in find_plans(connection, part))

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

    def load_due(self, now: datetime) -> list[DuePlan]:
        """Plans whose time has come and plans whose worker let its lease run out, oldest first.

        Nothing of them is read but whose they are: one that cannot be read keeps no other from its turn.
        """
        table = schema.plans
        due = (table.c.state == "waiting") & (table.c.due_at <= now)
        left = (table.c.state == "running") & ((table.c.lease_until <= now) | table.c.lease_until.is_(None))
        asked = sa.select(table.c.id, table.c.person).where(due | left).order_by(table.c.created_at, table.c.id)
        with self._read() as connection:
            return [DuePlan(*row) for row in connection.execute(asked)]

    def load_journal(self, full_name: str | None = None, number: int | None = None) -> list[JournalEntry]:
        """The journal, newest first, of all repositories or one, all issues or one: one entry for each step tried."""
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
        for column, value in ((plan.c.repository, full_name), (plan.c.number, number)):
            if value is not None:
                asked = asked.where(column == value)
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
        with self._read() as connection:
            return by_number(
                PostedResponse(
                    row.id, row.number, row.template, row.person, row.answered_at, row.result["comment_id"], row.url,
                    tuple(row.document.get("criteria", ())),
                    _CLOSE_POLICY.validate_python(row.document.get("close_policy", {})),
                )
                for row in connection.execute(asked)
            )  # fmt: skip


def find_plan(connection: sa.Connection, plan_id: str) -> PlanRecord | None:
    return next(iter(find_plans(connection, schema.plans.c.id == plan_id)), None)


def find_plans(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[PlanRecord]:
    """Plans with their steps, oldest first. Raises StoreError where one cannot be read."""
    plan, step = schema.plans, schema.steps
    rows = connection.execute(sa.select(plan).where(where).order_by(plan.c.created_at, plan.c.id)).mappings().all()
    asked = sa.select(step).join(plan, step.c.plan == plan.c.id).where(where).order_by(step.c.plan, step.c.position)
    by_plan: dict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in connection.execute(asked).mappings():
        by_plan[row["plan"]].append(row)
    return [_make_record(row, by_plan[row["id"]]) for row in rows]


def _make_record(row: sa.RowMapping, steps: Iterable[sa.RowMapping]) -> PlanRecord:
    document = {"at": row["created_at"], **row["document"]}
    if "steps" not in document and row["kind"] in CHANGE_WORDS:
        # Of a change the journal once kept only what it was about.
        document["steps"] = [{"kind": row["kind"], "template": row["template"], **row["document"]}]
    try:
        document["steps"] = [{**plan, **come} for plan, come in zip(document["steps"], steps, strict=True)]
        return _RECORD.validate_python({**row, **document})
    except (ValidationError, KeyError, ValueError):
        raise StoreError(
            f"The journal's plan {row['id']} was written by another version of this dashboard: "
            "bring the dashboard up to date."
        ) from None


def insert_plan(
    connection: sa.Connection, plan: Plan, columns: Mapping[str, Any], step_columns: Mapping[str, Any] | None = None
) -> None:
    """Writes a plan and its steps; `columns` and `step_columns` say how far they have come."""
    names = ("id", "repository", "number", "person", "template", "kind", "undoes")
    row = {name: getattr(plan, name) for name in names} | {"document": _PLAN.dump_python(plan, mode="json")}
    connection.execute(sa.insert(schema.plans).values(_NEW_PLAN | row | dict(columns)))
    come = _NEW_STEP | dict(step_columns or {})
    rows = [
        {"plan": plan.id, "position": position, "kind": step.kind, "detail": step.detail} | come
        for position, step in enumerate(plan.steps)
    ]
    connection.execute(sa.insert(schema.steps), rows)
