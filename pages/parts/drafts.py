"""The maintainer's own text: how it is kept, and the ways back to what stood there before."""

import streamlit as st

from pages.parts.answering import answering
from pages.parts.callbacks import on_issue
from triage.desk import utc_now
from triage.queue import Row
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


def draw_earlier_drafts(workspace: Workspace, row: Row) -> None:
    drafts = workspace.store.load_drafts(workspace.repository, row.number, workspace.person, retired=True)
    if not drafts:
        return
    with st.popover(f"Earlier drafts ({len(drafts)})", icon=":material/history:"):
        st.caption("Kept for thirty days after a response was posted or a text was reset.")
        for draft in drafts[:8]:
            first = draft.text.strip().splitlines()[0][:70] if draft.text.strip() else "(empty)"
            st.button(
                f"{first}…",
                key=f"restore-{draft.id}",
                icon=":material/restore:",
                help=f"Written {draft.saved_at:%d %B %Y, %H:%M} UTC. Restores it as your draft.",
                on_click=restore_draft,
                args=(workspace.repository, row.number, draft.id),
            )
