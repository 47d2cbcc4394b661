"""The tables: a mirror of GitHub that may be deleted at any time, and what is ours alone.

A change here needs a revision in `triage/migrations/versions`; a test compares the two.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from triage.detection import Finding


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept as naive UTC so that every database orders and compares it alike."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Json(sa.types.TypeDecorator[Any]):
    """A value of a type of ours, kept as JSON; None where what is kept is no such value (any more)."""

    impl = sa.JSON
    cache_ok = True

    def __init__(self, kept: Any) -> None:
        super().__init__()
        self.kept = kept
        self._adapter: TypeAdapter[Any] = TypeAdapter(kept)

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        try:
            return self._adapter.validate_python(value)
        except ValidationError:
            return None


NAMES = Json(tuple[str, ...])
"""Some strings in their order."""

CODE, REASON, ID = sa.String(16), sa.String(32), sa.String(64)
NAME = sa.String(255)
"""`owner/name`, a login, a template's name."""

metadata = sa.MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)


def _table(name: str, columns: Mapping[Any, str], *constraints: sa.sql.schema.SchemaItem) -> sa.Table:
    """A table with the columns of each type; those with a * are its primary key, those with a ? may be NULL."""
    made = [
        sa.Column(column.strip("*?"), kind, primary_key="*" in column, nullable="?" in column)
        for kind, names in columns.items()
        for column in names.split()
    ]
    return sa.Table(name, metadata, *made, *constraints)


# --- the mirror: a cache

repositories = _table(
    "repositories",
    {
        NAME: "*full_name",
        sa.Text: "url default_branch viewer",
        sa.Boolean: "can_triage can_push archived has_issues",
        Moment: "synced_at? since?",
        sa.Integer: "version",
    },
)
issues = _table(
    "issues",
    {
        NAME: "*repository",
        sa.Integer: "*number comments",
        sa.Text: "title body author url",
        CODE: "state",
        REASON: "state_reason? author_association",
        NAMES: "labels",
        Moment: "created_at updated_at closed_at?",
        sa.Boolean: "locked",
    },
    sa.Index(None, "repository", "state"),
)
comments = _table(
    "comments",
    {
        NAME: "*repository",
        sa.BigInteger: "*id",
        sa.Integer: "number",
        sa.Text: "author body url",
        Moment: "created_at updated_at",
        REASON: "author_association",
    },
    sa.Index(None, "repository", "number"),
)
labels = _table("labels", {NAME: "*repository *name", sa.Integer: "position", CODE: "color", sa.Text: "description"})
findings = _table(
    "findings",
    {NAME: "*repository key", sa.Integer: "*number", REASON: "kind", Json(Finding): "finding"},
    sa.Index(None, "repository", "kind"),
)

MIRROR = (findings, comments, issues, labels, repositories)

# --- ours alone

drafts = _table(
    "drafts",
    {
        # `live` is 1 while the draft is being written, NULL once it is retired. NULLs are distinct in a unique
        # constraint in every database, so this allows one live draft and any number of retired ones without a partial
        # index.
        sa.Integer: "*id number live?",
        NAME: "repository person template",
        sa.Text: "text suggestion",
        Moment: "saved_at retired_at?",
        ID: "retired_by?",
    },
    sa.UniqueConstraint("repository", "number", "person", "template", "live"),
)
ticks = _table(
    "ticks",
    {NAME: "*repository *template person", sa.Integer: "*number *criterion", sa.Text: "text", Moment: "at"},
)
dismissals = _table("dismissals", {NAME: "*repository person", sa.Integer: "*number", sa.Text: "reason", Moment: "at"})

# --- the journal: what was to be done and what became of it, never deleted but by a wipe

plans = _table(
    "plans",
    {
        ID: "*id undoes? claimed_by?",
        NAME: "repository person template",
        # `active` is 1 while the plan may still write, NULL afterwards (as in `drafts.live`): one such plan for each
        # issue at most.
        sa.Integer: "number tries active?",
        CODE: "kind state wish",
        sa.JSON: "document",
        sa.Text: "sentence",
        NAMES: "changes",
        sa.Boolean: "anyway",
        Moment: "created_at due_at? lease_until? finished_at?",
    },
    sa.UniqueConstraint("repository", "number", "active"),
    sa.Index(None, "repository", "created_at"),
    sa.Index(None, "state", "due_at"),
    sa.Index(None, "undoes"),
)
steps = _table(
    "steps",
    {
        ID: "*plan",
        sa.Integer: "*position attempts",
        CODE: "kind state",
        sa.Text: "detail words url",
        Moment: "attempted_at? finished_at?",
        sa.JSON: "intent result",
        sa.Boolean: "taken_back",
    },
    sa.ForeignKeyConstraint(["plan"], ["plans.id"], ondelete="CASCADE"),
)

OURS = (drafts, ticks, dismissals, plans, steps)
