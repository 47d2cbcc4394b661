"""The suggested response: an editable draft with its preview, the labels, the plan in one line, and the click."""

from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from pages.parts.answering import CHANGES, CREATE, LEAVE_OUT, PREVIEW, Answering, answering, suggest
from pages.parts.callbacks import draw_button
from pages.parts.checklist import draw_closing
from pages.parts.clicks import (
    change_answer,
    change_template,
    change_text,
    click_dismiss,
    click_post,
    click_restore,
    make_click_plan,
    make_closing,
    make_response,
    reset_text,
    restore_draft,
    start_writing,
    with_looks,
)
from pages.parts.controls import draw_choice
from pages.parts.snippets import age, dress_as_github
from triage.closure import ClosePolicy
from triage.markdown import render_diff, render_markdown
from triage.plans import LabelsCompared, Plan, PlanError, compare_labels, plan_line
from triage.queue import Row
from triage.responses import Suggestion
from triage.store import Draft
from triage.workspace import Workspace

EMPTY = ""
"""The choice of starting from an empty comment."""

EDITOR_HEIGHT = 310


@dataclass(frozen=True)
class Editor:
    """The editor of one issue as this run draws it."""

    workspace: Workspace
    row: Row
    state: Answering
    suggestion: Suggestion | None
    draft: Draft | None

    @property
    def text(self) -> str:
        return self.state.text or ""

    @property
    def suggested(self) -> str:
        """The suggested text; empty where the person starts from nothing."""
        return self.suggestion.comment if self.suggestion else ""

    def compare_labels(self) -> LabelsCompared:
        """All chosen labels against those of the repository and of the issue."""
        names = list(dict.fromkeys([*self.state.labels, *self.state.closing_labels]))
        return compare_labels(with_looks(names, self.suggestion), self.workspace.labels, self.row.issue.labels)


def draw_response(workspace: Workspace, row: Row, *, closing_shown: bool) -> None:
    """The whole block; where the issue has its answer already, behind a line that opens it.

    `closing_shown`: the closure checklist above has drawn reason and closing label already.
    """
    state = answering(row.number)
    is_awaited = row.state in ("needs_response", "reporter_replied")
    if is_awaited or workspace.store.load_drafts(workspace.repository, row.number, workspace.person):
        state.writing = True
    if state.writing:
        _draw_editor(workspace, row, closing_shown=closing_shown)
        return
    with st.container(horizontal=True):
        words = "Write another response" if row.answered_at else "Write a response"
        draw_button(workspace, row.number, words, "write", "edit", start_writing)
        if row.state == "dismissed":
            _draw_dismissal(workspace, row)


def _draw_editor(workspace: Workspace, row: Row, *, closing_shown: bool) -> None:
    state = answering(row.number)
    template = _draw_template_choice(workspace, row)
    _draw_asks(workspace, row, template)
    suggestion = suggest(workspace, row)
    draft = workspace.store.load_draft(workspace.repository, row.number, workspace.person, template)
    editor = Editor(workspace, row, state, suggestion, draft)
    state.drawn_for = template
    state.start_text(*(draft.text, draft.suggestion) if draft else (editor.suggested, editor.suggested))
    with st.container():  # stays where it is whatever it holds, for the sake of what is being typed below
        if suggestion and suggestion.problem:
            st.error(suggestion.problem, icon=":material/error:")
        _draw_new_suggestion(editor)
    left, right = st.columns(2, gap="small")
    with left:
        st.text_area(
            "Response",
            key=state.key("response"),
            height=EDITOR_HEIGHT,
            label_visibility="collapsed",
            placeholder="Write a comment in Markdown",
            on_change=change_text,
            args=(workspace.repository, row.number),
        )
    with right:
        _draw_preview(editor)
    _draw_labels(editor, closing_shown=closing_shown)
    with st.container(key=state.key("actions"), gap="xsmall"):  # stays in sight however small the window
        _draw_plan(editor)
        _draw_buttons(editor)


