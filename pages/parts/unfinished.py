"""Plans that were interrupted or wait: a row for each, with resume and give up."""

import math
from datetime import timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.clicks import click_give_up, click_resume
from pages.parts.snippets import escape_markdown
from triage.desk import CAN_BE_TAKEN_BACK
from triage.plans import PlanRecord, StepRecord
from triage.workspace import Workspace, open_workspace

STEP_LOOK = {
    "done": ("check_circle", "green"),
    "sending": ("pending", "orange"),
    "pending": ("radio_button_unchecked", "gray"),
    "failed": ("error", "red"),
    "unknown": ("help", "orange"),
}


def draw_unfinished(workspace: Workspace) -> None:
    """Nothing where all is done."""
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


def _can_be_taken_back(workspace: Workspace, plan: PlanRecord) -> bool:
    """Whether a click still waits out the time in which it can be taken back with nothing sent."""
    delayed = workspace.services.settings.undo_seconds > 0 and plan.kind in ("post", "close")
    return delayed and plan.state == "waiting" and not plan.begun and plan.sentence == CAN_BE_TAKEN_BACK


def _draw_waiting_click(workspace: Workspace, plan: PlanRecord) -> None:
    steps = ", ".join(step.detail for step in plan.steps if step.kind != "create_label")
    waits = f"goes out in {_seconds_left(workspace, plan)} s"
    with _line(plan):
        st.markdown(
            f":orange[:material/hourglass_top:] **#{plan.number}** {waits}: {escape_markdown(steps)}", width="stretch"
        )
        args = (workspace.repository, plan.number, plan.id)
        st.button("Send now", key=f"resume-{plan.id}", icon=":material/send:", on_click=click_resume, args=args)
        st.button("Take back", key=f"give-up-{plan.id}", icon=":material/undo:", on_click=click_give_up, args=args)


def _draw_plan(workspace: Workspace, plan: PlanRecord) -> None:
    """What it waits for or failed at, its steps, and the two ways on."""
    sentence = plan.sentence or "This was interrupted before it was finished."
    if plan.state == "running":
        sentence = "This is under way, or was interrupted."
    if plan.goes_on_at is not None:
        at_the_latest = "" if plan.state == "waiting" else " at the latest"
        sentence += f" Continues by itself in {_seconds_left(workspace, plan)} s{at_the_latest}."
    with st.container(border=True, gap="xsmall", key=f"unfinished-{plan.id}"):
        with _line(plan):
            st.markdown(f"**#{plan.number}** · {escape_markdown(sentence)}", width="stretch")
            args = (workspace.repository, plan.number, plan.id)
            st.button(
                "Resume",
                key=f"resume-{plan.id}",
                icon=":material/play_arrow:",
                help="Checks what reached GitHub, then sends only the rest.",
                on_click=click_resume,
                args=args,
            )
            st.button(
                "Give up",
                key=f"give-up-{plan.id}",
                icon=":material/close:",
                help="Checks what reached GitHub, so that the journal is right, and sends nothing more.",
                on_click=click_give_up,
                args=args,
            )
        st.markdown(" · ".join(_step_words(step) for step in plan.steps))


def _line(plan: PlanRecord) -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", key=f"unfinished-line-{plan.id}")


def _seconds_left(workspace: Workspace, plan: PlanRecord) -> int:
    left = plan.goes_on_at - workspace.now if plan.goes_on_at else timedelta()
    return math.ceil(max(left, timedelta()).total_seconds())


def _step_words(step: StepRecord) -> str:
    icon, colour = STEP_LOOK.get(step.state, STEP_LOOK["unknown"])
    words = step.words if step.state == "done" and step.words else step.detail
    return f":{colour}[:material/{icon}:] {escape_markdown(words)}"
