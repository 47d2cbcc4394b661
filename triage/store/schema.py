"""The tables: a mirror of GitHub that may be deleted at any time, and what is ours alone.

A change here needs a revision in `triage/migrations/versions`; a test compares the two.
"""

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

metadata = sa.MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)
NAME = sa.String(255)
"""`owner/name`, a login, a template's name."""

# --- the mirror: a cache

repositories = sa.Table(
    "repositories",
    metadata,
    sa.Column("full_name", NAME, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("default_branch", sa.Text, nullable=False),
    sa.Column("can_triage", sa.Boolean, nullable=False),
    sa.Column("can_push", sa.Boolean, nullable=False),
    sa.Column("archived", sa.Boolean, nullable=False),
    sa.Column("has_issues", sa.Boolean, nullable=False),
    sa.Column("viewer", sa.Text, nullable=False),
    sa.Column("synced_at", Moment),
    sa.Column("since", Moment),
    sa.Column("version", sa.Integer, nullable=False),
)

issues = sa.Table(
    "issues",
    metadata,
    sa.Column("repository", NAME, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("state_reason", sa.String(32)),
    sa.Column("labels", NAMES, nullable=False),
    sa.Column("comments", sa.Integer, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("author_association", sa.String(32), nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False),
    sa.Index(None, "repository", "state"),
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("repository", NAME, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("author_association", sa.String(32), nullable=False),
    sa.Index(None, "repository", "number"),
)

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("repository", NAME, primary_key=True),
    sa.Column("name", NAME, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("color", sa.String(16), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("repository", NAME, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.String(255), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("finding", Json(Finding), nullable=False),
    sa.Index(None, "repository", "kind"),
)

MIRROR = (findings, comments, issues, labels, repositories)

# --- ours alone

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("repository", NAME, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("person", NAME, nullable=False),
    sa.Column("template", NAME, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("suggestion", sa.Text, nullable=False),
    sa.Column("saved_at", Moment, nullable=False),
    sa.Column("retired_at", Moment),
    sa.Column("retired_by", sa.String(64)),
    # 1 while the draft is being written, NULL once it is retired. NULLs are distinct in a unique constraint in every
    # database, so this allows one live draft and any number of retired ones without a partial index.
    sa.Column("live", sa.Integer),
    sa.UniqueConstraint("repository", "number", "person", "template", "live"),
)

ticks = sa.Table(
    "ticks",
    metadata,
    sa.Column("repository", NAME, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("template", NAME, primary_key=True),
    sa.Column("criterion", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("person", NAME, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

dismissals = sa.Table(
    "dismissals",
    metadata,
    sa.Column("repository", NAME, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("person", NAME, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

# --- the journal: what was to be done and what became of it, never deleted but by a wipe

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("repository", NAME, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("person", NAME, nullable=False),
    sa.Column("template", NAME, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, default="running"),
    sa.Column("sentence", sa.Text, nullable=False, default=""),
    sa.Column("changes", NAMES, nullable=False, default=()),
    sa.Column("anyway", sa.Boolean, nullable=False, default=False),
    sa.Column("wish", sa.String(16), nullable=False, default=""),
    sa.Column("due_at", Moment),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("undoes", sa.String(64)),
    sa.Column("claimed_by", sa.String(64)),
    sa.Column("lease_until", Moment),
    sa.Column("finished_at", Moment),
    # 1 while the plan may still write, NULL afterwards (as in `drafts.live`): one such plan for each issue at most.
    sa.Column("active", sa.Integer),
    sa.UniqueConstraint("repository", "number", "active"),
    sa.Index(None, "repository", "created_at"),
    sa.Index(None, "state", "due_at"),
    sa.Index(None, "undoes"),
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("plan", sa.String(64), sa.ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, default="pending"),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("attempted_at", Moment),
    sa.Column("finished_at", Moment),
    sa.Column("intent", sa.JSON, nullable=False, default=dict),
    sa.Column("result", sa.JSON, nullable=False, default=dict),
    sa.Column("words", sa.Text, nullable=False, default=""),
    sa.Column("url", sa.Text, nullable=False, default=""),
    sa.Column("taken_back", sa.Boolean, nullable=False, default=False),
)

OURS = (drafts, ticks, dismissals, plans, steps)
