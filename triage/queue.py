"""The review queue: issues, findings and our own journal become rows, their states and their order. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from triage.closure import ReporterWord, find_reporter_word
from triage.detection import Finding, FindingKind
from triage.issue_forms import Form, read_form, telling_title
from triage.models import MARKER_PREFIX, Comment, Issue

State = Literal["needs_response", "reporter_replied", "ready_to_close", "waiting_for_reporter", "dismissed", "closed"]
View = Literal["to_answer", "replied", "ready", "waiting", "dismissed", "all"]
Order = Literal["oldest", "newest", "updated", "comments"]
Filter = Literal["kind", "code", "solution"]

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
_STATES_OF_VIEW: Mapping[View, frozenset[State]] = {
    "to_answer": frozenset({"needs_response"}),
    "replied": frozenset({"reporter_replied"}),
    "ready": frozenset({"ready_to_close"}),
    "waiting": frozenset({"waiting_for_reporter"}),
    "dismissed": frozenset({"dismissed"}),
    "all": frozenset(STATE_WORDS) - {"dismissed", "closed"},
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
    word: ReporterWord
    answered_at: datetime | None

    @property
    def number(self) -> int:
        return self.issue.number

    @property
    def waited_for(self) -> str:
        """Whose turn it is: `you`, the author's login, or nobody's."""
        if self.state in ("needs_response", "reporter_replied", "ready_to_close"):
            return "you"
        return self.issue.author if self.state == "waiting_for_reporter" else ""


_VALUES: Mapping[Filter, Callable[[Row], tuple[str, ...]]] = {
    "kind": lambda row: (row.finding.kind,),
    "code": lambda row: row.finding.codes,
    "solution": lambda row: (row.solution,) if row.solution else (),
}
"""What a row carries for each filter."""


def is_answer(issue: Issue, comment: Comment) -> bool:
    """Whether a comment answers the reporter: posted by this tool, or by somebody who speaks for the repository."""
    if MARKER_PREFIX in comment.body:
        return True
    return comment.author != issue.author and comment.author_association in MAINTAINERS


def make_row(issue: Issue, finding: Finding, comments: Sequence[Comment]) -> Row:
    """One row as GitHub has it; `comments` are the issue's, oldest first."""
    form = read_form(issue.body)
    answers = [index for index, comment in enumerate(comments) if is_answer(issue, comment)]
    said = [(comment.author, comment.body) for comment in comments]
    word = find_reporter_word(issue.author, said, description=issue.body)
    return Row(
        issue=issue,
        finding=finding,
        title=telling_title(issue.title, form, finding.codes, summary=_summarise(finding, form)),
        solution=form.solution,
        version=form.version,
        state=_find_state(issue, comments, answers, word),
        word=word,
        answered_at=comments[answers[-1]].created_at if answers else None,
    )


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
    """The row as our own journal has it: dismissed, or ready to close (its checklist is met) whatever was said."""
    if row.state == "closed" or not (dismissed or criteria_met):
        return row
    return replace(row, state="dismissed" if dismissed else "ready_to_close")


def _find_state(issue: Issue, comments: Sequence[Comment], answers: Sequence[int], word: ReporterWord) -> State:
    if issue.state == "closed":
        return "closed"
    last_answer = answers[-1] if answers else -1
    is_settled = word.outcome in ("confirmed_fixed", "went_to_support")
    if is_settled and word.comment is not None and word.comment > last_answer:
        return "ready_to_close"
    if not answers:
        return "needs_response"
    replied = any(comment.author == issue.author for comment in comments[last_answer + 1 :])
    return "reporter_replied" if replied else "waiting_for_reporter"


def count_views(rows: Iterable[Row]) -> dict[View, int]:
    """How many rows each view of the queue holds."""
    states = Counter(row.state for row in rows)
    return {view: sum(states[state] for state in held) for view, held in _STATES_OF_VIEW.items()}


def count_values(rows: Iterable[Row]) -> dict[Filter, dict[str, int]]:
    """For each filter its values and how many rows carry them, most frequent first."""
    counted = list(rows)
    counts = {name: Counter(value for row in counted for value in find(row)) for name, find in _VALUES.items()}
    return {name: dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))) for name, found in counts.items()}


def filter_rows(
    rows: Iterable[Row], *, view: View = "all", search: str = "", chosen: Mapping[Filter, Collection[str]] | None = None
) -> list[Row]:
    """The rows of a view that hold every word of `search`, and one of the values `chosen` for each filter."""
    words = search.casefold().split()
    filters = [(_VALUES[name], set(values)) for name, values in (chosen or {}).items() if values]
    return [
        row
        for row in rows
        if row.state in _STATES_OF_VIEW[view]
        and all(values.intersection(find(row)) for find, values in filters)
        and _holds_words(row, words)
    ]


def _holds_words(row: Row, words: Sequence[str]) -> bool:
    """Whether every word stands somewhere in what a person may remember of the issue."""
    issue = row.issue
    parts = [f"#{issue.number}", row.title, issue.title, issue.author, row.solution, row.version, issue.body]
    searched = "\n".join([*parts, *row.finding.codes, *issue.labels]).casefold() if words else ""
    return all(word in searched for word in words)


def order_rows(rows: Iterable[Row], order: Order = "oldest") -> list[Row]:
    """Rows in the order in which `next` walks them; the oldest comes first where nothing else is said."""
    if order == "newest":
        return sorted(rows, key=lambda row: (row.issue.created_at, row.number), reverse=True)
    if order == "updated":
        return sorted(rows, key=lambda row: (row.issue.updated_at, row.number), reverse=True)
    if order == "comments":
        return sorted(rows, key=lambda row: (-row.issue.comments, row.issue.created_at))
    return sorted(rows, key=lambda row: (row.issue.created_at, row.number))


def find_neighbour(
    numbers: Sequence[int], current: int | None, step: Literal[1, -1], *, leaves: bool = False
) -> int | None:
    """The issue after or before `current` in `numbers`, the first one where it is not listed; None where there is none.

    Where `current` leaves the queue (answered, closed), the walk starts over after the last one.
    """
    if current not in numbers:
        return next(iter(numbers), None)
    place = numbers.index(current)
    after, before = numbers[place + 1 :], numbers[:place]
    ahead = before[::-1] if step < 0 else [*after, *(before if leaves else ())]
    return next(iter(ahead), None)
