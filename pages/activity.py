"""The journal: what was done, by whom, with undo."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.parts.clicks import click_undo
from pages.parts.frame import open_page
from pages.parts.style import plural
from pages.parts.tables import ROW_OR_CELL, find_chosen_row
from pages.parts.undo import find_undoable
from triage.store import JournalEntry
from triage.workspace import Workspace

STEP_WORDS = {
    "create_label": "Create label",
    "comment": "Comment",
    "add_labels": "Add labels",
    "remove_labels": "Remove labels",
    "close": "Close",
    "reopen": "Reopen",
    "delete_comment": "Delete comment",
    "tick": "Tick",
    "untick": "Untick",
    "dismiss": "Dismiss",
    "undismiss": "Take up again",
}
RESULT_WORDS = {"done": "Done", "failed": "Failed", "sending": "Under way", "pending": "Not sent"}


def draw_activity(workspace: Workspace) -> None:
    entries = workspace.store.load_journal(workspace.repository)
    if not entries:
        st.html(
            '<div class="triage-empty"><h3>Nothing was done yet</h3>'
            f"Each comment, label, tick and close in {workspace.repository} is noted here before it is sent.</div>"
        )
        return
    shown = _draw_filters(entries)
    table = make_table(shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{plural(len(shown), 'step')} of {len(entries):,}, newest first")
        st.download_button(
            "Download CSV",
            table.to_csv(index=False).encode(),
            file_name=f"activity-{workspace.repository.replace('/', '-')}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="csv",
        )
    selected = st.dataframe(
        table,
        key="journal",
        hide_index=True,
        on_select="rerun",
        selection_mode=ROW_OR_CELL,
        placeholder="",
        alt="The journal, newest first",
        column_order=("when", "who", "issue", "step", "detail", "result", "link", "words"),
        column_config={
            "when": st.column_config.DatetimeColumn("When (UTC)", format="YYYY-MM-DD HH:mm:ss", width=150),
            "who": st.column_config.TextColumn("Who", width=150),
            "issue": st.column_config.NumberColumn("Issue", format="#%d", width=80),
            "step": st.column_config.TextColumn("Step", width=120),
            "detail": st.column_config.TextColumn("What", width=330),
            "result": st.column_config.TextColumn("Result", width=100),
            "words": st.column_config.TextColumn("In words", width=280),
            "link": st.column_config.LinkColumn("Link", display_text="Open on GitHub", width=120),
        },
    )
    row = find_chosen_row(selected, first_column="when")
    if row is not None and row < len(shown):
        _draw_chosen(workspace, shown[row])


def _draw_filters(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key="activity-search",
            type="search",
            live="300ms",
            placeholder="Issue number, label, word",
            width=260,
        )
        people = st.multiselect(
            "Who", sorted({entry.person for entry in entries}), key="activity-people", placeholder="Everybody"
        )
        kinds = st.multiselect(
            "Step",
            list(dict.fromkeys(entry.kind for entry in entries)),
            format_func=lambda kind: STEP_WORDS.get(kind, kind),
            key="activity-kinds",
            placeholder="All steps",
        )
        results = st.multiselect(
            "Result",
            list(dict.fromkeys(entry.state for entry in entries)),
            format_func=lambda state: RESULT_WORDS.get(state, state),
            key="activity-results",
            placeholder="All results",
        )
    words = search.casefold().split()
    return [
        entry
        for entry in entries
        if (not people or entry.person in people)
        and (not kinds or entry.kind in kinds)
        and (not results or entry.state in results)
        and all(word in f"#{entry.number} {entry.detail} {entry.words} {entry.person}".casefold() for word in words)
    ]


def make_table(entries: Sequence[JournalEntry]) -> pd.DataFrame:
    """The journal as it is shown and downloaded."""
    return pd.DataFrame(
        {
            "when": pd.to_datetime([entry.at for entry in entries], utc=True),
            "who": [entry.person for entry in entries],
            "issue": [entry.number for entry in entries],
            "step": [STEP_WORDS.get(entry.kind, entry.kind) for entry in entries],
            "detail": [entry.detail for entry in entries],
            "result": [
                "Taken back" if entry.taken_back else RESULT_WORDS.get(entry.state, entry.state) for entry in entries
            ],
            "words": [entry.words for entry in entries],
            "link": [entry.url or None for entry in entries],
            "plan": [entry.plan_id for entry in entries],
        }
    )


def _draw_chosen(workspace: Workspace, entry: JournalEntry) -> None:
    """The chosen step's issue, and the undo of the last plan there that still stands."""
    plan = find_undoable(workspace, entry.number)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "queue.py",
            label=f"Open #{entry.number} in the queue",
            icon=":material/open_in_full:",
            query_params={"issue": str(entry.number)},
        )
        if plan is None or plan.id != entry.plan_id:
            st.caption("This step is not the last deed on its issue that still stands, so it cannot be undone here.")
            return
        for warning in workspace.desk.undo_warnings(plan.id):
            st.caption(f":material/info: {warning}")
        st.button(
            "Undo the whole click",
            key=f"undo-{entry.number}",
            icon=":material/undo:",
            disabled=bool(workspace.why_read_only),
            on_click=click_undo,
            args=(workspace, entry.number, plan.id),
        )


draw_activity(open_page())
