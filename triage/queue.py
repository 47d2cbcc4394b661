"""The review queue: issues, findings and our own journal become rows, their states and their order. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from triage.closure import Outcome, ReporterWord, find_reporter_word
from triage.detection import Finding, FindingKind
from triage.issue_forms import Form, read_form, telling_title
from triage.models import MARKER_PREFIX, Comment, Issue

State = Literal["needs_response", "reporter_replied", "ready_to_close", "waiting_for_reporter", "dismissed", "closed"]
View = Literal["to_answer", "replied", "ready", "waiting", "dismissed", "all"]
Order = Literal["oldest", "newest", "updated", "comments"]

STATE_WORDS: Mapping[State, str] = {
    "needs_response": "Needs a response",
    "reporter_replied": "Reporter replied",
    "ready_to_close": "Ready to close",
    "waiting_for_reporter": "Waiting for the reporter",
    "dismissed": "Dismissed",
    "closed": "Closed",
}
KIND_WORDS: Mapping[FindingKind, str] = {
    "transient_import": "Transient",
    "other_import": "Other cause",
    "not_import": "No import failure",
}
VIEW_WORDS: Mapping[View, str] = {
    "to_answer": "To answer",
    "replied": "Replied",
    "ready": "Ready to close",
    "waiting": "Waiting",
    "dismissed": "Dismissed",
    "all": "All open",
}
ORDER_WORDS: Mapping[Order, str] = {
    "oldest": "Oldest first",
    "newest": "Newest first",
    "updated": "Recently updated",
    "comments": "Most commented",
}
_STATE_OF_VIEW: Mapping[View, State] = {
    "to_answer": "needs_response",
    "replied": "reporter_replied",
    "ready": "ready_to_close",
    "waiting": "waiting_for_reporter",
    "dismissed": "dismissed",
}
MAINTAINERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""GitHub's author associations that speak for the repository."""


@dataclass(frozen=True, slots=True)
class Row:
    """One issue of the queue, with all that its line shows."""

    issue: Issue
    finding: Finding
    title: str
    solution: str
    version: str
    state: State
    waited_for: str
    word: ReporterWord
    answered_at: datetime | None

    @property
    def number(self) -> int:
        return self.issue.number


def is_answer(issue: Issue, comment: Comment) -> bool:
    """Whether a comment answers the reporter: posted by this tool, or by somebody who speaks for the repository."""
    if MARKER_PREFIX in comment.body:
        return True
    return comment.author != issue.author and comment.author_association in MAINTAINERS


def make_row(
    issue: Issue, finding: Finding, comments: Sequence[Comment], *, dismissed: bool = False, criteria_met: bool = False
) -> Row:
    """One row; `comments` are the issue's, oldest first, `criteria_met` what its closure checklist says."""
    form = read_form(issue.body)
    answers = [index for index, comment in enumerate(comments) if is_answer(issue, comment)]
    answered_at = comments[answers[-1]].created_at if answers else None
    said = [(comment.author, comment.body) for comment in comments]
    word = find_reporter_word(issue.author, said, description=issue.body)
    state = _find_state(issue, comments, answers, word)
    row = Row(
        issue=issue,
        finding=finding,
        title=telling_title(issue.title, form, finding.codes, summary=_summarise(finding, form)),
        solution=form.solution,
        version=form.version,
        state=state,
        waited_for=_find_waited_for(issue, state),
        word=word,
        answered_at=answered_at,
    )
    return settle_row(row, dismissed=dismissed, criteria_met=criteria_met)


def _summarise(finding: Finding, form: Form) -> str:
    """A word or two on a failure that has no code to be named by; "" where the description's beginning tells more."""
    if finding.codes or finding.kind == "not_import":
        return ""
    if finding.causes:
        what = finding.causes[0].name
    elif form.solution or form.version:
        what = "error in a picture" if finding.only_in_image else "failed import"
    else:
        return ""
    return what[0].upper() + what[1:]


def settle_row(row: Row, *, dismissed: bool, criteria_met: bool) -> Row:
    """The row as our own journal has it: put aside, or ready to close whatever the reporter has said."""
    if row.state == "closed" or not (dismissed or criteria_met):
        return row
    state: State = "dismissed" if dismissed else "ready_to_close"
    return replace(row, state=state, waited_for=_find_waited_for(row.issue, state))


