"""The review queue, and the review pane of the chosen issue."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from pages.parts.answering import issue_key
from pages.parts.controls import draw_choice, draw_table
from pages.parts.frame import open_page
from pages.parts.review import draw_pane
from pages.parts.snippets import empty_state, escape_markdown, plural
from triage.queue import (
    KIND_WORDS,
    ORDER_WORDS,
    STATE_WORDS,
    VIEW_WORDS,
    Filter,
    Order,
    Row,
    View,
    count_values,
    count_views,
    filter_rows,
    find_neighbour,
    order_rows,
)
from triage.workspace import Workspace

WIDE = ("number", "title", "codes", "kind", "state", "opened", "comments", "solution", "version", "author", "waiting")
NARROW = ("number", "title", "codes", "opened", "state", "comments", "kind", "solution", "version", "author", "waiting")
FILTER_WORDS: Mapping[Filter, str] = {"kind": "Kind", "code": "Error code", "solution": "Solution"}
ROWS_ALWAYS_SHOWN = 11  # As many fit into the smallest window; a longer list fills the window's height and scrolls.


def draw_queue(workspace: Workspace) -> None:
    rows = [row for row in workspace.rows if row.state != "closed"]
    view, shown, chosen = _draw_toolbar(workspace, rows)
    # The list stands in the first column with and without a pane beside it, so that a sorted column stays sorted.
    columns = st.columns([1] if chosen is None else [4, 7], gap="small")
    with columns[0], st.container(key="list-column", height=600, border=False):
        if shown:
            _draw_list(shown, wide=chosen is None)
        else:
            _draw_empty(workspace, rows, view)
    st.session_state["walk"] = [row.number for row in shown]
    if chosen is not None:
        with columns[1], st.container(key=issue_key("pane", chosen), height=600, border=False, gap="xsmall"):
            draw_pane(workspace, chosen)


def _draw_toolbar(workspace: Workspace, rows: Sequence[Row]) -> tuple[View, list[Row], int | None]:
    """The line of views, search, filters, order and the walk; what it leaves of the rows, and the chosen issue."""
    counts = count_views(rows)
    with st.container():
        asked = _asked_number(workspace)
    if st.session_state.get("view") not in VIEW_WORDS:
        st.session_state["view"] = "to_answer" if counts["to_answer"] else "all"
    with st.container(horizontal=True, vertical_alignment="center"):
        words = {view: f"{VIEW_WORDS[view]} {count}" for view, count in counts.items()}
        look: dict[str, Any] = {"label_visibility": "collapsed", "persist_state": "session"}
        view: View = draw_choice(st.segmented_control, "View", words, "view", required=True, **look) or "all"
        search = st.text_input(
            "Search",
            key="search",
            type="search",
            live="300ms",
            placeholder="Title, text, author, code or #number",
            width="stretch",
            **look,
        )
        chosen, order = _draw_filters(filter_rows(rows, view=view, search=search))
        shown = order_rows(filter_rows(rows, view=view, search=search, chosen=chosen), order)
        number = _draw_walk(asked, [row.number for row in rows])
    return view, shown, number


def _draw_walk(asked: int | None, numbers: Sequence[int]) -> int | None:
    """The chosen issue by number, which the address carries, and the way to the previous and the next."""
    options = list(dict.fromkeys([*([asked] if asked is not None else []), *sorted(numbers)]))
    chosen: int | None = st.selectbox(
        "Issue",
        options,
        index=None,
        key="issue",
        bind="query-params",
        placeholder="Issue",
        label_visibility="collapsed",
        width=110,
    )
    up, down = ":material/keyboard_arrow_up:", ":material/keyboard_arrow_down:"
    st.button("", key="previous", icon=up, shortcut="K", help="Previous issue", on_click=_walk, args=(-1,))
    st.button("", key="next", icon=down, shortcut="J", help="Next issue", on_click=_walk, args=(1,))
    return chosen


def _walk(step: Literal[1, -1]) -> None:
    """Goes to a neighbour in the list as it was drawn; at its end, stays."""
    neighbour = find_neighbour(st.session_state.get("walk", []), st.session_state.get("issue"), step)
    if neighbour is not None:
        st.session_state["issue"] = neighbour


def _draw_filters(rows: Sequence[Row]) -> tuple[dict[Filter, list[str]], Order]:
    """Kind, code and solution, each with how many issues carry it; and the order."""
    counts = count_values(rows)
    active = _count_filters()
    chosen: dict[Filter, list[str]] = {}
    with st.popover(f"Filter ({active})" if active else "Filter", icon=":material/filter_list:"):
        for name, label in FILTER_WORDS.items():
            kept = {value: 0 for value in st.session_state.get(f"filter-{name}") or [] if value not in counts[name]}
            names: Mapping[str, str] = {**KIND_WORDS} if name == "kind" else {}
            words = {value: f"{names.get(value, value)} {count}" for value, count in (counts[name] | kept).items()}
            look = {"selection_mode": "multi", "persist_state": "session"}
            chosen[name] = draw_choice(st.pills, label, words, f"filter-{name}", **look)
        why = "Next and previous follow this order. Click a column heading to sort only the table."
        order: Order = draw_choice(st.selectbox, "Order", ORDER_WORDS, "order", help=why, persist_state="session")
    return chosen, order


def _count_filters() -> int:
    """How many filters are set."""
    return sum(bool(st.session_state.get(f"filter-{name}")) for name in FILTER_WORDS)


def _draw_list(rows: Sequence[Row], *, wide: bool) -> None:
    """The table; a chosen row opens beside it, and then the table is narrow."""
    codes = sorted({code for row in rows for code in row.finding.codes})
    draw_table(
        _make_table(rows),
        [row.number for row in rows],
        key="queue",
        choice="issue",
        column_order=WIDE if wide else NARROW,
        height="stretch" if len(rows) > ROWS_ALWAYS_SHOWN else "content",
        alt="Open issues that mention import errors",
        column_config={
            "number": st.column_config.NumberColumn("#", format="%d", width=64, pinned=True),
            "title": st.column_config.TextColumn("Title", width=300 if wide else 230),
            "codes": st.column_config.MultiselectColumn("Codes", options=codes, color="gray", width=150),
            "kind": st.column_config.TextColumn("Kind", width=92),
            "state": st.column_config.TextColumn("State", width=150),
            "opened": st.column_config.DatetimeColumn("Opened", format="distance", width=104),
            "comments": st.column_config.NumberColumn("Comments", width=86),
            "solution": st.column_config.TextColumn("Solution", width=96),
            "version": st.column_config.TextColumn("Version", width=80),
            "author": st.column_config.TextColumn("Author", width=120),
            "waiting": st.column_config.TextColumn("Waiting for", width=120),
        },
    )


def _make_table(rows: Sequence[Row]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "number": row.number,
            "title": row.title,
            "codes": list(row.finding.codes),
            "kind": KIND_WORDS[row.finding.kind],
            "state": STATE_WORDS[row.state],
            "opened": row.issue.created_at,
            "comments": row.issue.comments,
            "solution": row.solution,
            "version": row.version,
            "author": row.issue.author,
            "waiting": row.waited_for,
        }
        for row in rows
    )
    return table.assign(opened=pd.to_datetime(table["opened"], utc=True))


def _asked_number(workspace: Workspace) -> int | None:
    """The issue that the person or the address asks for; a number that cannot be read or found is said."""
    if st.session_state.get("issue") is not None:
        chosen: int = st.session_state["issue"]
        return chosen
    asked = st.query_params.get("issue", "")
    if not asked or "issue" in st.session_state:
        return None
    sentence = ""
    if not asked.isdecimal() or len(asked) > 9:
        sentence = f"“{escape_markdown(asked)}” in the address is not an issue number."
    elif workspace.row(int(asked)) is None:
        sentence = workspace.fetch(int(asked))
    if not sentence:
        return int(asked)
    st.warning(sentence, icon=":material/warning:")
    return None


def _draw_empty(workspace: Workspace, rows: Sequence[Row], view: View) -> None:
    """Says what was looked at, and why nothing is there."""
    counts = workspace.store.count_issues(workspace.repository)
    looked = f"Read {plural(counts.open, 'open issue')} of {workspace.repository}"
    found = f"import errors found in {len(rows):,}"
    if not rows:
        empty = empty_state("No import errors", f"{looked}; none of them says that an import failed.")
    elif st.session_state.get("search") or _count_filters():
        empty = empty_state("Nothing matches", f"{looked}; {found}, none of which fits the search and the filters.")
    else:
        empty = empty_state(f"Nothing under “{VIEW_WORDS[view]}”", f"{looked}; {found}, none of which is in this view.")
    with st.container(horizontal_alignment="center"):
        st.html(empty)
        if rows:
            st.button("Show all open issues", icon=":material/filter_list_off:", key="clear", on_click=_clear)


def _clear() -> None:
    st.session_state["view"] = "all"
    st.session_state["search"] = ""
    for name in FILTER_WORDS:
        st.session_state[f"filter-{name}"] = []


draw_queue(open_page())
