"""What was last done to an issue, and the way back."""

from html import escape

import streamlit as st

from pages.parts.clicks import click_undo
from pages.parts.style import moment
from triage.queue import Row
from triage.store import PlanRecord
from triage.workspace import Workspace


def find_undoable(workspace: Workspace, number: int) -> PlanRecord | None:
    """The latest plan of an issue that still stands on GitHub."""
    plans = workspace.store.load_plans(workspace.repository, [number]).get(number, [])
    for plan in reversed(plans):
        if plan.kind in ("post", "close") and plan.state == "done":
            stands = [step for step in plan.steps if step.state == "done" and not step.taken_back]
            if stands:
                return plan
    return None


def draw_undo(workspace: Workspace, row: Row) -> None:
    """A line with the last deed and the button that takes it back; what cannot be taken back is said before."""
    plan = find_undoable(workspace, row.number)
    if plan is None:
        return
    stands = [step for step in plan.steps if step.state == "done" and not step.taken_back]
    done = ", ".join(step.words or step.detail for step in stands if step.kind != "create_label")
    who = "You" if plan.person == workspace.person else plan.person
    at = plan.finished_at or plan.created_at
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        words = f"<b>{escape(who)}</b>, {moment(at, workspace.now)}: {escape(done)}"
        st.html(f'<div class="triage-meta"><span>{words}</span></div>')
        draw_undo_button(workspace, row.number, plan.id)


def draw_undo_button(workspace: Workspace, number: int, plan_id: str) -> None:
    """The button that takes a plan back; what cannot be taken back is said before."""
    with st.popover("Undo", icon=":material/undo:"):
        for warning in workspace.desk.undo_warnings(plan_id):
            st.caption(f":material/info: {warning}")
        st.button(
            "Take it all back",
            key=f"undo-{number}",
            icon=":material/undo:",
            disabled=bool(workspace.why_read_only),
            on_click=click_undo,
            args=(workspace, number, plan_id),
        )
