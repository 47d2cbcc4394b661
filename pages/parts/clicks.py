"""What an edit and a click on an issue do: the text is kept, a click becomes a plan that the desk carries out."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.parts.answering import LEAVE_OUT, Answering, ClickKind, StoppedClick, answering, see, suggest
from pages.parts.callbacks import on_issue, set_notice
from triage.desk import ClickResult, utc_now
from triage.models import Label
from triage.plans import Change, ChangeKind, Click, Closing, Plan, Response, make_plan
from triage.queue import find_neighbour
from triage.responses import Suggestion
from triage.workspace import Workspace


def keep_draft(workspace: Workspace, number: int) -> None:
    """Every committed edit is in the store at once; a text put back to the suggestion is no draft.

    What stands on the page is read first: Streamlit may end a callback at any look at the session's state, as soon as
    the person has done the next thing, leaving the page, say.
    """
    state = answering(number)
    text, name, started_from = state.text, state.drawn_for, state.started_from
    template = workspace.template(name)
    answers = state.answers_to(template) if template else {}
    row = workspace.row(number)
    if row is None or text is None:  # the click that came with the edit has been carried out already
        return
    suggested = workspace.suggest(row, template, answers).comment if template else ""
    draft = (workspace.repository, number, workspace.person, name)
    if text in (suggested, started_from):
        workspace.store.discard_draft(*draft, at=utc_now())
    else:
        workspace.store.save_draft(*draft, text, suggestion=started_from, at=utc_now())


change_text = on_issue(keep_draft)


@on_issue
def change_template(workspace: Workspace, number: int) -> None:
    answering(number).forget_choices()


@on_issue
def change_answer(workspace: Workspace, number: int) -> None:
    answering(number).take_answer()


@on_issue
def reset_text(workspace: Workspace, number: int) -> None:
    """Puts the suggested text, labels and close back."""
    state = answering(number)
    workspace.store.discard_draft(workspace.repository, number, workspace.person, state.template or "", at=utc_now())
    state.forget_choices()


@on_issue
def restore_draft(workspace: Workspace, number: int, draft_id: int) -> None:
    state = answering(number)
    draft = workspace.store.restore_draft(draft_id, at=utc_now())
    state.forget("response")
    if draft is not None:
        state.template = draft.template


def with_looks(names: Sequence[str], suggestion: Suggestion | None) -> tuple[Label, ...]:
    """The named labels, with the colour and description that the template gives them."""
    suggested = suggestion.labels if suggestion else ()
    looks = {label.name: Label(label.name, label.color, label.description) for label in suggested}
    return tuple(looks.get(name, Label(name)) for name in names)


def make_response(state: Answering, suggestion: Suggestion | None, text: str) -> Response:
    """What a click posts: the text, the chosen labels, and what the template says of closing."""
    labels = with_looks(state.labels, suggestion)
    if suggestion is None:
        return Response(text=text, labels=labels)
    return Response(suggestion.template, text, labels, suggestion.criteria, suggestion.close)


def make_closing(state: Answering, suggestion: Suggestion | None, override: str = "") -> Closing:
    return Closing(state.reason, with_looks(state.closing_labels, suggestion), override)


def make_click_plan(workspace: Workspace, state: Answering, response: Response, closing: Closing | None) -> Plan:
    """The plan of a click as the page stands now. Raises PlanError."""
    seen = see(workspace, state.number)
    click = Click(state.plan_id, workspace.repository, state.number, workspace.person, utc_now(), seen)
    leave_out = [*state.labels, *state.closing_labels] if state.new_labels == LEAVE_OUT else []
    return make_plan(click, response, closing, existing=workspace.labels, leave_out=leave_out)


@on_issue
def click_post(workspace: Workspace, number: int, kind: ClickKind) -> None:
    """Keeps the text first: what becomes of the click, it can be had again."""
    keep_draft(workspace, number)
    _post(workspace, number, kind)


@on_issue
def click_close(workspace: Workspace, number: int) -> None:
    _close(workspace, number, override="")


@on_issue
def click_close_anyway(workspace: Workspace, number: int) -> None:
    override = answering(number).override.strip()
    if override:
        _close(workspace, number, override)
    else:
        set_notice("failed", "To close before the criteria are met, write a reason first.", number=number)


@on_issue
def look_again(workspace: Workspace, number: int) -> None:
    answering(number).look_again()


@on_issue
def start_writing(workspace: Workspace, number: int) -> None:
    answering(number).writing = True


@on_issue
def click_again(workspace: Workspace, number: int) -> None:
    """The click that was stopped, for the issue as it is shown now; what changes still later stops it again."""
    state = answering(number)
    stopped = state.stopped
    state.look_again()
    if stopped is not None and stopped.kind == "close":
        _close(workspace, number, stopped.override)
    elif stopped is not None:
        _post(workspace, number, stopped.kind)


def _post(workspace: Workspace, number: int, kind: ClickKind) -> None:
    """Posts what stands in the text area, with the labels, and closes if asked to."""
    state, row = answering(number), workspace.row(number)
    if state.text is None:  # the page was left and opened again, or a first click has been carried out already
        notice = st.session_state.get("notice")
        if notice is None or notice.number != number:
            set_notice("failed", "Nothing was sent: check the text below and post it again.", number=number)
        return
    if row is None or not state.text.strip():
        set_notice("failed", "The comment is empty: write a response first.", number=number)
        return
    suggestion = suggest(workspace, row)
    missing = [ask.prompt for ask in suggestion.asks if ask.name in suggestion.missing] if suggestion else []
    if missing:
        set_notice("failed", f"The template needs an answer first: {missing[0]}.", number=number)
        return
    closing = make_closing(state, suggestion) if kind == "post-close" else None
    plan = make_click_plan(workspace, state, make_response(state, suggestion, state.text), closing)
    _keep_result(number, workspace.desk.post(plan), StoppedClick(kind))


def _close(workspace: Workspace, number: int, override: str) -> None:
    """Closes an answered issue with the chosen reason and labels."""
    state, row = answering(number), workspace.row(number)
    answered = workspace.answered_with(row) if row else None
    template = workspace.template(answered.template) if answered else None
    suggestion = workspace.suggest(row, template) if row and template else None
    response = Response(template.name if template else "")
    plan = make_click_plan(workspace, state, response, make_closing(state, suggestion, override))
    _keep_result(number, workspace.desk.post(plan), StoppedClick("close", override=override))


def _keep_result(number: int, result: ClickResult, click: StoppedClick) -> None:
    """Says what came of a click, and brings up the next issue where this one is done."""
    if result.state == "stopped":
        answering(number).stopped = replace(click, changes=result.changes)
        return
    set_notice(result.state, result.sentence, number=number, plan_id=result.plan_id)
    if result.state in ("done", "waiting"):
        answering(number).begin_anew()
        _bring_up_next(number)


def _bring_up_next(number: int) -> None:
    """The neighbour of an issue that is done with, in the list as it was drawn; none where it was the last."""
    if st.session_state.get("issue") == number:
        st.session_state["issue"] = find_neighbour(st.session_state.get("walk", []), number, 1, leaves=True)


@on_issue
def click_undo(workspace: Workspace, number: int, plan_id: str) -> None:
    result = workspace.desk.undo(plan_id, person=workspace.person)
    set_notice("done" if result.state == "undone" else result.state, result.sentence, number=number)
    answering(number).begin_anew()


@on_issue
def click_resume(workspace: Workspace, number: int, plan_id: str) -> None:
    """What was stopped in the middle by a change goes on in spite of it: the person has seen the change here."""
    plan = workspace.store.load_plan(plan_id)
    result = workspace.desk.resume(plan_id, anyway=plan is not None and plan.state == "stopped")
    set_notice(result.state, result.sentence, number=number, plan_id=result.plan_id)


@on_issue
def click_give_up(workspace: Workspace, number: int, plan_id: str) -> None:
    """Where nothing was sent the issue comes up again, with the text as it was."""
    plan = workspace.store.load_plan(plan_id)
    result = workspace.desk.give_up(plan_id)
    set_notice(result.state, result.sentence, number=number, plan_id=result.plan_id)
    if result.state == "given_up" and plan is not None and not plan.begun:
        answering(number).begin_anew()
        if "issue" in st.session_state:
            st.session_state["issue"] = number


@on_issue
def click_dismiss(workspace: Workspace, number: int) -> None:
    """Dismisses an issue, and brings up the next."""
    plan_id = workspace.desk.change(workspace.repository, Change("dismiss", number, workspace.person))
    set_notice("done", f"#{number} dismissed.", number=number, plan_id=plan_id)
    _bring_up_next(number)


@on_issue
def click_restore(workspace: Workspace, number: int) -> None:
    workspace.desk.change(workspace.repository, Change("undismiss", number, workspace.person))
    set_notice("done", f"#{number} restored to the queue.", number=number)


@on_issue
def click_tick(workspace: Workspace, number: int, template: str, criterion: int) -> None:
    """Keeps a tick that was set, or takes one away, under the person's name."""
    row = workspace.row(number)
    answered = workspace.answered_with(row) if row else None
    if answered is None or answered.template != template or criterion >= len(answered.criteria):
        set_notice("failed", "The closure criteria changed: check them and tick again.", number=number)
        return
    kind: ChangeKind = "tick" if answering(number).is_ticked(criterion) else "untick"
    text = answered.criteria[criterion]
    workspace.desk.change(workspace.repository, Change(kind, number, workspace.person, template, criterion, text))
