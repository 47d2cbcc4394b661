"""The review pane: the chosen issue, what was done about it, its closure criteria, and the suggested response."""

import streamlit as st

from pages.parts.changes import draw_changes
from pages.parts.checklist import draw_checklist
from pages.parts.issue_view import draw_evidence, draw_head, draw_issue
from pages.parts.response import draw_response
from pages.parts.undo import draw_undo
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
