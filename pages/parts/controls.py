"""What people choose from: values said in words, and tables in which a click on a row chooses what it shows."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st


def draw_choice(widget: Callable[..., Any], label: str, words: Mapping[Any, str], key: str, **look: Any) -> Any:
    """What is chosen of the keys of `words`, which says each as people read it; `widget` is one of Streamlit's."""
    return widget(label, list(words), format_func=words.__getitem__, key=key, **look)


def draw_table(table: pd.DataFrame, ids: Sequence[Hashable], *, key: str, choice: str, **look: Any) -> None:
    """Draws a table in which the row of what `st.session_state[choice]` names is the selected one.

    `ids` says what each row shows: a choice is kept by it, since positions change when rows come and go. `look` goes
    to `st.dataframe`; the first of its `column_order` chooses nothing.
    """
    chosen = st.session_state.get(choice)
    wanted = [ids.index(chosen)] if chosen in ids else []
    selected = st.session_state.get(key)
    if selected is not None and (list(selected["selection"]["rows"]) != wanted or selected["selection"].get("cells")):
        st.session_state[key] = {"selection": {"rows": wanted}}
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        on_select=partial(_choose, key, choice, tuple(ids), look["column_order"][0]),
        selection_mode=("single-row", "single-cell"),
        selection_default={"selection": {"rows": wanted}},
        placeholder="",
        **look,
    )


def _choose(key: str, choice: str, ids: Sequence[Hashable], first_column: str) -> None:
    """Keeps what the clicked row shows; `ids` are those of the rows that the browser had when it was clicked.

    The browser also reports an empty selection when the rows change under it; that closes nothing.
    """
    row = find_chosen_row(st.session_state[key], first_column=first_column)
    if row is not None and row < len(ids):
        st.session_state[choice] = ids[row]


def find_chosen_row(table: Mapping[str, Any], *, first_column: str) -> int | None:
    """The position of the row that a table's selection names by its box or by one of its cells; None for none.

    A cell of the first column chooses nothing: the table names one by itself when the keyboard's focus enters it.
    """
    selection = table["selection"]
    clicked = [row for row, column in selection["cells"] if column != first_column]
    rows = clicked or selection["rows"]
    return int(rows[0]) if rows else None
