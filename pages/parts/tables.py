"""A row of a table is chosen by a click anywhere in it, not by its check box alone."""

from collections.abc import Mapping
from typing import Any, Literal

ROW_OR_CELL: tuple[Literal["single-row"], Literal["single-cell"]] = ("single-row", "single-cell")
"""The selection mode of a table whose rows open something."""


def find_chosen_row(table: Mapping[str, Any], *, first_column: str) -> int | None:
    """The position of the row that a table's selection names by its box or by one of its cells; None for none.

    A cell of the first column chooses nothing: the table names one by itself when the keyboard's focus enters it.
    """
    selection = table["selection"]
    clicked = [row for row, column in selection["cells"] if column != first_column]
    rows = clicked or selection["rows"]
    return int(rows[0]) if rows else None