def _draw_template_choice(workspace: Workspace, row: Row) -> str:
    """The chosen template's name; at first that of the person's latest draft, else the one that fits."""
    state = answering(row.number)
    titles = {template.name: template.title for template in workspace.folder.templates} | {EMPTY: "Empty comment"}
    fitting = workspace.choose(row)
    if state.template not in titles:
        drafts = workspace.store.load_drafts(workspace.repository, row.number, workspace.person)
        kept = [draft.template for draft in drafts if draft.template in titles]
        state.template = next(iter(kept), fitting.name if fitting else EMPTY)
    if fitting:
        titles[fitting.name] += " (suggested)"
    with st.container(horizontal=True, vertical_alignment="center"):
        look: dict[str, Any] = {"label_visibility": "collapsed", "on_change": change_template}
        look["args"] = (workspace.repository, row.number)
        name: str = draw_choice(st.selectbox, "Response template", titles, state.key("template"), **look)
        st.segmented_control(
            "Show",
            [PREVIEW, CHANGES],
            default=PREVIEW,
            required=True,
            key=state.key("preview"),
            label_visibility="collapsed",
            help="The response as GitHub will show it, or what differs from the suggestion",
        )
        why = "Restores the suggested text and labels. Your draft is kept under “Earlier drafts”."
        draw_button(workspace, row.number, "Reset", "reset", "undo", reset_text, help=why)
        _draw_earlier_drafts(workspace, row.number)
    return name


def _draw_earlier_drafts(workspace: Workspace, number: int) -> None:
    drafts = workspace.store.load_drafts(workspace.repository, number, workspace.person, retired=True)
    if not drafts:
        return
    with st.popover(f"Earlier drafts ({len(drafts)})", icon=":material/history:"):
        st.caption("Kept for 30 days after a response was posted or a text was reset.")
        for draft in drafts[:8]:
            first = draft.text.strip().splitlines()[0][:70] if draft.text.strip() else "(empty)"
            name, why = (
                f"restore-{draft.id}",
                f"Written {draft.saved_at:%d %B %Y, %H:%M} UTC. Restores it as your draft.",
            )
            draw_button(workspace, number, f"{first}…", name, "restore", restore_draft, draft.id, help=why)


def _draw_asks(workspace: Workspace, row: Row, name: str) -> None:
    """What the template asks the maintainer for."""
    template, state = workspace.template(name), answering(row.number)
    if template is None or not template.ask:
        return
    with st.container(horizontal=True):
        for question in template.ask:
            st.text_input(
                f"{question.prompt} (optional)" if question.optional else question.prompt,
                key=state.key("ask", question.name),
                persist_state="session",
                on_change=change_answer,
                args=(workspace.repository, row.number),
            )


def _draw_new_suggestion(editor: Editor) -> None:
    """Says that the suggestion is another one than the text started from; taking it is the person's choice."""
    if editor.suggested in (editor.state.started_from, editor.text):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(":material/update: The suggestion changed after you started writing. See “Changes”.")
        why = "Your text is kept under “Earlier drafts”."
        words = "Take the new suggestion"
        draw_button(editor.workspace, editor.row.number, words, "take", None, reset_text, help=why)


def _draw_preview(editor: Editor) -> None:
    with st.container(height=EDITOR_HEIGHT, border=True, key=editor.state.key("preview-box")):
        if editor.state.view == CHANGES:
            changes = render_diff(editor.suggested, editor.text)
            st.html(dress_as_github(changes or "<p>This is the suggested text, unchanged.</p>"))
        else:
            html = render_markdown(editor.text, repository_url=editor.workspace.github.url)
            st.html(dress_as_github(html or "<p><em>Nothing to preview.</em></p>"))


