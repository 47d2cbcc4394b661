"""Plans that were interrupted or wait: a row for each step, with resume and give up."""

import math
from datetime import timedelta

import streamlit as st

from pages.parts.clicks import forget, set_notice
from pages.parts.style import inert
from triage.desk import CAN_BE_TAKEN_BACK, ClickResult
from triage.services import utc_now
from triage.store import PlanRecord, StepRecord
from triage.workspace import Workspace

STEP_LOOK = {
    "done": ("check_circle", "green"),
    "sending": ("pending", "orange"),
    "pending": ("radio_button_unchecked", "gray"),
    "failed": ("error", "red"),
    "unknown": ("help", "orange"),
}


def find_interrupted(workspace: Workspace) -> list[PlanRecord]:
    """Unfinished plans of which something was sent, or that wait; a click that was stopped before is said elsewhere."""
    plans = workspace.store.load_unfinished(workspace.repository)
    return [plan for plan in plans if plan.begun or plan.state in ("waiting", "running")]


def draw_unfinished(workspace: Workspace) -> None:
    """Nothing where all is done."""
    if not find_interrupted(workspace):
        return

    @st.fragment(run_every=1.0)
    def live() -> None:
        fresh = Workspace(workspace.services, workspace.repository, utc_now())
        plans = find_interrupted(fresh)
        if not plans:
            st.rerun(scope="app")
        for plan in plans:
            _draw_plan(fresh, plan)

    live()


def is_in_undo_window(workspace: Workspace, plan: PlanRecord) -> bool:
    """Whether a click still waits out the time in which it can be taken back with nothing sent."""
    delayed = workspace.services.settings.undo_seconds > 0 and plan.kind in ("post", "close")
    return delayed and plan.state == "waiting" and not plan.begun and plan.sentence == CAN_BE_TAKEN_BACK


def _draw_plan(workspace: Workspace, plan: PlanRecord) -> None:
    """What it waits for or failed at, its steps, and the two ways on; a line alone where nothing was sent yet."""
    fresh = is_in_undo_window(workspace, plan)
    with st.container(border=not fresh, gap="xsmall", key=f"unfinished-{plan.id}"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"unfinished-line-{plan.id}"):
            st.markdown(_words(workspace, plan, fresh=fresh), width="stretch")
            st.button(
                "Send now" if fresh else "Resume",
                key=f"resume-{plan.id}",
                icon=":material/send:" if fresh else ":material/play_arrow:",
                help=None if fresh else "Looks up on GitHub what has arrived, and sends only the rest.",
                on_click=_resume,
                args=(workspace, plan),
            )
            st.button(
                "Take back" if fresh else "Give up",
                key=f"give-up-{plan.id}",
                icon=":material/undo:" if fresh else ":material/close:",
                help=None
                if fresh
                else "Leaves the rest undone. What has arrived is looked up first, so that the journal says the truth.",
                on_click=_give_up,
                args=(workspace, plan),
            )
        if not fresh:
            st.markdown(" · ".join(_step_words(step) for step in plan.steps))


def _step_words(step: StepRecord) -> str:
    icon, colour = STEP_LOOK.get(step.state, STEP_LOOK["unknown"])
    return f":{colour}[:material/{icon}:] {inert(step.words if step.state == 'done' and step.words else step.detail)}"


def _words(workspace: Workspace, plan: PlanRecord, *, fresh: bool) -> str:
    left = max(timedelta(), plan.goes_on_at - workspace.now) if plan.goes_on_at else timedelta()
    seconds = math.ceil(left.total_seconds())
    if fresh:
        deeds = ", ".join(step.detail for step in plan.steps if step.kind != "create_label")
        return f":orange[:material/hourglass_top:] **#{plan.number}** goes out in {seconds} s: {inert(deeds)}"
    sentence = plan.sentence or "This was interrupted before it was finished."
    if plan.state == "running":
        sentence = "This is under way, or was interrupted."
    if plan.goes_on_at is not None:
        sentence += f" Goes on by itself in {seconds} s{'' if plan.state == 'waiting' else ' at the latest'}."
    return f"**#{plan.number}** · {inert(sentence)}"


def _resume(workspace: Workspace, plan: PlanRecord) -> None:
    """What was stopped in the middle by a change goes on in spite of it: the person has seen the change here."""
    _tell(workspace.desk.resume(plan.id, anyway=plan.state == "stopped"), plan)


def _give_up(workspace: Workspace, plan: PlanRecord) -> None:
    """Where nothing was sent the issue comes up again, with the text as it was."""
    outcome = workspace.desk.give_up(plan.id)
    _tell(outcome, plan)
    if outcome.state == "given_up" and not plan.begun:
        forget(plan.number)
        if "issue" in st.session_state:
            st.session_state["issue"] = plan.number


def _tell(outcome: ClickResult, plan: PlanRecord) -> None:
    set_notice(outcome.state, outcome.sentence, number=plan.number, plan_id=outcome.plan_id)
