"""The review pane: the chosen issue, what was done about it, its closure criteria, and the suggested response."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.answering import CLICK_WORDS, answering, see
from pages.parts.callbacks import draw_button
from pages.parts.checklist import draw_checklist
from pages.parts.clicks import click_again, look_again
from pages.parts.issue_view import draw_evidence, draw_head, draw_issue
from pages.parts.plans import draw_undo
from pages.parts.response import draw_response
from pages.parts.snippets import escape_markdown
from triage.models import Comment
from triage.plans import find_changes
from triage.queue import Row
from triage.workspace import Workspace


def draw_pane(workspace: Workspace, number: int) -> None:
    row = workspace.row(number)
    if row is None:
        st.warning(f"Issue #{number} is not in {workspace.repository}.", icon=":material/warning:")
        return
    comments = workspace.comments(number)
    checklist = workspace.checklist(row)
    # What may come and go has a container that stays: else the text area below would be made anew by a refresh in the
    # background, and what is typed and not yet committed would be gone.
    draw_head(workspace, row)
    draw_evidence(row)
    with st.container():
        draw_undo(workspace, row)
    with st.container(height=260, key="thread", border=True):
        draw_issue(workspace, row, comments)
    with st.container():
        draw_changes(workspace, row, comments)
    with st.container():
        if checklist is not None:
            draw_checklist(workspace, row, checklist)
    draw_response(workspace, row, closing_shown=checklist is not None and row.state != "closed")


def draw_changes(workspace: Workspace, row: Row, comments: Sequence[Comment]) -> None:
    """What has changed since the person looked, and the ways on; a click that was stopped can be repeated anyway."""
    state = answering(row.number)
    stopped = state.stopped
    own = workspace.store.load_plan(state.own_plan)
    if own is not None and not own.unfinished:
        state.look_again()  # a click of one's own that went out while one looked on is no change by somebody else
    seen = see(workspace, row.number)
    changes = stopped.changes if stopped else ()
    if seen is not None and not changes:
        changes = find_changes(seen, row.issue, comments, now=workspace.now)
    if not changes:
        return
    words = "Nothing was sent, as the issue has changed" if stopped else "The issue has changed"
    listed = escape_markdown("; ".join(changes))
    with st.container(horizontal=True, vertical_alignment="center", key=state.key("changes")):
        st.warning(f"{words} since you looked: {listed}. Your text is kept.", icon=":material/front_hand:")
        why = "Continues with the issue as it is now. Your text stays."
        draw_button(workspace, row.number, "Look again", "look", "visibility", look_again, help=why)
        if stopped:
            words = f"{CLICK_WORDS[stopped.kind]} anyway"
            draw_button(workspace, row.number, words, "anyway", "send", click_again)
