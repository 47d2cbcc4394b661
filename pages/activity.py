"""The journal: what was done, by whom, with undo."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.controls import draw_choice, draw_table
from pages.parts.frame import open_page
from pages.parts.plans import draw_undo_button, find_undoable
from pages.parts.snippets import empty_state, plural
from triage.store import JournalEntry
from triage.workspace import Workspace

RESULT_WORDS = {"done": "Done", "failed": "Failed", "sending": "In progress", "pending": "Not sent"}
COLUMNS = {
    "when": st.column_config.DatetimeColumn("When (UTC)", format="YYYY-MM-DD HH:mm:ss", width=150),
    "who": st.column_config.TextColumn("Who", width=150),
    "issue": st.column_config.NumberColumn("Issue", format="#%d", width=80),
    "step": st.column_config.TextColumn("Step", width=120),
    "detail": st.column_config.TextColumn("What", width=330),
    "result": st.column_config.TextColumn("Result", width=100),
    "link": st.column_config.LinkColumn("Link", display_text="Open on GitHub", width=120),
    "words": st.column_config.TextColumn("Details", width=280),
}


def draw_activity(workspace: Workspace) -> None:
    entries = workspace.store.load_journal(workspace.repository)
    if not entries:
        words = f"Each comment, label, tick and close in {workspace.repository} is recorded here before it is sent."
        st.html(empty_state("No activity yet", words))
        return
    shown = _draw_filters(entries)
    table = make_table(shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{plural(len(shown), 'step')} of {len(entries):,}, newest first")
        csv = table.to_csv(index=False).encode()
        name = f"activity-{workspace.repository.replace('/', '-')}.csv"
        st.download_button("Download CSV", csv, name, "text/csv", key="csv", icon=":material/download:")
    look = {"alt": "The journal, newest first", "column_order": tuple(COLUMNS), "column_config": COLUMNS}
    draw_table(table, [_name_step(entry) for entry in shown], key="journal", choice="step", **look)
    for entry in shown:
        if _name_step(entry) == st.session_state.get("step"):
            _draw_chosen(workspace, entry)


def _name_step(entry: JournalEntry) -> str:
    """What names a step in the whole journal."""
    return f"{entry.plan_id}/{entry.position}"


def _draw_filters(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        look: dict[str, Any] = {"type": "search", "live": "300ms", "placeholder": "Issue number, label, word"}
        words = st.text_input("Search", key="activity-search", width=260, **look).casefold().split()
        names = {person: person for person in sorted({entry.person for entry in entries})}
        people = _draw_filter("Who", "people", "Everybody", names)
        steps = {entry.kind: _say_step(entry.kind) for entry in entries}
        kinds = _draw_filter("Step", "kinds", "All steps", steps)
        states = {entry.state: _say_result(entry.state) for entry in entries}
        results = _draw_filter("Result", "results", "All results", states)
    return [
        entry
        for entry in entries
        if entry.person in people and entry.kind in kinds and entry.state in results and _holds(entry, words)
    ]


def _draw_filter(label: str, key: str, placeholder: str, words: Mapping[str, str]) -> Collection[str]:
    """Those chosen of what `words` says; all where none is chosen."""
    return draw_choice(st.multiselect, label, words, f"activity-{key}", placeholder=placeholder) or words.keys()


def _holds(entry: JournalEntry, words: Iterable[str]) -> bool:
    text = f"#{entry.number} {entry.detail} {entry.words} {entry.person}".casefold()
    return all(word in text for word in words)


def _say_step(kind: str) -> str:
    return "Restore" if kind == "undismiss" else kind.replace("_", " ").capitalize()


def _say_result(state: str) -> str:
    return RESULT_WORDS.get(state, state)


def make_table(entries: Sequence[JournalEntry]) -> pd.DataFrame:
    """The journal as it is shown and downloaded."""
    columns: dict[str, list[object]] = {
        "when": [entry.at for entry in entries],
        "who": [entry.person for entry in entries],
        "issue": [entry.number for entry in entries],
        "step": [_say_step(entry.kind) for entry in entries],
        "detail": [entry.detail for entry in entries],
        "result": ["Undone" if entry.taken_back else _say_result(entry.state) for entry in entries],
        "words": [entry.words for entry in entries],
        "link": [entry.url or None for entry in entries],
        "plan": [entry.plan_id for entry in entries],
    }
    return pd.DataFrame(columns | {"when": pd.to_datetime(columns["when"], utc=True)})


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
            st.caption("Only the latest click on an issue can be undone; this step belongs to an earlier one.")
        elif (notice := st.session_state.get("notice")) and notice.offers_undo and notice.number == entry.number:
            st.caption("The message above offers an undo; close it to undo this click here.")
        else:
            draw_undo_button(workspace, entry.number, plan.id)


draw_activity(open_page())
