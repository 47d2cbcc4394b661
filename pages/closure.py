"""Answered issues and their closure checklists."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.answering import issue_key
from pages.parts.checklist import draw_checklist
from pages.parts.controls import draw_choice
from pages.parts.frame import open_page
from pages.parts.issue_view import draw_head
from pages.parts.review import draw_changes
from pages.parts.snippets import empty_state, plural
from triage.queue import STATE_WORDS, Row, State, order_rows
from triage.workspace import Workspace

SHOWN_AT_ONCE = 10
PARTS: tuple[State, ...] = ("ready_to_close", "reporter_replied", "waiting_for_reporter", "closed")


def draw_closure(workspace: Workspace) -> None:
    answered = [row for row in workspace.rows if workspace.answered_with(row) is not None]
    parts = {state: order_rows(row for row in answered if row.state == state) for state in PARTS}
    part = _draw_parts(parts)
    for row in _draw_pages(parts[part]):
        _draw_card(workspace, row)
    if not parts[part]:
        _draw_empty(workspace, answered, part)


def _draw_parts(parts: Mapping[State, Sequence[Row]]) -> State:
    """The chosen part; at first the first one that holds something."""
    if st.session_state.get("part") not in PARTS:
        st.session_state["part"] = next((state for state, rows in parts.items() if rows), "ready_to_close")
    words = {state: f"{STATE_WORDS[state]} {len(rows)}" for state, rows in parts.items()}
    look = {"required": True, "label_visibility": "collapsed", "persist_state": "session"}
    part: State | None = draw_choice(st.segmented_control, "Part", words, "part", **look)
    return part or "ready_to_close"


def _draw_pages(rows: Sequence[Row]) -> Sequence[Row]:
    if len(rows) <= SHOWN_AT_ONCE:
        return rows
    pages = -(-len(rows) // SHOWN_AT_ONCE)
    page = st.pagination(pages, key="closure-page")
    return rows[(page - 1) * SHOWN_AT_ONCE : page * SHOWN_AT_ONCE]


def _draw_card(workspace: Workspace, row: Row) -> None:
    checklist = workspace.checklist(row)
    if checklist is None:
        return
    with st.container(border=True, key=issue_key("card", row.number)):
        with st.container(horizontal=True, vertical_alignment="top"):
            draw_head(workspace, row)
            why = "Opens the issue in the queue, with its comments and a further response"
            if st.button("Open", key=issue_key("open", row.number), icon=":material/open_in_full:", help=why):
                st.session_state["issue"] = row.number
                st.switch_page("queue.py", query_params={"issue": str(row.number)})
        draw_changes(workspace, row, workspace.comments(row.number))
        draw_checklist(workspace, row, checklist, border=False)


def _draw_empty(workspace: Workspace, answered: Sequence[Row], part: State) -> None:
    if answered:
        heading = f"Nothing under “{STATE_WORDS[part]}”"
        waiting = plural(sum(row.state in PARTS and row.state != "closed" for row in answered), "answered issue")
        words = f"Still open in {workspace.repository}: {waiting}, none of them in this list."
    else:
        heading = "No answered issues yet"
        found = plural(len(workspace.rows), "issue")
        words = (
            "Post a response in the queue: the issue then appears here with its closure criteria until it is closed. "
            f"Import errors found in {workspace.repository}: {found}."
        )
    st.html(empty_state(heading, words))


draw_closure(open_page())
