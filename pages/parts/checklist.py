"""The closure criteria of an answered issue as checkboxes, and the close."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from pages.parts.answering import Answering, answering
from pages.parts.callbacks import draw_button
from pages.parts.clicks import click_close, click_close_anyway, click_tick
from pages.parts.controls import draw_choice
from pages.parts.snippets import age, chip
from triage.closure import OUTCOME_WORDS, Checklist, ClosePolicy, CriterionState, closing_hint
from triage.models import Label, StateReason
from triage.queue import Row
from triage.workspace import Workspace

REASONS: Mapping[StateReason, str] = {"completed": "Completed", "not_planned": "Not planned", "duplicate": "Duplicate"}


def draw_checklist(workspace: Workspace, row: Row, checklist: Checklist, *, border: bool = True) -> None:
    """Criteria with who ticked what and when, what the reporter said, and the close button."""
    answered = workspace.answered_with(row)
    if answered is None:
        return
    with st.container(border=border, key=answering(row.number).key("checklist"), gap="xsmall"):
        st.html(
            f'<div class="triage-meta"><b>Closure criteria</b><span>{escape(checklist.rule)}</span>'
            f"<span>{escape(checklist.progress)}</span></div>"
        )
        quote = f'<div class="triage-quote">{escape(row.word.quote)}</div>' if row.word.quote else ""
        st.html(f'<div class="triage-meta">{OUTCOME_WORDS[row.word.outcome]}</div>{quote}')
        for criterion in checklist.criteria:
            _draw_criterion(workspace, row.number, answered.template, criterion)
        if row.state != "closed":
            _draw_close(workspace, row, checklist, answered.close)


def _draw_criterion(workspace: Workspace, number: int, template: str, criterion: CriterionState) -> None:
    state = answering(number)
    state.show_tick(criterion.index, criterion.tick is not None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.checkbox(
            criterion.text,
            key=state.key("criterion", criterion.index),
            width="content",
            on_change=click_tick,
            args=(workspace.repository, number, template, criterion.index),
        )
        if criterion.tick is not None:
            at = age(criterion.tick.at, workspace.now)
            st.html(f'<div class="triage-meta"><span>{escape(criterion.tick.person)}, {at}</span></div>')
        elif criterion.suggested:
            st.html(f'<div class="triage-meta">{chip("the reporter’s words suggest this")}</div>')


def draw_closing(state: Answering, close: ClosePolicy, labels: Sequence[Label]) -> None:
    """The reason of a close and the labels that are added at it; drawn once for each issue and page."""
    state.start(reason=close.reason, closing=list(close.labels))
    draw_choice(st.selectbox, "Close as", REASONS, state.key("reason"), width=150, persist_state="session")
    st.multiselect(
        "Label at closing",
        list(dict.fromkeys([*close.labels, *(label.name for label in labels)])),
        key=state.key("closing"),
        placeholder="None",
        width=210,
        persist_state="session",
    )


def _draw_close(workspace: Workspace, row: Row, checklist: Checklist, close: ClosePolicy) -> None:
    state, why_not = answering(row.number), workspace.why_read_only
    hint = why_not or closing_hint(checklist, state=row.issue.state, can_write=True)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_closing(state, close, workspace.labels)
        look: dict[str, Any] = {"type": "primary" if checklist.met else "secondary", "disabled": bool(hint)}
        draw_button(workspace, row.number, "Close issue", "close", "task_alt", click_close, help=hint or None, **look)
        if checklist.met or why_not:
            return
        with st.popover("Close anyway"):
            why = st.text_input("Reason for closing early", key=state.key("why"), placeholder="Reported again in #123")
            hint = "The reason is kept in the journal." if why else "Write a reason first."
            words = "Close with this reason"
            draw_button(workspace, row.number, words, "close-anyway", "task_alt", click_close_anyway, help=hint)