def _draw_labels(editor: Editor, *, closing_shown: bool) -> None:
    """The labels to add, and the reason and the labels of a close."""
    state, suggestion, labels = editor.state, editor.suggestion, editor.workspace.labels
    suggested = suggestion.labels if suggestion else ()
    state.start(labels=[label.name for label in suggested if label.selected])
    options = list(dict.fromkeys([*(label.name for label in suggested), *(label.name for label in labels)]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect("Labels to add", options, key=state.key("labels"), placeholder="No labels")
        if not closing_shown:
            draw_closing(state, suggestion.close if suggestion else ClosePolicy(), labels)


def _draw_plan(editor: Editor) -> None:
    """What a click will do, in one line, and what to say of labels that contradict each other."""
    workspace, state, on_issue = editor.workspace, editor.state, editor.row.issue.labels
    response = make_response(state, editor.suggestion, editor.text or " .")
    try:
        plan = make_click_plan(workspace, state, response, None)
        closing = make_click_plan(workspace, state, response, make_closing(state, editor.suggestion))
    except PlanError as error:
        st.html(f'<div class="triage-plan">{escape(str(error))}</div>')
        return
    line = plan_line(plan, workspace.labels, on_issue)
    closes = plan_line(closing).rsplit(" · ", 1)[-1]
    compared = editor.compare_labels()
    added, new = _names_added(plan), {label.name for label in compared.missing}
    extra = [f"{name} (new)" if name in new else name for name in _names_added(closing) if name not in added]
    also = f"adds {', '.join(extra)} and " if extra else ""
    st.html(
        f'<div class="triage-plan"><b>Post response:</b> {escape(line)}<br>'
        f'<span class="triage-kept">{_describe_text(editor)}</span>'
        f"<b>Post and close:</b> also {escape(also + closes)}</div>"
    )
    for note in compared.notes:
        st.caption(f":material/info: {note}")


def _names_added(plan: Plan) -> list[str]:
    """The labels that a plan adds."""
    return [name for step in plan.steps if step.kind == "add_labels" for name in step.names]


def _describe_text(editor: Editor) -> str:
    """Which text this is, as HTML: in a place of its own, so that a saved draft moves no button under the pointer."""
    words: list[str] = []
    if editor.suggestion and editor.suggestion.variant not in (None, "default"):
        words.append(f"with the addition for {escape(str(editor.suggestion.variant).upper())}")
    if editor.draft:
        words.append(age(editor.draft.saved_at, editor.workspace.now, prefix="draft saved "))
    return " · ".join(words)


def _draw_buttons(editor: Editor) -> None:
    workspace, number, why_not = editor.workspace, editor.row.number, editor.workspace.why_read_only
    with st.container(horizontal=True, vertical_alignment="center"):
        look: dict[str, Any] = {"disabled": bool(why_not), "help": why_not or None}
        first = {"type": "primary", "shortcut": "Ctrl+Enter", **look}
        draw_button(workspace, number, "Post response", "post", "send", click_post, "post", **first)
        look["disabled"] |= editor.row.state == "closed"
        draw_button(workspace, number, "Post and close", "post-close", "task_alt", click_post, "post-close", **look)
        _draw_dismissal(workspace, editor.row)
        _draw_new_labels(editor)
    if why_not:
        st.caption(f":material/lock: {why_not}")


def _draw_new_labels(editor: Editor) -> None:
    """What to do about chosen labels that the repository does not have; nothing is created by accident."""
    missing = editor.compare_labels().missing
    if not missing:
        return
    st.segmented_control(
        "New labels",
        [CREATE, LEAVE_OUT],
        default=CREATE,
        required=True,
        key=editor.state.key("missing"),
        label_visibility="collapsed",
        help=f"Not in {editor.workspace.repository} yet: {', '.join(label.name for label in missing)}. "
        "Created with the template's colour and description, or left out of this response.",
    )


def _draw_dismissal(workspace: Workspace, row: Row) -> None:
    """The one button or the other; nothing for a closed issue."""
    look = {"type": "tertiary"}
    if row.state == "dismissed":
        draw_button(workspace, row.number, "Restore", "dismiss", "undo", click_restore, **look)
    elif row.state != "closed":
        look["help"] = "Removes the issue from this queue. Nothing changes on GitHub."
        draw_button(workspace, row.number, "Dismiss", "dismiss", "visibility_off", click_dismiss, **look)
