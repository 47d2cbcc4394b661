"""The first schema: the mirror, drafts, ticks, dismissals, and the journal of plans and steps.

Revision: 0001, the first.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CODE, REASON, ID, NAME = sa.String(16), sa.String(32), sa.String(64), sa.String(255)
BIG, BOOLEAN, INTEGER, JSON, MOMENT, TEXT = (
    sa.BigInteger(), sa.Boolean(), sa.Integer(), sa.JSON(), sa.DateTime(), sa.Text()
)  # fmt: skip

TABLES: dict[str, tuple[tuple[sa.types.TypeEngine[Any], str], ...]] = {
    "comments": (
        (NAME, "*repository"), (BIG, "*id"), (INTEGER, "number"), (TEXT, "author body"),
        (MOMENT, "created_at updated_at"), (TEXT, "url"), (REASON, "author_association"),
    ),
    "dismissals": ((NAME, "*repository"), (INTEGER, "*number"), (NAME, "person"), (TEXT, "reason"), (MOMENT, "at")),
    "drafts": (
        (INTEGER, "*id"), (NAME, "repository"), (INTEGER, "number"), (NAME, "person template"),
        (TEXT, "text suggestion"), (MOMENT, "saved_at retired_at?"), (ID, "retired_by?"), (INTEGER, "live?"),
    ),
    "findings": ((NAME, "*repository"), (INTEGER, "*number"), (NAME, "key"), (REASON, "kind"), (JSON, "finding")),
    "issues": (
        (NAME, "*repository"), (INTEGER, "*number"), (TEXT, "title body author"), (CODE, "state"),
        (MOMENT, "created_at updated_at"), (TEXT, "url"), (REASON, "state_reason?"), (JSON, "labels"),
        (INTEGER, "comments"), (MOMENT, "closed_at?"), (REASON, "author_association"), (BOOLEAN, "locked"),
    ),
    "labels": ((NAME, "*repository *name"), (INTEGER, "position"), (CODE, "color"), (TEXT, "description")),
    "plans": (
        (ID, "*id"), (NAME, "repository"), (INTEGER, "number"), (NAME, "person template"), (CODE, "kind"),
        (JSON, "document"), (MOMENT, "created_at"), (CODE, "state"), (TEXT, "sentence"), (JSON, "changes"),
        (BOOLEAN, "anyway"), (CODE, "wish"), (MOMENT, "due_at?"), (INTEGER, "tries"), (ID, "undoes? claimed_by?"),
        (MOMENT, "lease_until? finished_at?"), (INTEGER, "active?"),
    ),
    "repositories": (
        (NAME, "*full_name"), (TEXT, "url default_branch"), (BOOLEAN, "can_triage can_push archived has_issues"),
        (TEXT, "viewer"), (MOMENT, "synced_at? since?"), (INTEGER, "version"),
    ),
    "ticks": (
        (NAME, "*repository"), (INTEGER, "*number"), (NAME, "*template"), (INTEGER, "*criterion"), (TEXT, "text"),
        (NAME, "person"), (MOMENT, "at"),
    ),
    "steps": (
        (ID, "*plan"), (INTEGER, "*position"), (CODE, "kind"), (TEXT, "detail"), (CODE, "state"), (INTEGER, "attempts"),
        (MOMENT, "attempted_at? finished_at?"), (JSON, "intent result"), (TEXT, "words url"), (BOOLEAN, "taken_back"),
    ),
}  # fmt: skip
"""Columns of one type after another, in their order; those with a * are the primary key, those with a ? may be NULL."""

UNIQUE = {"drafts": "repository number person template live", "plans": "repository number active"}
INDEXES = (
    ("comments", "repository number"),
    ("findings", "repository kind"),
    ("issues", "repository state"),
    ("plans", "repository created_at"),
    ("plans", "state due_at"),
    ("plans", "undoes"),
)


def upgrade() -> None:
    for table in TABLES:
        op.create_table(table, *_columns(table), *_constraints(table))
    for table, columns in INDEXES:
        op.create_index(_name("ix", table, columns), table, columns.split())


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _columns(table: str) -> Iterator[sa.Column[Any]]:
    for kind, names in TABLES[table]:
        for name in names.split():
            yield sa.Column(name.strip("*?"), kind, primary_key="*" in name, nullable="?" in name)


def _constraints(table: str) -> Iterator[sa.Constraint]:
    if table == "steps":
        yield sa.ForeignKeyConstraint(["plan"], ["plans.id"], ondelete="CASCADE")
    if table in UNIQUE:
        yield sa.UniqueConstraint(*UNIQUE[table].split(), name=_name("uq", table, UNIQUE[table]))


def _name(prefix: str, table: str, columns: str) -> str:
    return "_".join([prefix, table, *columns.split()])
