"""What a click does: reads the widgets, makes a plan, hands it to the desk, keeps the outcome for the next run."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Literal, ParamSpec

import streamlit as st

from triage import plans
from triage.closure import ClosePolicy
from triage.desk import ClickResult
from triage.models import GitHubError, Label, StateReason
from triage.plans import Change, ChangeKind, Closing, Plan, PlanError, Response, Seen, make_plan
from triage.queue import Row, find_neighbour
from triage.responses import SuggestedLabel, Suggestion
from triage.services import utc_now
from triage.store import StoreError
from triage.workspace import Workspace

REASONS: Mapping[StateReason, str] = {
    "completed": "Completed",
    "not_planned": "Not planned",
    "duplicate": "Duplicate",
}
CREATE, LEAVE_OUT = "Create new labels", "Leave them out"

_PER_ISSUE = (
    *("response", "seed", "labels", "closing", "reason", "missing", "template"),
    *("seen", "own", "plan", "stop", "writing"),
)

P = ParamSpec("P")


Click = Literal["post", "post-close", "close"]
CLICK_WORDS: Mapping[Click, str] = {"post": "Post", "post-close": "Post and close", "close": "Close"}


@dataclass(frozen=True)
class Stop:
    """A click that was stopped because the issue had changed, and what had."""

    changes: tuple[str, ...]
    click: Click
    why: str = ""


@dataclass(frozen=True)
class Notice:
    """What the person is told at the top of the next run."""

    state: str
    sentence: str
    number: int = 0
    plan_id: str = ""


def set_notice(state: str, sentence: str, *, number: int = 0, plan_id: str = "") -> None:
    st.session_state["notice"] = Notice(state, sentence, number, plan_id)


def forget(number: int, names: Sequence[str] = _PER_ISSUE) -> None:
    """Lets the widgets of an issue be filled anew in the next run."""
    for name in names:
        st.session_state.pop(f"{name}-{number}", None)


def plan_id(number: int) -> str:
    """The id of the plan that the next click on this issue carries out; a second click finds the same."""
    found: str = st.session_state.setdefault(f"plan-{number}", secrets.token_hex(8))
    return found


def seen(workspace: Workspace, number: int) -> Seen | None:
    """The issue as the person first saw it since opening it or looking again."""
    key = f"seen-{number}"
    if key not in st.session_state:
        issue = workspace.store.load_issue(workspace.repository, number)
        if issue is None:
            return None
        st.session_state[key] = Seen.of(issue, workspace.comments(number))
        under_way = [plan.id for plan in workspace.store.load_unfinished(workspace.repository) if plan.number == number]
        st.session_state[f"own-{number}"] = under_way[0] if under_way else ""
    found: Seen = st.session_state[key]
    return found


def draw_closing(number: int, close: ClosePolicy | None, labels: Sequence[Label]) -> None:
    """The reason of a close and the labels that are added at it; drawn once for each issue and page."""
    if f"reason-{number}" not in st.session_state:
        st.session_state[f"reason-{number}"] = close.reason if close else "completed"
    st.selectbox(
        "Close as",
        list(REASONS),
        format_func=REASONS.__getitem__,
        key=f"reason-{number}",
        width=150,
        persist_state="session",
    )
    options = list(dict.fromkeys([*(close.labels if close else ()), *(label.name for label in labels)]))
    if f"closing-{number}" not in st.session_state:
        st.session_state[f"closing-{number}"] = list(close.labels) if close else []
    st.multiselect(
        "Label at closing", options, key=f"closing-{number}", placeholder="None", width=210, persist_state="session"
    )


def make_click_plan(
    workspace: Workspace,
    number: int,
    suggestion: Suggestion | None,
    *,
    text: str,
    closing: bool,
    close_anyway: str = "",
) -> Plan:
    """The plan of a click as the widgets stand now. Raises PlanError."""
    state = st.session_state
    suggested = suggestion.labels if suggestion else ()
    chosen = with_looks(state.get(f"labels-{number}", []), suggested) if text else []
    closing_labels = with_looks(state.get(f"closing-{number}", []), suggested) if closing else []
    known = {label.name.casefold() for label in workspace.labels}
    missing = [label.name for label in (*chosen, *closing_labels) if label.name.casefold() not in known]
    response = Response(suggestion.template if suggestion else "", text, tuple(chosen))
    if suggestion and text:
        response = replace(response, criteria=suggestion.criteria, close=suggestion.close)
    reason = state.get(f"reason-{number}", "completed")
    return make_plan(
        plans.Click(
            plan_id(number), workspace.repository, number, workspace.person, utc_now(), seen(workspace, number)
        ),
        response,
        Closing(reason, tuple(closing_labels), close_anyway) if closing else None,
        existing=workspace.labels,
        leave_out=missing if state.get(f"missing-{number}") == LEAVE_OUT else (),
    )


def with_looks(names: Sequence[str], suggested: Sequence[SuggestedLabel]) -> list[Label]:
    """The chosen labels, with the colour and description that the template gives them."""
    looks = {label.name: Label(label.name, label.color, label.description) for label in suggested}
    return [looks.get(name, Label(name)) for name in names]


def told(click: Callable[P, None]) -> Callable[P, None]:
    """Turns what a click may raise into the sentence that the person reads; nothing that was typed is lost by it."""

    @wraps(click)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            click(*args, **kwargs)
        except (StoreError, GitHubError, PlanError) as error:
            set_notice("failed", str(error))

    return guarded


def suggest(workspace: Workspace, row: Row) -> Suggestion | None:
    """The chosen template rendered for an issue, with what the person answered to its questions; None for none."""
    template = workspace.template(st.session_state.get(f"template-{row.number}", ""))
    if template is None:
        return None
    answers = {ask.name: st.session_state.get(f"ask-{row.number}-{ask.name}", "").strip() for ask in template.ask}
    return workspace.suggest(row, template, answers)


@told
def click_post(workspace: Workspace, number: int, *, closing: bool) -> None:
    """Posts what stands in the text area now, with the labels, and closes if asked to."""
    text = st.session_state[f"response-{number}"]
    row = workspace.row(number)
    if row is None or not text.strip():
        set_notice("failed", "The comment is empty: write a response first.", number=number)
        return
    suggestion = suggest(workspace, row)
    missing = [ask.prompt for ask in suggestion.asks if ask.name in suggestion.missing] if suggestion else []
    if missing:
        set_notice("failed", f"The template asks for something first: {missing[0]}.", number=number)
        return
    plan = make_click_plan(workspace, number, suggestion, text=text, closing=closing)
    outcome = workspace.desk.post(plan)
    keep_outcome(workspace, number, outcome, click="post-close" if closing else "post")


@told
def click_close(workspace: Workspace, number: int, *, close_anyway: str = "") -> None:
    """Closes an answered issue with the chosen reason and labels."""
    row = workspace.row(number)
    answered = workspace.answered_with(row) if row else None
    template = workspace.template(answered.template) if answered else None
    suggestion = workspace.suggest(row, template) if row and template else None
    plan = make_click_plan(workspace, number, suggestion, text="", closing=True, close_anyway=close_anyway)
    keep_outcome(workspace, number, workspace.desk.post(plan), click="close", why=close_anyway)


def click_again(workspace: Workspace, number: int, stop: Stop) -> None:
    """The click that was stopped, for the issue as it is shown now; what changes still later stops it again."""
    look_again(number)
    if stop.click == "close":
        click_close(workspace, number, close_anyway=stop.why)
    else:
        click_post(workspace, number, closing=stop.click == "post-close")


def keep_outcome(workspace: Workspace, number: int, outcome: ClickResult, *, click: Click, why: str = "") -> None:
    """Tells the person, and brings up the next issue where this one is done."""
    if outcome.state == "stopped":
        st.session_state[f"stop-{number}"] = Stop(outcome.changes, click, why)
        return
    set_notice(outcome.state, outcome.sentence, number=number, plan_id=outcome.plan_id)
    if outcome.state in ("done", "waiting"):
        forget(number)
        bring_up_next(number)


def bring_up_next(number: int) -> None:
    """The neighbour of an issue that is done with, in the list as it was drawn; none where it was the last."""
    if st.session_state.get("issue") == number:
        walk = st.session_state.get("walk", [])
        rest = [other for other in walk if other != number]
        st.session_state["issue"] = find_neighbour(rest, number, 1, before=walk)


def look_again(number: int) -> None:
    """Takes the issue as it stands now as seen; the draft stays."""
    forget(number, ("seen", "own", "stop", "plan"))


@told
def click_undo(workspace: Workspace, number: int, undone: str) -> None:
    outcome = workspace.desk.undo(undone, person=workspace.person)
    set_notice("done" if outcome.state == "undone" else outcome.state, outcome.sentence, number=number)
    forget(number)


@told
def click_dismiss(workspace: Workspace, number: int) -> None:
    """Puts an issue aside, and brings up the next."""
    workspace.desk.change(workspace.repository, Change("dismiss", number, workspace.person))
    set_notice("done", f"#{number} is put aside; it stands under “Dismissed”.", number=number)
    bring_up_next(number)


@told
def click_undismiss(workspace: Workspace, number: int) -> None:
    workspace.desk.change(workspace.repository, Change("undismiss", number, workspace.person))
    set_notice("done", f"#{number} is back in the queue.", number=number)


@told
def click_tick(workspace: Workspace, number: int, template: str, criterion: int, text: str) -> None:
    """Keeps a tick that was set, or takes one away, under the person's name."""
    kind: ChangeKind = "tick" if st.session_state[f"criterion-{number}-{criterion}"] else "untick"
    workspace.desk.change(workspace.repository, Change(kind, number, workspace.person, template, criterion, text))
