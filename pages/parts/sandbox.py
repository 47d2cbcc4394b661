"""The sandbox's own switches: how to leave it for a real repository, the reset, and faults on order."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.callbacks import set_notice
from triage.services import open_services
from triage.workspace import Workspace

CONNECT = """
The sandbox is a GitHub of its own on this machine: nothing you do here leaves it.

To work on a real repository, stop the dashboard, set two environment variables (or the same names in
`.streamlit/secrets.toml`) and start it again:

```bash
export GITHUB_TOKEN=github_pat_...
export TRIAGE_REPOSITORIES=owner/name
make run
```

The token needs *Issues: read and write* and *Metadata: read*; several repositories are written with commas between.

The README says where to make such a token and what else can be set.
"""

FAULTS: Mapping[str, tuple[str, Sequence[Mapping[str, object]]]] = {
    "refused": ("The comment is refused", [{"fault": "refused", "kind": "comment"}]),
    "502": ("The comment is stored, and the answer is 502", [{"fault": "applied_but_502", "kind": "comment"}]),
    "reset": ("The comment is stored, and the connection breaks", [{"fault": "applied_but_reset", "kind": "comment"}]),
    "labels": ("The labels are not added (502)", [{"fault": "not_applied_502", "kind": "add_labels"}]),
    "secondary": ("GitHub asks to wait 20 seconds", [{"fault": "secondary_403", "kind": "comment", "retry_after": 20}]),
    "unauthorized": ("The token is refused at the labels", [{"fault": "unauthorized_401", "kind": "add_labels"}]),
    "down": ("GitHub is down for half a minute", [{"fault": "down", "seconds": 30}]),
}
"""What the sandbox can be told to do wrong: words for people, and the rules that bring it about."""


def draw_sandbox(workspace: Workspace) -> None:
    with st.popover("Connect a repository", icon=":material/link:"):
        st.markdown(CONNECT)
    with st.popover("Sandbox", icon=":material/science:"):
        st.caption("Reporters answer a few seconds after you post. Everything here survives a restart.")
        st.button(
            "Reset the sandbox",
            key="reset-sandbox",
            icon=":material/restart_alt:",
            help="Puts all issues back as they were, and forgets drafts, ticks and the journal of the sandbox.",
            on_click=_reset,
            args=(workspace.repository,),
        )
        _draw_faults()


def _draw_faults() -> None:
    """The fault switch: what the next write meets, so that a maintainer can see how the dashboard copes."""
    st.selectbox(
        "Let the next request go wrong",
        list(FAULTS),
        format_func=lambda name: FAULTS[name][0],
        key="fault",
        help="Strikes the sandbox alone. Post a response afterwards and see what the dashboard says.",
    )
    with st.container(horizontal=True):
        st.button("Arm it", key="arm", icon=":material/bolt:", on_click=_arm)
        st.button("No more faults", key="disarm", icon=":material/healing:", on_click=_disarm)


def _arm() -> None:
    words, rules = FAULTS[st.session_state["fault"]]
    open_services().break_sandbox(rules)
    set_notice("done", f"The next request goes wrong: {words}.")


def _disarm() -> None:
    open_services().break_sandbox(())
    set_notice("done", "The sandbox works as usual again.")


def _reset(repository: str) -> None:
    open_services().reset_sandbox(repository)
    st.session_state.clear()
    set_notice("done", "The sandbox is as it was at the start.")
