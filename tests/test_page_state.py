"""Page state: what a click does is found at the click, not taken from when the page was drawn."""

import ast
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.test_story import TRANSIENT, fetch, press, words
from triage.sandbox import SandboxServer
from triage.store import Store

Open = Callable[..., AppTest]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
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


def test_one_file_alone_knows_the_keys_of_an_issue() -> None:
    """Whatever belongs to one issue is read and written in `answering.py`."""
    built = re.compile(r'f"[a-z-]+-\{[^}"]*\bnumber\}')
    strangers = [file.name for file in PAGES if built.search(file.read_text()) and file.name != "answering.py"]
    assert strangers == []


def test_callbacks_are_given_identities_and_no_values_of_the_run_that_drew_them() -> None:
    """Repository, number, ids: the rest is found at the click."""
    given = [
        (file.name, ast.unparse(argument))
        for file in PAGES
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        for argument in find_callback_arguments(call)
    ]
    assert len(given) > 10
    identities = r"-?1|(\w+\.)*(repository|number|id|index|plan_id|template|issue)|'[a-z-]+'"
    assert [one for one in given if not re.fullmatch(identities, one[1])] == []


def test_no_callback_is_bound_to_an_object_of_the_run_that_drew_it() -> None:
    """It is a function of a module: a method would bring along what it is bound to."""
    callbacks = [
        keyword.value
        for file in PAGES
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg in ("on_click", "on_change", "on_select")
    ]
    callbacks += [
        value
        for file in PAGES
        for table in ast.walk(ast.parse(file.read_text()))
        if isinstance(table, ast.Dict)
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and key.value in ("on_click", "on_change", "on_select")
    ]
    assert len(callbacks) > 10
    assert [ast.unparse(one) for one in callbacks if isinstance(one, ast.Attribute)] == []


def find_callback_arguments(call: ast.Call) -> list[ast.expr]:
    """What a widget's callback is called with: of `draw_button` all behind the callback, else what `args` holds."""
    if isinstance(call.func, ast.Name) and call.func.id == "draw_button":
        return call.args[6:]
    return [
        argument
        for keyword in call.keywords
        if keyword.arg == "args" and isinstance(keyword.value, ast.Tuple)
        for argument in keyword.value.elts
    ]
