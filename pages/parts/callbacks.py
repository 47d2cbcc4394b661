"""What every callback of a widget needs: a fresh workspace, and a way to say what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import streamlit as st

from pages.parts.answering import issue_key
from triage.models import GitHubError
from triage.plans import PlanError
from triage.store import StoreError
from triage.workspace import Workspace, open_workspace

P = ParamSpec("P")


@dataclass(frozen=True)
class Notice:
    """What the next run says at the top of the page; `plan_id` names what can be undone from there."""

    state: str
    sentence: str
    number: int = 0
    plan_id: str = ""

    @property
    def offers_undo(self) -> bool:
        """Where the issue itself is open, its own undo is there."""
        return self.state == "done" and bool(self.plan_id) and st.session_state.get("issue") != self.number


def set_notice(state: str, sentence: str, *, number: int = 0, plan_id: str = "") -> None:
    st.session_state["notice"] = Notice(state, sentence, number, plan_id)


def on_issue(work: Callable[Concatenate[Workspace, int, P], None]) -> Callable[Concatenate[str, int, P], None]:
    """Makes a callback of `work` that takes a repository's name, an issue's number and identities.

    All else is found anew: what the page was drawn from may be old by the time of a click. What `work` raises becomes a
    notice; nothing that was typed is lost by it.
    """

    @wraps(work)
    def callback(repository: str, number: int, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            work(open_workspace(repository), number, *args, **kwargs)
        except (StoreError, GitHubError, PlanError) as error:
            set_notice("failed", str(error), number=number)

    return callback


def draw_button(
    workspace: Workspace,
    number: int,
    label: str,
    name: str,
    icon: str | None,
    work: Callable[..., None],
    *ids: Any,
    **look: Any,
) -> None:
    """A button under the key `name-number` whose callback takes repository, number and `ids`."""
    key, args = issue_key(name, number), (workspace.repository, number, *ids)
    st.button(label, key=key, icon=icon and f":material/{icon}:", on_click=work, args=args, **look)
