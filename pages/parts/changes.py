"""What has changed on GitHub since the person looked, before or at a click, and the two ways on."""

from collections.abc import Sequence

import streamlit as st

from pages.parts.answering import CLICK_WORDS, answering, look_again, see
from pages.parts.clicks import click_again
from pages.parts.snippets import escape_markdown
from triage.models import Comment
from triage.plans import find_changes
from triage.queue import Row
from triage.workspace import Workspace


def draw_changes(workspace: Workspace, row: Row, comments: Sequence[Comment]) -> None:
    """Nothing where all is as it was seen. A click that was stopped can be repeated anyway."""
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
        st.button(
            "Look again",
            key=state.key("look"),
            icon=":material/visibility:",
            help="Shows what a click would do to the issue as it is now; your text stays.",
            on_click=look_again,
            args=(row.number,),
        )
        if stopped:
            st.button(
                f"{CLICK_WORDS[stopped.kind]} anyway",
                key=state.key("anyway"),
                icon=":material/send:",
                on_click=click_again,
                args=(workspace.repository, row.number),
            )
