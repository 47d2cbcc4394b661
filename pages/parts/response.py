"""The suggested response: an editable draft with its preview, the labels, the plan in one line, and the click."""

from html import escape

import streamlit as st

from pages.parts.clicks import (
    CREATE,
    LEAVE_OUT,
    click_post,
    draw_closing,
    forget,
    make_click_plan,
    suggest,
    with_looks,
)
from pages.parts.dismissal import draw_dismissal
from pages.parts.drafts import (
    Writing,
    describe_text,
    draw_earlier_drafts,
    draw_new_suggestion,
    reset_text,
    save_text,
    seed_text,
)
from pages.parts.style import github
from triage.markdown import render_diff, render_markdown
from triage.models import Label
from triage.plans import Plan, PlanError, compare_labels, plan_line
from triage.queue import Row
from triage.workspace import Workspace

EMPTY = ""
"""The choice of starting from an empty comment."""

PREVIEW, CHANGES = "Preview", "Changes"
EDITOR_HEIGHT = 310


def draw_response(workspace: Workspace, row: Row, *, closing_shown: bool) -> None:
    """The whole block; where the issue has its answer already, behind a line that opens it.

    `closing_shown`: the closure checklist above has drawn reason and closing label already.
    """
    number = row.number
    if row.state in ("needs_response", "reporter_replied") or workspace.store.load_drafts(
        workspace.repository, number, workspace.person
    ):
        st.session_state[f"writing-{number}"] = True
    if st.session_state.get(f"writing-{number}"):
        _draw_writing(workspace, row, closing_shown=closing_shown)
        return
    with st.container(horizontal=True):
        st.button(
            "Write another response" if workspace.is_answered(row) else "Write a response",
            key=f"write-{number}",
            icon=":material/edit:",
            on_click=_start_writing,
            args=(number,),
        )
        if row.state == "dismissed":
            draw_dismissal(workspace, row)


def _start_writing(number: int) -> None:
    st.session_state[f"writing-{number}"] = True


def _draw_writing(workspace: Workspace, row: Row, *, closing_shown: bool) -> None:
    number = row.number
    template = _draw_template_choice(workspace, row)
    _draw_asks(workspace, row, template)
    suggestion = suggest(workspace, row)
    draft = workspace.store.load_draft(workspace.repository, number, workspace.person, template)
    writing = Writing(workspace, row, template, suggestion, draft)
    seed_text(writing)
    with st.container():  # stays where it is whatever it holds, for the sake of what is being typed below
        if suggestion and suggestion.problem:
            st.error(suggestion.problem, icon=":material/error:")
        draw_new_suggestion(writing)
    left, right = st.columns(2, gap="small")
    with left:
        st.text_area(
            "Response",
            key=f"response-{number}",
            height=EDITOR_HEIGHT,
            label_visibility="collapsed",
            placeholder="Write a comment in Markdown",
            on_change=save_text,
            args=(writing,),
        )
    with right:
        _draw_preview(writing)
    _draw_labels(writing, closing_shown=closing_shown)
    with st.container(key=f"actions-{number}", gap="xsmall"):  # stays in sight however small the window
        _draw_plan(writing)
        _draw_buttons(writing)


def _draw_template_choice(workspace: Workspace, row: Row) -> str:
    """The chosen template's name; at first that of the person's latest draft, else the one that fits."""
    key = f"template-{row.number}"
    titles = {template.name: template.title for template in workspace.folder.templates} | {EMPTY: "Empty comment"}
    fitting = workspace.choose(row)
    if st.session_state.get(key) not in titles:
        drafts = workspace.store.load_drafts(workspace.repository, row.number, workspace.person)
        kept = next((draft.template for draft in drafts if draft.template in titles), None)
        st.session_state[key] = kept if kept is not None else (fitting.name if fitting else EMPTY)

    def words(name: str) -> str:
        return f"{titles[name]} (suggested)" if fitting and name == fitting.name else titles[name]

    with st.container(horizontal=True, vertical_alignment="center"):
        name: str = st.selectbox(
            "Response template",
            list(titles),
            format_func=words,
            key=key,
            label_visibility="collapsed",
            on_change=forget,
            args=(row.number, ("response", "labels", "closing", "reason", "seed")),
        )
        st.segmented_control(
            "Show",
            [PREVIEW, CHANGES],
            default=PREVIEW,
            required=True,
            key=f"preview-{row.number}",
            label_visibility="collapsed",
            help="The response as GitHub will show it, or what differs from the suggestion",
        )
        st.button(
            "Reset",
            key=f"reset-{row.number}",
            icon=":material/undo:",
            help="Puts the suggested text and labels back. Your draft can be restored below.",
            on_click=reset_text,
            args=(workspace, row.number, name),
        )
        draw_earlier_drafts(workspace, row)
    return name


def _draw_asks(workspace: Workspace, row: Row, name: str) -> None:
    """What the template asks the maintainer for."""
    template = workspace.template(name)
    if template is None or not template.ask:
        return
    with st.container(horizontal=True):
        for question in template.ask:
            words = f"{question.prompt} (optional)" if question.optional else question.prompt
            st.text_input(
                words,
                key=f"ask-{row.number}-{question.name}",
                persist_state="session",
                on_change=_take_answer,
                args=(row.number,),
            )


