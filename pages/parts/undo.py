"""What was last done to an issue, and the way back."""

from html import escape

import streamlit as st

from pages.parts.callbacks import draw_button
from pages.parts.clicks import click_undo
from pages.parts.snippets import age
from triage.plans import PlanRecord, StepRecord
from triage.queue import Row
from triage.workspace import Workspace


def find_undoable(workspace: Workspace, number: int) -> PlanRecord | None:
    """The latest plan of an issue that still stands on GitHub."""
    plans = workspace.store.load_plans(workspace.repository, [number]).get(number, [])
    posted = [plan for plan in plans if plan.kind in ("post", "close") and plan.state == "done"]
    return next((plan for plan in reversed(posted) if _find_standing(plan)), None)


def _find_standing(plan: PlanRecord) -> list[StepRecord]:
    return [step for step in plan.steps if step.state == "done" and not step.taken_back]


def draw_undo(workspace: Workspace, row: Row) -> None:
    """A line with the last click and the button that undoes it."""
    plan = find_undoable(workspace, row.number)
    if plan is None:
        return
    done = ", ".join(step.words or step.detail for step in _find_standing(plan) if step.kind != "create_label")
    who = "You" if plan.person == workspace.person else plan.person
    at = age(plan.finished_at or plan.created_at, workspace.now)
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html(f'<div class="triage-meta"><span><b>{escape(who)}</b>, {at}: {escape(done)}</span></div>')
        with st.popover("Undo", icon=":material/undo:"):
            draw_undo_button(workspace, row.number, plan.id)


def draw_undo_button(workspace: Workspace, number: int, plan_id: str) -> None:
    """The button that undoes a plan; what cannot be undone is said before."""
    for warning in workspace.desk.undo_warnings(plan_id):
        st.caption(f":material/info: {warning}")
    off = bool(workspace.why_read_only)
    draw_button(workspace, number, "Undo the whole click", "undo", "undo", click_undo, plan_id, disabled=off)
