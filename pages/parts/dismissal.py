"""Putting an issue aside that is none for this queue, and taking it up again."""

import streamlit as st

from pages.parts.clicks import click_dismiss, click_undismiss
from triage.queue import Row
from triage.workspace import Workspace


def draw_dismissal(workspace: Workspace, row: Row) -> None:
    """The one button or the other; nothing for a closed issue."""
    if row.state == "dismissed":
        st.button(
            "Take up again",
            key=f"dismiss-{row.number}",
            icon=":material/undo:",
            type="tertiary",
            on_click=click_undismiss,
            args=(workspace, row.number),
        )
    elif row.state != "closed":
        st.button(
            "Dismiss",
            key=f"dismiss-{row.number}",
            icon=":material/visibility_off:",
            type="tertiary",
            help="Not for this queue: puts the issue aside here. Nothing changes on GitHub.",
            on_click=click_dismiss,
            args=(workspace, row.number),
        )
