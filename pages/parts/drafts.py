"""The maintainer's own text: where it starts from, how it is kept, and the ways back to what stood there before."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from pages.parts.clicks import forget, told
from pages.parts.style import moment
from triage.queue import Row
from triage.responses import Suggestion
from triage.store import Draft
from triage.workspace import Workspace


@dataclass(frozen=True)
class Writing:
    """One person's answer to one issue as this run found it."""

    workspace: Workspace
    row: Row
    template: str
    suggestion: Suggestion | None
    draft: Draft | None

    @property
    def number(self) -> int:
        return self.row.number

    @property
    def text(self) -> str:
        """What stands in the text area."""
        found: str = st.session_state.get(f"response-{self.number}", "")
        return found

    @property
    def suggested(self) -> str:
        """The suggested text; empty where the person starts from nothing."""
        return self.suggestion.comment if self.suggestion else ""

    @property
    def seed(self) -> str:
        """The suggestion that the text started from."""
        found: str = st.session_state.get(f"seed-{self.number}", self.suggested)
        return found


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
                on_click=_restore,
                args=(workspace, row.number, draft),
            )


def seed_text(writing: Writing) -> None:
    """Fills the text area where it is new; `seed` is the suggestion that the text started from.

    A suggestion that changes later, by a reporter's word or an edited template, never replaces the text by itself:
    what is typed and not yet committed is known to the browser alone.
    """
    key, seed = f"response-{writing.number}", f"seed-{writing.number}"
    draft = writing.draft
    if key not in st.session_state:
        st.session_state[key] = draft.text if draft else writing.suggested
        st.session_state[seed] = draft.suggestion if draft else writing.suggested


@told
def save_text(writing: Writing) -> None:
    """Every committed edit is in the store at once; a text put back to the suggestion is no draft."""
    text = st.session_state.get(f"response-{writing.number}")
    if text is None:  # the click that came with the edit has been carried out already
        return
    store, at = writing.workspace.store, writing.workspace.now
    where = (writing.workspace.repository, writing.number, writing.workspace.person, writing.template)
    if text in (writing.suggested, writing.seed):
        store.discard_draft(*where, at=at)
    else:
        store.save_draft(*where, text, suggestion=writing.seed, at=at)


@told
def reset_text(workspace: Workspace, number: int, template: str) -> None:
    workspace.store.discard_draft(workspace.repository, number, workspace.person, template, at=workspace.now)
    forget(number, ("response", "labels", "closing", "reason", "seed"))


@told
def _restore(workspace: Workspace, number: int, draft: Draft) -> None:
    workspace.store.restore_draft(draft.id, at=workspace.now)
    forget(number, ("response", "seed"))
    st.session_state[f"template-{number}"] = draft.template


def draw_new_suggestion(writing: Writing) -> None:
    """Says that the suggestion is another one than the text started from; taking it is the person's choice."""
    if writing.seed == writing.suggested or writing.text == writing.suggested:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(":material/update: The suggestion has changed since this text was begun; “Changes” shows how.")
        st.button(
            "Take the new suggestion",
            key=f"take-{writing.number}",
            help="Your text is kept under “Earlier drafts”.",
            on_click=reset_text,
            args=(writing.workspace, writing.number, writing.template),
        )


def describe_text(writing: Writing) -> str:
    """Which text this is, as HTML: in a place of its own, so that a saved draft moves no button under the pointer."""
    words: list[str] = []
    if writing.suggestion and writing.suggestion.variant not in (None, "default"):
        words.append(f"with the addition for {escape(str(writing.suggestion.variant).upper())}")
    if writing.draft:
        words.append(moment(writing.draft.saved_at, writing.workspace.now, prefix="draft saved "))
    return " · ".join(words)
