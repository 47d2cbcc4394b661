"""What maintainers change here alone: ticks and dismissals, each with a line in the journal."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from triage.plans import Change, plan_of_change
from triage.store import schema
from triage.store.database import Database, twice
from triage.store.journal import insert_plan
from triage.store.rows import load, load_by_number, parts


@dataclass(frozen=True, slots=True)
class SavedTick:
    """A closure criterion that a person ticked. `text` is its wording at that time."""

    number: int
    template: str
    criterion: int
    text: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dismissal:
    """An issue that a person dismissed."""

    number: int
    person: str
    reason: str
    at: datetime


class Changes(Database):
    """Makes changes, and reads what stands of them."""

    @twice
    def save_change(self, full_name: str, change: Change, at: datetime) -> str:
        """Makes a change and journals it, both or neither; gives the plan's id. One made already changes nothing."""
        plan = secrets.token_hex(8)
        with self._write() as connection:
            apply(connection, full_name, change, at)
            done = {"state": "done", "finished_at": at}
            step = {"detail": change.done, "attempts": 1, "attempted_at": at}
            insert_plan(connection, plan_of_change(change, plan, full_name, at), {"created_at": at} | done, step | done)
        return plan

    def load_ticks(self, full_name: str, numbers: Collection[int] | None = None) -> dict[int, list[SavedTick]]:
        """Ticks by issue number, by criterion; None asks for all issues."""
        asked = parts(schema.ticks, full_name, numbers)
        with self._read() as connection:
            return load_by_number(connection, schema.ticks, SavedTick, asked, "template", "criterion")

    def load_dismissals(self, full_name: str) -> dict[int, Dismissal]:
        table = schema.dismissals
        with self._read() as connection:
            return {one.number: one for one in load(connection, table, Dismissal, table.c.repository == full_name)}


def apply(connection: sa.Connection, full_name: str, change: Change, at: datetime) -> None:
    """Carries a change out, inside the caller's transaction. One that is so already changes nothing."""
    match change.kind:
        case "tick" | "untick":
            table = schema.ticks
            key = {"number": change.number, "template": change.template, "criterion": change.criterion}
            value = {"text": change.text}
        case "dismiss" | "undismiss":
            table = schema.dismissals
            key, value = {"number": change.number}, {"reason": change.text}
    there = sa.and_(table.c.repository == full_name, *(table.c[name] == key[name] for name in key))
    if change.kind in ("untick", "undismiss"):
        connection.execute(sa.delete(table).where(there))
    elif connection.execute(sa.select(table.c.number).where(there)).first() is None:
        row = {"repository": full_name, **key, **value, "person": change.person, "at": at}
        connection.execute(sa.insert(table).values(row))