def _take_answer(number: int) -> None:
    """An answer that the maintainer gives goes into the text at once, where nobody has edited that."""
    if st.session_state.get(f"response-{number}") == st.session_state.get(f"seed-{number}"):
        forget(number, ("response", "seed"))


def _draw_preview(writing: Writing) -> None:
    number = writing.number
    text = st.session_state[f"response-{number}"]
    with st.container(height=EDITOR_HEIGHT, border=True, key=f"preview-box-{number}"):
        if st.session_state.get(f"preview-{number}") == CHANGES:
            changes = render_diff(writing.suggested, text)
            st.html(github(changes or "<p>This is the suggested text, unchanged.</p>"))
        else:
            html = render_markdown(text, repository_url=writing.workspace.github.url)
            st.html(github(html or "<p><em>Nothing to preview.</em></p>"))


def _draw_labels(writing: Writing, *, closing_shown: bool) -> None:
    """The labels to add, and the reason and the labels of a close."""
    number, suggestion, labels = writing.number, writing.suggestion, writing.workspace.labels
    suggested = {label.name: label for label in suggestion.labels} if suggestion else {}
    options = list(dict.fromkeys([*suggested, *(label.name for label in labels)]))
    key = f"labels-{number}"
    if key not in st.session_state:
        st.session_state[key] = [name for name, label in suggested.items() if label.selected]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect("Labels to add", options, key=key, placeholder="No labels")
        if not closing_shown:
            draw_closing(number, suggestion.close if suggestion else None, labels)


def _draw_plan(writing: Writing) -> None:
    """What a click will do, in one line, and what to do about labels that the repository does not have."""
    workspace, number = writing.workspace, writing.number
    try:
        plan, closing = (
            make_click_plan(workspace, number, writing.suggestion, text=writing.text or " .", closing=close)
            for close in (False, True)
        )
    except PlanError as error:
        st.html(f'<div class="triage-plan">{escape(str(error))}</div>')
        return
    on_issue = writing.row.issue.labels
    line = plan_line(plan, workspace.labels, on_issue)
    closes = plan_line(closing, workspace.labels, on_issue).rsplit(" · ", 1)[-1]
    compared = compare_labels(_all_labels(writing), workspace.labels, on_issue)
    added, new = _names_added(plan), {label.name for label in compared.missing}
    extra = [f"{name} (new)" if name in new else name for name in _names_added(closing) if name not in added]
    also = f"adds {', '.join(extra)} and " if extra else ""
    st.html(
        f'<div class="triage-plan"><b>Post response:</b> {escape(line)}<br>'
        f'<span class="triage-kept">{describe_text(writing)}</span>'
        f"<b>Post and close:</b> also {escape(also + closes)}</div>"
    )
    for note in compared.notes:
        st.caption(f":material/info: {note}")


def _names_added(plan: Plan) -> list[str]:
    """The labels that a plan adds."""
    return [name for step in plan.steps if step.kind == "add_labels" for name in step.names]


def _all_labels(writing: Writing) -> list[Label]:
    names = [
        *st.session_state.get(f"labels-{writing.number}", []),
        *st.session_state.get(f"closing-{writing.number}", []),
    ]
    return with_looks(list(dict.fromkeys(names)), writing.suggestion.labels if writing.suggestion else ())


def _draw_buttons(writing: Writing) -> None:
    workspace, number = writing.workspace, writing.number
    why_not = workspace.why_read_only
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Post response",
            key=f"post-{number}",
            type="primary",
            icon=":material/send:",
            shortcut="Ctrl+Enter",
            disabled=bool(why_not),
            help=why_not or None,
            on_click=_post,
            args=(writing,),
            kwargs={"closing": False},
        )
        st.button(
            "Post and close",
            key=f"post-close-{number}",
            icon=":material/task_alt:",
            disabled=bool(why_not) or writing.row.state == "closed",
            help=why_not or None,
            on_click=_post,
            args=(writing,),
            kwargs={"closing": True},
        )
        draw_dismissal(workspace, writing.row)
        _draw_new_labels(writing)
    if why_not:
        st.caption(f":material/lock: {why_not}")


def _post(writing: Writing, *, closing: bool) -> None:
    """The text is kept first: what becomes of the click, it can be had again."""
    save_text(writing)
    click_post(writing.workspace, writing.number, closing=closing)


def _draw_new_labels(writing: Writing) -> None:
    """What to do about chosen labels that the repository does not have; nothing is created by accident."""
    missing = compare_labels(_all_labels(writing), writing.workspace.labels).missing
    if not missing:
        return
    st.segmented_control(
        "New labels",
        [CREATE, LEAVE_OUT],
        default=CREATE,
        required=True,
        key=f"missing-{writing.number}",
        label_visibility="collapsed",
        help=f"Not in {writing.workspace.repository} yet: {', '.join(label.name for label in missing)}. "
        "Created with the template's colour and description, or left out of this response.",
    )
