"""Page state: what a click does is found at the click, not taken from when the page was drawn."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from tests.test_story import TRANSIENT, fetch, press, words
from triage.sandbox import SandboxServer
from triage.store import Store

Open = Callable[..., AppTest]
OTHER = 1043


def select_row(at: AppTest, row: int) -> None:
    """Chooses a row of the page's table as the browser does; AppTest has no way of its own to."""
    states: WidgetStates = at._tree.get_widget_states()  # type: ignore[union-attr]
    states.widgets.add(
        id=at.dataframe[0].proto.id,
        string_value=json.dumps({"selection": {"rows": [row], "columns": [], "cells": []}}),
    )
    at._run(states)


def open_store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'triage.db'}")


def test_a_draft_has_the_time_of_its_edit(app: Open, github: SandboxServer, tmp_path: Path) -> None:
    """What is stored at an edit has the time of the edit, not that at which the page was drawn."""
    at = app(issue=str(TRANSIENT))
    edited_after = datetime.now(UTC)
    at.text_area(key=f"response-{TRANSIENT}").set_value("Half an answer").run()
    (draft,) = open_store(tmp_path).load_drafts(github.repository, TRANSIENT)
    assert draft.saved_at >= edited_after


def test_a_click_whose_text_is_gone_sends_nothing_and_says_so(app: Open, github: SandboxServer) -> None:
    """A page that was left with the cursor in the text has lost the widget's value; a click then is no crash."""
    at = app(issue=str(TRANSIENT))
    at.text_area(key=f"response-{TRANSIENT}").set_value("Half an answer").run()
    del at.session_state[f"response-{TRANSIENT}"]
    states = WidgetStates()
    states.widgets.add(id=at.button(key=f"post-{TRANSIENT}").proto.id, trigger_value=True)
    at._run(states)
    assert not at.exception, at.exception
    assert fetch(github, f"issues/{TRANSIENT}/comments") == []
    assert "Nothing was sent" in words(at)
    assert at.text_area(key=f"response-{TRANSIENT}").value == "Half an answer"


def test_an_undo_in_the_journal_is_for_the_chosen_step_whatever_came_since(app: Open, github: SandboxServer) -> None:
    """What is chosen is an identity, not a position: a newer line above it moves the choice to no other issue."""
    at = app(issue=str(TRANSIENT))
    press(at, f"post-{TRANSIENT}")
    at.switch_page("activity.py").run()
    select_row(at, 0)
    assert not at.exception, at.exception
    press(at, "notice-read")
    assert at.button(key=f"undo-{TRANSIENT}")
    before = len(fetch(github, f"issues/{OTHER}/comments"))
    press(app(issue=str(OTHER)), f"post-{OTHER}")
    assert len(fetch(github, f"issues/{OTHER}/comments")) == before + 1
    at.run()
    press(at, f"undo-{TRANSIENT}")
    assert fetch(github, f"issues/{TRANSIENT}/comments") == []
    assert len(fetch(github, f"issues/{OTHER}/comments")) == before + 1
