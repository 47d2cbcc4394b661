"""Drafts: what each person writes for an issue and template, and what was put away and can still be restored."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from triage.store import schema
from triage.store.database import Database, twice
from triage.store.rows import load


@dataclass(frozen=True, slots=True)
class Draft:
    """One person's text for one issue and template. `suggestion` is what was suggested when it was saved."""

    id: int
    repository: str
    number: int
    person: str
    template: str
    text: str
    suggestion: str
    saved_at: datetime
    retired_at: datetime | None = None


class Drafts(Database):
    """Reads and writes drafts."""

    @twice
    def save_draft(
        self, full_name: str, number: int, person: str, template: str, text: str, *, suggestion: str, at: datetime
    ) -> None:
        """Keeps the text in place of the person's last one for this issue and template, and what had been suggested."""
        table = schema.drafts
        values = {"text": text, "suggestion": suggestion, "saved_at": at}
        with self._write() as connection:
            changed = connection.execute(
                sa.update(table).where(_live(full_name, number, person, template)).values(values)
            )
            if not changed.rowcount:
                key = {"repository": full_name, "number": number, "person": person, "template": template, "live": 1}
                connection.execute(sa.insert(table).values({**key, **values}))

    def load_draft(self, full_name: str, number: int, person: str, template: str) -> Draft | None:
        with self._read() as connection:
            return next(iter(load(connection, schema.drafts, Draft, _live(full_name, number, person, template))), None)

    def load_drafts(
        self, full_name: str, number: int | None = None, person: str | None = None, retired: bool = False
    ) -> list[Draft]:
        """The drafts being written, or those retired; the latest first."""
        table = schema.drafts
        where = (table.c.repository == full_name) & (table.c.live.is_(None) if retired else table.c.live == 1)
        if number is not None:
            where &= table.c.number == number
        if person is not None:
            where &= table.c.person == person
        latest = (table.c.retired_at if retired else table.c.saved_at).desc()
        with self._read() as connection:
            return load(connection, table, Draft, where, latest, table.c.id)

    def discard_draft(self, full_name: str, number: int, person: str, template: str, *, at: datetime) -> None:
        """Takes the draft away because the person asked for it; it can be restored like a posted one."""
        with self._write() as connection:
            retire(connection, _live(full_name, number, person, template), at)

    def restore_draft(self, draft_id: int, *, at: datetime) -> Draft | None:
        """Makes a retired draft the live one again; what was live in its place is retired. None if it is gone."""
        with self._write() as connection:
            draft = next(iter(load(connection, schema.drafts, Draft, schema.drafts.c.id == draft_id)), None)
            if draft is None or draft.retired_at is None:
                return draft
            retire(connection, _live(draft.repository, draft.number, draft.person, draft.template), at)
            _revive(connection, draft_id)
        return replace(draft, retired_at=None)

    def purge_drafts(self, before: datetime) -> int:
        """Deletes drafts that were retired before that moment, and says how many."""
        table = schema.drafts
        with self._write() as connection:
            gone = connection.execute(sa.delete(table).where(table.c.live.is_(None), table.c.retired_at < before))
        return gone.rowcount


def drafts_of(full_name: str, number: int, person: str | None) -> sa.ColumnElement[bool]:
    """The live drafts of an issue, of one person or of all."""
    table = schema.drafts
    where = sa.and_(table.c.repository == full_name, table.c.number == number, table.c.live == 1)
    return where if person is None else sa.and_(where, table.c.person == person)


def retire(connection: sa.Connection, where: sa.ColumnElement[bool], at: datetime, *, plan: str | None = None) -> None:
    """Puts drafts away inside the caller's transaction, noting the plan that did it."""
    connection.execute(sa.update(schema.drafts).where(where).values(live=None, retired_at=at, retired_by=plan))


def revive_drafts_of_plan(connection: sa.Connection, plan: str) -> None:
    """Brings back the drafts that a plan put away, but for those that have a newer one in their place."""
    table = schema.drafts
    rows = connection.execute(sa.select(table).where(table.c.retired_by == plan, table.c.live.is_(None))).all()
    for row in rows:
        place = _live(row.repository, row.number, row.person, row.template)
        if connection.execute(sa.select(table.c.id).where(place)).first() is None:
            _revive(connection, row.id)


def _revive(connection: sa.Connection, draft_id: int) -> None:
    table = schema.drafts
    connection.execute(sa.update(table).where(table.c.id == draft_id).values(live=1, retired_at=None, retired_by=None))


def _live(full_name: str, number: int, person: str, template: str) -> sa.ColumnElement[bool]:
    return sa.and_(drafts_of(full_name, number, person), schema.drafts.c.template == template)
