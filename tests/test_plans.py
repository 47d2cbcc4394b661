"""Plans: what a click will do, what differs from GitHub now, and the way back."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plan_options import PLAN_JSON, plan_with
from triage.closure import ClosePolicy
from triage.markdown import ends_in_fence, render_markdown
from triage.models import COMMENT_LIMIT, Comment, Issue, Label
from triage.plans import (
    Click,
    Plan,
    PlanError,
    Response,
    Seen,
    StepRecord,
    compare_labels,
    find_changes,
    make_plan,
    make_undo,
    plan_line,
    read_marker,
    with_marker,
    without_marker,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ISSUE = Issue(7, "Import fails", "Body", "rita", "open", NOW, NOW, "https://x/7", None, ("bug",), 1)
COMMENT = Comment(1, 7, "rita", "Me too", NOW, NOW, "https://x/7#1")
SEEN = Seen.of(ISSUE, [COMMENT])
EXISTING = [Label("Bug", "d73a4a"), Label("documentation", "0075ca", "About the guides")]


def a_plan(**options: Any) -> Plan:
    options.setdefault("existing", EXISTING)
    options.setdefault("text", "Please retry.")
    return plan_with(Click("p1", "o/r", 7, "ann", NOW, SEEN), options.pop("existing"), **options)


BOB = Click("p1-undo", "o/r", 7, "bob", NOW, None)


def done(plan: Plan, position: int, result: dict[str, Any]) -> StepRecord:
    step = plan.steps[position]
    values = {field.name: getattr(step, field.name) for field in fields(step)}
    return StepRecord(**values, position=position, state="done", result=result)


# --- the plan


def test_the_steps_are_new_labels_comment_labels_close() -> None:
    plan = a_plan(
        labels=[Label("bug"), Label("fresh", "fbca04")], close_reason="not_planned", closing_labels=[Label("wontfix")]
    )
    assert [step.kind for step in plan.steps] == ["create_label", "create_label", "comment", "add_labels", "close"]
    assert plan.steps[3].names == ("Bug", "fresh", "wontfix")


def test_closing_labels_wait_for_the_close() -> None:
    assert [step.kind for step in a_plan(closing_labels=[Label("wontfix")]).steps] == ["comment"]


def test_a_close_without_a_comment_is_a_plan_too() -> None:
    plan = a_plan(text="", close_reason="completed")
    assert (plan.kind, [step.kind for step in plan.steps]) == ("close", ["close"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": ""}, "There is nothing to do"),
        ({"text": " \n"}, "The comment is empty"),
        ({"text": "x" * COMMENT_LIMIT}, "The comment is too long by 21 characters: GitHub takes 65,536"),
    ],
)
def test_what_cannot_be_posted_is_said_in_a_sentence(options: dict[str, str], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        a_plan(**options)


@pytest.mark.parametrize(
    ("text", "open_end"),
    [
        ("```\npac solution import", True),
        ("~~~~ sh\ncode\n~~~", True),
        ("````\n```\ncode\n```", True),
        ("```\ncode\n```\n~~~", True),
        ("```\n``` no end, since something follows it", True),
        ("```\ncode\n```", False),
        ("```\ncode\n   `````  \nmore", False),
        ("`a` and ```inline``` and\n```inline``` again", False),
        ("    ```\n", False),
        ("", False),
    ],
)
def test_a_comment_that_ends_inside_a_code_block_would_show_its_marker(text: str, open_end: bool) -> None:
    rendered = render_markdown(with_marker(text, "p1"))
    assert ("triage: p1" in rendered) == open_end
    assert ends_in_fence(text) == open_end
    if open_end:
        with pytest.raises(PlanError, match="inside a code block"):
            a_plan(text=text)


def test_a_plan_id_that_would_break_the_marker_is_refused() -> None:
    with pytest.raises(PlanError):
        make_plan(Click("a --> b", "o/r", 7, "ann", NOW, None), Response(text="x"), existing=[])


def test_a_plan_comes_back_from_json_as_it_was() -> None:
    plan = a_plan(
        labels=[Label("fresh", "fbca04", "words")], close_reason="duplicate", criteria=["a", "b"],
        close=ClosePolicy("any", labels=("wontfix",)),
    )  # fmt: skip
    assert PLAN_JSON.validate_python(json.loads(json.dumps(PLAN_JSON.dump_python(plan, mode="json")))) == plan
    closed = {"closed": True, "closed_at": NOW.isoformat()}
    undo = make_undo(plan, BOB, [done(plan, 2, {"added": ["fresh"]}), done(plan, 3, closed)])
    assert PLAN_JSON.validate_python(json.loads(json.dumps(PLAN_JSON.dump_python(undo, mode="json")))) == undo


# --- the line above the buttons


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            {"labels": [Label("documentation"), Label("transient-error")]},
            "1 comment · adds documentation, transient-error (new) · stays open",
        ),
        (
            {"labels": [Label("bug")], "close_reason": "not_planned"},
            "1 comment · has Bug already · closes as not planned",
        ),
        ({}, "1 comment · no labels · stays open"),
        ({"text": "", "close_reason": "completed"}, "no comment · no labels · closes as completed"),
    ],
)
def test_the_plan_in_one_line(options: dict[str, Any], line: str) -> None:
    assert plan_line(a_plan(**options), EXISTING, ISSUE.labels) == line


# --- labels


def test_labels_are_compared_without_regard_to_case() -> None:
    compared = compare_labels([Label("BUG"), Label("Fresh"), Label("fresh")], EXISTING, ["bug"])
    assert compared.known == ("Bug",)
    assert [label.name for label in compared.missing] == ["Fresh"]


def test_a_label_spelt_exactly_so_comes_before_one_that_only_folds_to_it() -> None:
    existing = [Label("Straße"), Label("strasse")]
    assert compare_labels([Label("Straße"), Label("STRASSE")], existing).known == ("Straße", "strasse")


def test_labels_that_contradict_are_named() -> None:
    assert compare_labels([Label("not-a-bug")], EXISTING, ["bug"]).notes == ("not-a-bug contradicts bug.",)
    assert compare_labels([Label("notes")], [Label("tes")]).notes == ()


# --- changes


def test_nothing_has_changed_where_nothing_did() -> None:
    assert not SEEN.may_differ(ISSUE)
    assert find_changes(SEEN, ISSUE, [COMMENT], now=NOW) == ()


@pytest.mark.parametrize(
    ("issue", "comments", "changes"),
    [
        ({}, [COMMENT, replace(COMMENT, id=2, author="bob")], ("bob commented 3 hours ago",)),
        ({}, [replace(COMMENT, body="edited")], ("rita edited a comment 3 hours ago",)),
        ({}, [], ("a comment by rita was deleted",)),
        ({"body": "other"}, None, ("the description was edited",)),
        ({"labels": ("docs",)}, None, ("the label docs was added", "the label bug was removed")),
        ({"state": "closed", "state_reason": "not_planned"}, None, ("the issue was closed as not planned",)),
    ],
)
def test_each_change_is_a_sentence(
    issue: dict[str, Any], comments: list[Comment] | None, changes: tuple[str, ...]
) -> None:
    assert find_changes(SEEN, replace(ISSUE, **issue), comments, now=NOW + timedelta(hours=3)) == changes


def test_what_the_plan_did_itself_is_no_change() -> None:
    plan = a_plan(labels=[Label("documentation")], close_reason="completed")
    now = replace(ISSUE, labels=("bug", "documentation"), state="closed")
    ours = replace(COMMENT, id=2, author="ann", body=with_marker("Please retry.", "p1"))
    assert find_changes(SEEN, now, [COMMENT, ours], now=NOW, own=plan) == ()
    assert len(find_changes(SEEN, now, [COMMENT, ours], now=NOW)) == 3


def test_comments_are_read_again_whenever_the_issue_moved_or_not_all_were_seen() -> None:
    assert SEEN.may_differ(replace(ISSUE, updated_at=NOW + timedelta(seconds=1)))
    assert SEEN.may_differ(replace(ISSUE, comments=2))
    assert Seen.of(ISSUE, []).may_differ(ISSUE)


# --- undo


def test_undo_goes_the_other_way_round_and_takes_back_only_what_was_done() -> None:
    plan = a_plan(labels=[Label("bug"), Label("documentation"), Label("fresh")], close_reason="completed")
    results: list[dict[str, Any]] = [
        {"created": True}, {"comment_id": 5}, {"added": ["documentation", "fresh"]}, {"closed": True, "closed_at": None}
    ]  # fmt: skip
    undo = make_undo(plan, BOB, [done(plan, position, result) for position, result in enumerate(results)])
    assert [(step.kind, step.names, step.takes_back) for step in undo.steps] == [
        ("reopen", (), 3),
        ("remove_labels", ("documentation",), 2),
        ("remove_labels", ("fresh",), 2),
        ("delete_comment", (), 1),
    ]
    assert (undo.undoes, undo.person, undo.steps[3].comment_id) == ("p1", "bob", 5)


def test_there_is_no_undo_of_nothing() -> None:
    with pytest.raises(PlanError, match="nothing to undo"):
        make_undo(a_plan(), BOB, [StepRecord(position=0, kind="close", state="done", result={"closed": False})])


# --- the marker


@given(st.text(), st.from_regex(r"[0-9a-f]{1,16}", fullmatch=True))
def test_the_draft_comes_out_of_the_comment_byte_for_byte(text: str, plan_id: str) -> None:
    body = with_marker(text, plan_id)
    assert body.startswith(text)
    assert (without_marker(body), read_marker(body)) == (text, plan_id)


@pytest.mark.parametrize(
    ("body", "plan_id"),
    [
        ("Hello\n\n<!-- triage: p1 -->", "p1"),
        ("Hello\r\n\r\n<!-- triage: p1 -->\r\n", "p1"),
        ("<!-- triage: p1 -->\n\nquoted, and then more", None),
        ("Hello", None),
        ("<!-- triage: p1 -->\n\n<!-- triage: p2 -->", "p2"),
    ],
)
def test_only_the_last_line_is_a_marker(body: str, plan_id: str | None) -> None:
    assert read_marker(body) == plan_id
