"""Values of ours as rows of a table, and back: each field is a column of the same name."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import fields
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from triage.store import schema

_BATCH = 500
"""How many numbers go into one IN (...): SQLite of old takes 999 parameters."""


class Numbered(Protocol):
    """What belongs to an issue."""

    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=Numbered)


def columns(table: sa.Table, kind: type) -> list[sa.Column[Any]]:
    """The columns that hold a dataclass, in the order of its fields."""
    return [table.c[field.name] for field in fields(kind)]


def row(full_name: str, value: Any) -> dict[str, Any]:
    """The row of a dataclass that belongs to a repository."""
    return {"repository": full_name, **{field.name: getattr(value, field.name) for field in fields(value)}}


def load_by_number(
    connection: sa.Connection,
    table: sa.Table,
    kind: type[N],
    full_name: str,
    numbers: Collection[int] | None,
    *order: str,
) -> dict[int, list[N]]:
    """Values by issue number, each list by the columns `order`; None asks for all issues."""
    asked = sa.select(*columns(table, kind)).where(table.c.repository == full_name)
    asked = asked.order_by(table.c.number, *(table.c[name] for name in order))
    found: dict[int, list[N]] = defaultdict(list)
    for part in [None] if numbers is None else batches(numbers):
        for values in connection.execute(asked if part is None else asked.where(table.c.number.in_(part))):
            found[values.number].append(kind(*values))
    return dict(found)


def batches(numbers: Iterable[int]) -> list[list[int]]:
    """The numbers in portions that one statement takes."""
    ordered = sorted(numbers)
    return [ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH)]


def clear(connection: sa.Connection, full_name: str, tables: Iterable[sa.Table]) -> None:
    """Deletes all rows of a repository."""
    for table in tables:
        key = table.c.full_name if table is schema.repositories else table.c.repository
        connection.execute(sa.delete(table).where(key == full_name))
