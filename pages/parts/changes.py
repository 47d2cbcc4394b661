"""What has changed on GitHub since the person looked, before or at a click, and the two ways on."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.clicks import CLICK_WORDS, Stop, click_again, look_again, seen
from pages.parts.style import inert
from triage.models import Comment
from triage.plans import find_changes
from triage.queue import Row
from triage.workspace import Workspace


def draw_changes(workspace: Workspace, row: Row, comments: Sequence[Comment]) -> None:
    """Nothing where all is as it was seen. A click that was stopped can be repeated anyway."""
    number = row.number
    stop: Stop | None = st.session_state.get(f"stop-{number}")
    _forget_own(workspace, number)
    before = seen(workspace, number)
    changes = stop.changes if stop else ()
    if before is not None and not changes:
        changes = find_changes(before, row.issue, comments, now=workspace.now)
    if not changes:
        return
    said = "; ".join(changes)
    words = "Nothing was sent, as the issue has changed" if stop else "The issue has changed"
    with st.container(horizontal=True, vertical_alignment="center", key=f"changes-{number}"):
        st.warning(f"{words} since you looked: {inert(said)}. Your text is kept.", icon=":material/front_hand:")
        st.button(
            "Look again",
            key=f"look-{number}",
            icon=":material/visibility:",
            help="Takes the issue as it stands above now; your text stays.",
            on_click=look_again,
            args=(number,),
        )
        if stop:
            st.button(
                f"{CLICK_WORDS[stop.click]} anyway",
                key=f"anyway-{number}",
                icon=":material/send:",
                on_click=click_again,
                args=(workspace, number, stop),
            )


def _forget_own(workspace: Workspace, number: int) -> None:
    """A click of one's own that went out while one looked on is no change by somebody else."""
    plan = workspace.store.load_plan(st.session_state.get(f"own-{number}", ""))
    if plan is not None and not plan.unfinished:
        look_again(number)
