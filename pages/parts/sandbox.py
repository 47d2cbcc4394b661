"""The sandbox's own switches: how to leave it for a real repository, the reset, and faults on order."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from pages.parts.callbacks import set_notice
from pages.parts.controls import draw_choice
from triage.services import open_services
from triage.workspace import Workspace

CONNECT = Path(__file__).with_name("connect.md").read_text(encoding="utf-8")

FAULTS: Mapping[str, tuple[str, Sequence[Mapping[str, object]]]] = {
    "refused": ("The comment is refused", [{"fault": "refused", "kind": "comment"}]),
    "502": ("The comment is stored, and the answer is 502", [{"fault": "applied_but_502", "kind": "comment"}]),
    "reset": ("The comment is stored, and the connection breaks", [{"fault": "applied_but_reset", "kind": "comment"}]),
    "labels": ("The labels are not added (502)", [{"fault": "not_applied_502", "kind": "add_labels"}]),
    "secondary": ("GitHub asks to wait 20 seconds", [{"fault": "secondary_403", "kind": "comment", "retry_after": 20}]),
    "unauthorized": ("The token is refused at the labels", [{"fault": "unauthorized_401", "kind": "add_labels"}]),
    "down": ("GitHub is down for half a minute", [{"fault": "down", "seconds": 30}]),
}
"""What can go wrong in the sandbox on order: words for people, and the rules that bring it about."""


def draw_sandbox(workspace: Workspace) -> None:
    with st.popover("Connect a repository", icon=":material/link:"):
        st.markdown(CONNECT)
    with st.popover("Sandbox", icon=":material/science:"):
        st.caption("Reporters answer a few seconds after you post. Everything here survives a restart.")
        words, why = "Reset the sandbox", "Restores all issues, and deletes the sandbox's drafts, ticks and journal."
        args = (workspace.repository,)
        st.button(words, key="reset-sandbox", icon=":material/restart_alt:", help=why, on_click=_reset, args=args)
        _draw_faults()


def _draw_faults() -> None:
    """The fault switch: what the next write meets, so that a maintainer can see how the dashboard copes."""
    why = "Only in the sandbox. Post a response afterwards to see how the dashboard copes."
    words = {name: words for name, (words, _) in FAULTS.items()}
    draw_choice(st.selectbox, "Make the next request fail", words, "fault", help=why)
    with st.container(horizontal=True):
        st.button("Apply", key="arm", icon=":material/bolt:", on_click=_arm)
        st.button("Stop failing", key="disarm", icon=":material/healing:", on_click=_disarm)


def _arm() -> None:
    words, rules = FAULTS[st.session_state["fault"]]
    open_services().break_sandbox(rules)
    set_notice("done", f"The next request will fail: {words}.")


def _disarm() -> None:
    open_services().break_sandbox(())
    set_notice("done", "The sandbox works normally again.")


def _reset(repository: str) -> None:
    open_services().reset_sandbox(repository)
    st.session_state.clear()
    set_notice("done", "The sandbox was reset.")
