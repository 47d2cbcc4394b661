"""Rules of the review queue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage.detection import Finding
from triage.detection.error_codes import Cause
from triage.models import MARKER_PREFIX, Comment, Issue
from triage.queue import count_values, count_views, filter_rows, find_neighbour, make_row, order_rows, settle_row

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def an_issue(number: int = 1, **changes: object) -> Issue:
    issue = Issue(
        number=number,
        title="Core import stops with BadGateway",
        body="### What solution are you experiencing the issue with?\n\nCore\n",
        author="reporter",
        state="open",
        created_at=NOW - timedelta(days=number),
        updated_at=NOW - timedelta(hours=number),
        url=f"https://github.com/o/r/issues/{number}",
    )
    return replace(issue, **changes)  # type: ignore[arg-type]


def a_finding(kind: str = "transient_import", codes: tuple[str, ...] = ("80097376",)) -> Finding:
    return Finding(
        kind=kind,  # type: ignore[arg-type]
        codes=codes,
        evidence=(),
        flows=(),
        causes=(),
        asks_for_help=False,
        only_in_image=False,
    )


def a_comment(author: str, body: str, *, minutes: int = 0, association: str = "NONE") -> Comment:
    at = NOW + timedelta(minutes=minutes)
    return Comment(minutes + 1, 1, author, body, at, at, "https://github.com/o/r/issues/1#c", association)


GATEWAY = Cause("bad_gateway", "gateway error of the flow service", "", "", "", "transient", "")


@pytest.mark.parametrize(
    ("body", "finding", "title"),
    [
        ("", a_finding(), "80097376: Core"),
        ("", replace(a_finding(codes=()), causes=(GATEWAY,)), "Gateway error of the flow service: Core"),
        ("", replace(a_finding(codes=()), only_in_image=True), "Error in a picture: Core"),
        ("", a_finding(codes=()), "Failed import: Core"),
        ("It stops half way.", a_finding(codes=()), "It stops half way."),
        ("", a_finding("not_import", codes=()), "Core"),
    ],
)
def test_where_the_title_is_the_forms_default_the_row_says_what_failed(body: str, finding: Finding, title: str) -> None:
    issue = an_issue(title="[BUG]: issue title")
    assert make_row(replace(issue, body=body or issue.body), finding, []).title == title


ANSWER = a_comment("ann", "Please wait and retry.", minutes=1, association="MEMBER")


@pytest.mark.parametrize(
    ("comments", "state", "waited_for"),
    [
        ([], "needs_response", "you"),
        ([a_comment("somebody", "same here")], "needs_response", "you"),
        ([ANSWER], "waiting_for_reporter", "reporter"),
        ([ANSWER, a_comment("somebody", "It works for me now.", minutes=2)], "waiting_for_reporter", "reporter"),
        ([ANSWER, a_comment("reporter", "Which file do you mean?", minutes=2)], "reporter_replied", "you"),
        ([ANSWER, a_comment("reporter", "It worked after the retry, thank you.", minutes=2)], "ready_to_close", "you"),
        ([a_comment("x", f"text\n\n{MARKER_PREFIX} 1 -->", minutes=1)], "waiting_for_reporter", "reporter"),
    ],
)
def test_the_state_follows_from_who_spoke_last(comments: list[Comment], state: str, waited_for: str) -> None:
    row = make_row(an_issue(), a_finding(), comments)
    assert (row.state, row.waited_for) == (state, waited_for)


def test_a_met_checklist_makes_an_issue_ready_to_close() -> None:
    row = make_row(an_issue(), a_finding(), [ANSWER])
    assert settle_row(row, dismissed=False, criteria_met=True).state == "ready_to_close"


def test_a_closed_issue_is_in_no_open_view() -> None:
    rows = [make_row(an_issue(state="closed"), a_finding(), [])]
    assert set(count_views(rows).values()) == {0}


def test_a_dismissed_issue_shows_only_under_dismissed() -> None:
    counts = count_views([settle_row(make_row(an_issue(), a_finding(), []), dismissed=True, criteria_met=False)])
    assert counts["dismissed"] == 1
    assert counts["all"] == 0


def test_the_search_takes_every_word_wherever_it_stands() -> None:
    row = make_row(an_issue(7), a_finding(), [])
    assert filter_rows([row], search="badgateway #7 80097376 reporter") == [row]
    assert filter_rows([row], search="badgateway governance") == []


def test_filters_narrow_and_their_counts_say_by_how_much() -> None:
    rows = [
        make_row(an_issue(1), a_finding(), []),
        make_row(an_issue(2), a_finding("other_import", ("8004F01F",)), []),
        make_row(an_issue(3), a_finding("other_import", ()), []),
    ]
    assert count_values(rows)["kind"] == {"other_import": 2, "transient_import": 1}
    assert count_values(rows)["code"] == {"80097376": 1, "8004F01F": 1}
    assert [row.number for row in filter_rows(rows, chosen={"kind": ["other_import"]})] == [2, 3]
    assert [row.number for row in filter_rows(rows, chosen={"kind": ["other_import"], "code": ["8004F01F"]})] == [2]
    assert [row.number for row in filter_rows(rows, chosen={"solution": ["Nurture"]})] == []


@pytest.mark.parametrize(
    ("order", "numbers"),
    [("oldest", [3, 2, 1]), ("newest", [1, 2, 3]), ("updated", [1, 2, 3]), ("comments", [2, 3, 1])],
)
def test_rows_come_in_the_order_that_was_asked_for(order: str, numbers: list[int]) -> None:
    rows = [
        make_row(an_issue(number, comments=comments), a_finding(), []) for number, comments in ((1, 0), (2, 5), (3, 0))
    ]
    assert [row.number for row in order_rows(rows, order)] == numbers  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "current", "step", "leaves", "expected"),
    [
        ([1, 2, 3], 2, 1, False, 3),
        ([1, 2, 3], 2, -1, False, 1),
        ([1, 2, 3], 3, 1, False, None),
        ([1, 2, 3], None, 1, False, 1),
        ([], 4, 1, False, None),
        ([4], 4, 1, True, None),
        ([1, 2, 3], 2, 1, True, 3),
        ([1, 2, 3], 3, 1, True, 1),
        ([1, 2, 3], 2, -1, True, 1),
    ],
)
def test_the_walk_goes_on_from_where_the_issue_stood(
    numbers: list[int], current: int | None, step: int, leaves: bool, expected: int | None
) -> None:
    assert find_neighbour(numbers, current, step, leaves=leaves) == expected
