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
T = TypeVar("T")
Where = sa.ColumnElement[bool]


def columns(table: sa.Table, kind: type) -> list[sa.Column[Any]]:
    """The columns that hold a dataclass, in the order of its fields."""
    return [table.c[field.name] for field in fields(kind)]


def row(full_name: str, value: Any) -> dict[str, Any]:
    """The row of a dataclass that belongs to a repository."""
    return {"repository": full_name, **{field.name: getattr(value, field.name) for field in fields(value)}}


def load(connection: sa.Connection, table: sa.Table, kind: type[T], where: Where, *order: Any) -> list[T]:
    """The dataclasses that a table holds, by the columns `order`."""
    asked = sa.select(*columns(table, kind)).where(where).order_by(*order)
    return [kind(*values) for values in connection.execute(asked)]


def parts(table: sa.Table, full_name: str, numbers: Collection[int] | None) -> list[Where]:
    """The rows of these issues, in portions that one statement takes; None asks for all issues."""
    where = table.c.repository == full_name
    return [where] if numbers is None else [where & table.c.number.in_(batch) for batch in batches(numbers)]


def by_number(values: Iterable[N]) -> dict[int, list[N]]:
    """The values of each issue, in their order."""
    found: dict[int, list[N]] = defaultdict(list)
    for value in values:
        found[value.number].append(value)
    return dict(found)


def load_by_number(
    connection: sa.Connection, table: sa.Table, kind: type[N], asked: Iterable[Where], *order: str
) -> dict[int, list[N]]:
    """Values by issue number, each list by the columns `order`; `asked` as `parts` gives it."""
    ordered = [table.c[name] for name in ("number", *order)]
    return by_number(value for part in asked for value in load(connection, table, kind, part, *ordered))


def batches(keys: Iterable[Any]) -> list[list[Any]]:
    """The keys in portions that one statement takes."""
    ordered = sorted(keys)
    return [ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH)]


def clear(connection: sa.Connection, full_name: str, tables: Iterable[sa.Table]) -> None:
    """Deletes all rows of a repository."""
    for table in tables:
        key = table.c.full_name if table is schema.repositories else table.c.repository
        connection.execute(sa.delete(table).where(key == full_name))
