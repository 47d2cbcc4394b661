"""The closure criteria of an answered issue as checkboxes, and the close."""

from html import escape

import streamlit as st

from pages.parts.clicks import click_close, click_tick, draw_closing, set_notice
from pages.parts.style import chip, moment
from triage.closure import OUTCOME_WORDS, Checklist, ClosePolicy, CriterionState, closing_hint, may_close
from triage.queue import Row
from triage.workspace import Workspace


def draw_checklist(workspace: Workspace, row: Row, checklist: Checklist, *, border: bool = True) -> None:
    """Criteria with who ticked what and when, what the reporter said, and the close button."""
    answered = workspace.answered_with(row)
    if answered is None:
        return
    with st.container(border=border, key=f"checklist-{row.number}", gap="xsmall"):
        st.html(
            f'<div class="triage-meta"><b>Closure criteria</b><span>{escape(checklist.rule)}</span>'
            f"<span>{escape(checklist.progress)}</span></div>"
        )
        _draw_word(row)
        for criterion in checklist.criteria:
            _draw_criterion(workspace, row, answered.template, criterion)
        if row.state != "closed":
            _draw_close(workspace, row, checklist, answered.close)


def _draw_word(row: Row) -> None:
    quote = f'<div class="triage-quote">{escape(row.word.quote)}</div>' if row.word.quote else ""
    st.html(f'<div class="triage-meta">{OUTCOME_WORDS[row.word.outcome]}</div>{quote}')


def _draw_criterion(workspace: Workspace, row: Row, template: str, criterion: CriterionState) -> None:
    key = f"criterion-{row.number}-{criterion.index}"
    st.session_state[key] = criterion.tick is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.checkbox(
            criterion.text,
            key=key,
            width="content",
            on_change=click_tick,
            args=(workspace, row.number, template, criterion.index, criterion.text),
        )
        if criterion.tick is not None:
            at = moment(criterion.tick.at, workspace.now)
            st.html(f'<div class="triage-meta"><span>{escape(criterion.tick.person)}, {at}</span></div>')
        elif criterion.suggested:
            st.html(f'<div class="triage-meta">{chip("the reporter’s words suggest this")}</div>')


def _draw_close(workspace: Workspace, row: Row, checklist: Checklist, close: ClosePolicy) -> None:
    number, why_not = row.number, workspace.why_read_only
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_closing(number, close, workspace.labels)
        st.button(
            "Close issue",
            key=f"close-{number}",
            type="primary" if checklist.met else "secondary",
            icon=":material/task_alt:",
            disabled=not may_close(checklist, state=row.issue.state, can_write=not why_not),
            help=why_not or closing_hint(checklist, state=row.issue.state, can_write=True) or None,
            on_click=click_close,
            args=(workspace, number),
        )
        if not checklist.met and not why_not:
            with st.popover("Close anyway"):
                why = st.text_input(
                    "Why, although the criteria are not met?",
                    key=f"why-{number}",
                    placeholder="Reported again in #123",
                )
                st.button(
                    "Close with this reason",
                    key=f"close-anyway-{number}",
                    icon=":material/task_alt:",
                    on_click=_close_anyway,
                    args=(workspace, number),
                    help="The reason is kept in the journal." if why else "Give a reason first.",
                )


def _close_anyway(workspace: Workspace, number: int) -> None:
    why = st.session_state.get(f"why-{number}", "").strip()
    if not why:
        set_notice("failed", "Closing with criteria unmet needs a reason: write one first.", number=number)
        return
    click_close(workspace, number, close_anyway=why)