def _find_state(issue: Issue, comments: Sequence[Comment], answers: Sequence[int], word: ReporterWord) -> State:
    if issue.state == "closed":
        return "closed"
    last_answer = answers[-1] if answers else -1
    replied = any(comment.author == issue.author for comment in comments[last_answer + 1 :])
    settled: tuple[Outcome, ...] = ("confirmed_fixed", "went_to_support")
    if word.outcome in settled and word.comment is not None and (word.comment > last_answer or not answers):
        return "ready_to_close"
    if not answers:
        return "needs_response"
    return "reporter_replied" if replied else "waiting_for_reporter"


def _find_waited_for(issue: Issue, state: State) -> str:
    if state in ("needs_response", "reporter_replied", "ready_to_close"):
        return "you"
    return issue.author if state == "waiting_for_reporter" else ""


def count_views(rows: Iterable[Row]) -> dict[View, int]:
    """How many rows each view of the queue holds."""
    counts: dict[View, int] = dict.fromkeys(VIEW_WORDS, 0)
    for row in rows:
        for view in VIEW_WORDS:
            counts[view] += _is_in_view(row, view)
    return counts


def _is_in_view(row: Row, view: View) -> bool:
    if view == "all":
        return row.state not in ("closed", "dismissed")
    return row.state == _STATE_OF_VIEW[view]


def count_values(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """For each filter (`kind`, `code`, `solution`) its values and how many rows carry them, most frequent first."""
    counts: dict[str, dict[str, int]] = {"kind": {}, "code": {}, "solution": {}}
    for row in rows:
        values: dict[str, list[str]] = {
            "kind": [row.finding.kind],
            "code": list(row.finding.codes),
            "solution": [row.solution] if row.solution else [],
        }
        for name, found in values.items():
            for value in found:
                counts[name][value] = counts[name].get(value, 0) + 1
    return {name: dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))) for name, found in counts.items()}


def filter_rows(
    rows: Iterable[Row],
    *,
    view: View = "all",
    search: str = "",
    kinds: Collection[str] = (),
    codes: Collection[str] = (),
    solutions: Collection[str] = (),
) -> list[Row]:
    """The rows of a view that hold every word of `search` and one of the values of each filter that is set."""
    words = search.casefold().split()
    return [
        row
        for row in rows
        if _is_in_view(row, view)
        and (not kinds or row.finding.kind in kinds)
        and (not codes or any(code in codes for code in row.finding.codes))
        and (not solutions or row.solution in solutions)
        and all(word in _searched(row) for word in words)
    ]


def _searched(row: Row) -> str:
    issue = row.issue
    parts = [f"#{issue.number}", row.title, issue.title, issue.author, row.solution, row.version, issue.body]
    return "\n".join([*parts, *row.finding.codes, *issue.labels]).casefold()


def order_rows(rows: Iterable[Row], order: Order = "oldest") -> list[Row]:
    """Rows in the order in which `next` walks them; whoever waits longest comes first where nothing else is said."""
    if order == "newest":
        return sorted(rows, key=lambda row: (row.issue.created_at, row.number), reverse=True)
    if order == "updated":
        return sorted(rows, key=lambda row: (row.issue.updated_at, row.number), reverse=True)
    if order == "comments":
        return sorted(rows, key=lambda row: (-row.issue.comments, row.issue.created_at))
    return sorted(rows, key=lambda row: (row.issue.created_at, row.number))


def find_neighbour(numbers: Sequence[int], current: int | None, step: int, *, before: Sequence[int] = ()) -> int | None:
    """The issue `step` places from `current` in `numbers`; None where there is none.

    `before` is the order as it was a moment ago: where `current` has just left the queue (answered, closed), the walk
    goes on from the place where it stood.
    """
    if not numbers:
        return None
    if current in numbers:
        index = numbers.index(current) + step
        return numbers[index] if 0 <= index < len(numbers) else None
    if current in before:
        place = before.index(current)
        later = [number for number in before[place + 1 :] if number in numbers]
        earlier = [number for number in before[:place] if number in numbers]
        if step > 0:
            return later[0] if later else (earlier[0] if earlier else None)
        return earlier[-1] if earlier else None
    return numbers[0]


def describe_age(moment: datetime, now: datetime) -> str:
    """A moment as people say it: `just now`, `5 minutes ago`, `yesterday`, `3 weeks ago`, `2 years ago`."""
    seconds = (now - moment).total_seconds()
    if seconds < 45:
        return "just now"
    for size, name in ((31_557_600, "year"), (2_629_800, "month"), (604_800, "week"), (86_400, "day"), (3600, "hour")):
        if seconds >= size:
            count = int(seconds // size)
            if name == "day" and count == 1:
                return "yesterday"
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    count = max(1, round(seconds / 60))
    return f"{count} minute{'s' if count > 1 else ''} ago"
