"""What was clicked: plans that wait or were interrupted, and the last one that was carried out, with its undo."""

import math
from datetime import timedelta
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.callbacks import draw_button
from pages.parts.clicks import click_give_up, click_resume, click_undo
from pages.parts.snippets import age, escape_markdown, plural
from triage.desk import CAN_BE_TAKEN_BACK
from triage.plans import PlanRecord, StepRecord
from triage.queue import Row
from triage.workspace import Workspace, open_workspace

STEP_LOOK = {
    "done": ("check_circle", "green"),
    "sending": ("pending", "orange"),
    "pending": ("radio_button_unchecked", "gray"),
    "failed": ("error", "red"),
}


def draw_unfinished(workspace: Workspace) -> None:
    """A row for each plan that waits or was interrupted, with the ways on; nothing where all is done."""
    if not _find_interrupted(workspace):
        return

    @st.fragment(run_every=1.0)
    def live() -> None:
        fresh = open_workspace(workspace.repository)
        plans = _find_interrupted(fresh)
        if not plans:
            st.rerun(scope="app")
        for plan in plans:
            if _can_be_taken_back(fresh, plan):
                _draw_waiting_click(fresh, plan)
            else:
                _draw_plan(fresh, plan)

    live()


def _find_interrupted(workspace: Workspace) -> list[PlanRecord]:
    """Unfinished plans of which something was sent, or that wait; a click that was stopped before is said elsewhere."""
    plans = workspace.store.load_unfinished(workspace.repository)
    return [plan for plan in plans if plan.begun or plan.state in ("waiting", "running")]


def _draw_waiting_click(workspace: Workspace, plan: PlanRecord) -> None:
    steps = ", ".join(step.detail for step in plan.steps if step.kind != "create_label")
    words = f"**#{plan.number}** will be sent in {_time_left(workspace, plan)}: {escape_markdown(steps)}"
    with _line(plan):
        st.markdown(f":orange[:material/hourglass_top:] {words}", width="stretch")
        draw_button(workspace, plan.number, "Send now", f"resume-{plan.id}", "send", click_resume, plan.id)
        draw_button(workspace, plan.number, "Take back", f"give-up-{plan.id}", "undo", click_give_up, plan.id)


def _draw_plan(workspace: Workspace, plan: PlanRecord) -> None:
    """What it waits for or failed at, its steps, and the two ways on."""
    sentence = plan.sentence or "This was interrupted before it finished."
    if plan.state == "running":
        sentence = "This is in progress, or was interrupted."
    if plan.goes_on_at is not None:
        at_the_latest = "" if plan.state == "waiting" else " at the latest"
        sentence += f" Continues by itself in {_time_left(workspace, plan)}{at_the_latest}."
    rest = "Checks what reached GitHub, then sends only the rest."
    none = "Checks what reached GitHub, so that the journal is right, and sends nothing more."
    with st.container(border=True, gap="xsmall", key=f"unfinished-{plan.id}"):
        with _line(plan):
            st.markdown(f"**#{plan.number}** · {escape_markdown(sentence)}", width="stretch")
            name = f"resume-{plan.id}"
            draw_button(workspace, plan.number, "Resume", name, "play_arrow", click_resume, plan.id, help=rest)
            name = f"give-up-{plan.id}"
            draw_button(workspace, plan.number, "Give up", name, "close", click_give_up, plan.id, help=none)
        st.markdown(" · ".join(_step_words(step) for step in plan.steps))


def _line(plan: PlanRecord) -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", key=f"unfinished-line-{plan.id}")


def _can_be_taken_back(workspace: Workspace, plan: PlanRecord) -> bool:
    """Whether a click still waits out the time in which it can be taken back with nothing sent."""
    delayed = workspace.services.settings.undo_seconds > 0 and plan.kind in ("post", "close")
    return delayed and plan.state == "waiting" and not plan.begun and plan.sentence == CAN_BE_TAKEN_BACK


def _time_left(workspace: Workspace, plan: PlanRecord) -> str:
    left = plan.goes_on_at - workspace.now if plan.goes_on_at else timedelta()
    return plural(math.ceil(max(left, timedelta()).total_seconds()), "second")


def _step_words(step: StepRecord) -> str:
    icon, colour = STEP_LOOK.get(step.state, ("help", "orange"))
    words = step.words if step.state == "done" and step.words else step.detail
    return f":{colour}[:material/{icon}:] {escape_markdown(words)}"


def find_undoable(workspace: Workspace, number: int) -> PlanRecord | None:
    """The latest plan of an issue that still stands on GitHub."""
    plans = workspace.store.load_plans(workspace.repository, [number]).get(number, [])
    posted = [plan for plan in plans if plan.kind in ("post", "close") and plan.state == "done"]
    return next((plan for plan in reversed(posted) if any(step.stands for step in plan.steps)), None)


def draw_undo(workspace: Workspace, row: Row) -> None:
    """A line with the last click and the button that undoes it."""
    plan = find_undoable(workspace, row.number)
    if plan is None:
        return
    done = ", ".join(step.words or step.detail for step in plan.steps if step.stands and step.kind != "create_label")
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
