"""The small pieces that pages share: which row a click chooses, and how chosen labels are drawn."""

import re
from typing import Any

import pytest

from pages.parts.controls import find_chosen_row
from pages.parts.snippets import label_css


def selection(rows: list[int], cells: list[tuple[int, str]]) -> dict[str, Any]:
    return {"selection": {"rows": rows, "columns": [], "cells": cells}}


@pytest.mark.parametrize(
    ("rows", "cells", "chosen"),
    [
        ([], [], None),
        ([4], [], 4),
        ([], [(2, "title")], 2),
        ([4], [(2, "title")], 2),
        ([], [(0, "number")], None),
        ([4], [(0, "number")], 4),
    ],
)
def test_a_click_anywhere_but_in_the_first_column_chooses_the_row(
    rows: list[int], cells: list[tuple[int, str]], chosen: int | None
) -> None:
    assert find_chosen_row(selection(rows, cells), first_column="number") == chosen


def test_chosen_labels_have_the_repositorys_colours() -> None:
    css = label_css({"bug": "d73a4a"})
    assert '[data-tag][aria-label="bug"]' in css
    assert "#d73a4a" in css


@pytest.mark.parametrize(
    "name", ['"]{} body{display:none}', "</style><script>", "back\\slash", "good first issue", "größe"]
)
def test_a_labels_name_cannot_leave_its_rule(name: str) -> None:
    found = re.fullmatch(r'.*\[aria-label="((?:[\w -]|\\[0-9a-f]+ )*)"\] \{[^{}]*\}', label_css({name: "d73a4a"}))
    assert found is not None
    assert re.sub(r"\\([0-9a-f]+) ", lambda code: chr(int(code[1], 16)), found[1]) == name
