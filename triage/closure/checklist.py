"""Closure criteria, ticks and the reporter's words -> what is met, what is suggested, may it be closed. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triage.closure.reporter_phrases import Telling
from triage.closure.reporter_words import find_success_of_a_retry, find_told
from triage.models import MARKER_PREFIX, StateReason

Outcome = Literal["confirmed_fixed", "still_failing", "will_retry", "went_to_support", "no_reply"]
CloseWhen = Literal["any", "all"] | int
"""How many criteria must be met before the issue may be closed."""

OUTCOME_WORDS: Mapping[Outcome, str] = {
    "confirmed_fixed": "Reporter confirms it is fixed",
    "still_failing": "Reporter says it still fails",
    "will_retry": "Reporter will try again",
    "went_to_support": "Reporter went to support",
    "no_reply": "Reporter has not said yet",
}
"""What a page says for each outcome."""

_OUTCOMES: Mapping[Telling, Outcome] = {
    "works": "confirmed_fixed",
    "closing": "confirmed_fixed",
    "fails": "still_failing",
    "later": "will_retry",
    "support": "went_to_support",
}


@dataclass(frozen=True, slots=True)
class ReporterWord:
    """The reporter's latest word: `quote == body[start:end]` of the comment with this index.

    `comment` is None where no comment shows it; the quote then stands in the description, or is empty for `no_reply`.
    """

    outcome: Outcome
    comment: int | None = None
    quote: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class ClosePolicy:
    """How the criteria combine, GitHub's reason for the close, and the labels added with it."""

    when: CloseWhen = "any"
    reason: StateReason = "completed"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """Who ticked which criterion (counted from 0), and when."""

    criterion: int
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CriterionState:
    """One criterion: its tick, and the reporter's words where they suggest one."""

    index: int
    text: str
    tick: Tick | None
    suggested: bool
    quote: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The criteria of one answer and whether they are met; `rule` and `progress` say it in words."""

    criteria: tuple[CriterionState, ...]
    when: CloseWhen
    met: bool
    rule: str
    progress: str


def find_reporter_word(author: str, comments: Sequence[tuple[str, str]], *, description: str = "") -> ReporterWord:
    """What the reporter last said of the outcome. `comments` are (login, body), oldest first.

    Only the reporter's own words count: not those of others, not what a mail program quoted below them, and not what
    this dashboard posted. A comment that tells nothing leaves an earlier word standing. Where no comment tells
    anything, a `description` that says itself that a later attempt went well does.
    """
    for index in range(len(comments) - 1, -1, -1):
        login, body = comments[index]
        if login.casefold() != author.casefold() or MARKER_PREFIX in body:
            continue
        told = find_told(body, asked=_asked_before(author, comments, index))
        if told is not None:
            return ReporterWord(_OUTCOMES[told.telling], index, body[told.start : told.end], told.start, told.end)
    told = find_success_of_a_retry(description) if description else None
    if told is not None:
        return ReporterWord("confirmed_fixed", None, description[told.start : told.end], told.start, told.end)
    return ReporterWord("no_reply")


def make_checklist(criteria: Sequence[str], when: CloseWhen, ticks: Sequence[Tick], word: ReporterWord) -> Checklist:
    """The criteria with their ticks; at most one of those open is suggested by the reporter's word."""
    first_ticks: dict[int, Tick] = {}
    for tick in sorted(ticks, key=lambda tick: tick.at):
        first_ticks.setdefault(tick.criterion, tick)
    suggested = find_suggested(criteria, word)
    states = tuple(
        CriterionState(
            index=index,
            text=text,
            tick=first_ticks.get(index),
            suggested=index == suggested,
            quote=word.quote if index == suggested else "",
        )
        for index, text in enumerate(criteria)
    )
    ticked = sum(state.tick is not None for state in states)
    return Checklist(
        criteria=states,
        when=when,
        met=ticked >= _needed(when, len(states)),
        rule=_rule(when, len(states)),
        progress=f"{ticked} of {len(states)} ticked" if states else "",
    )


def find_suggested(criteria: Sequence[str], word: ReporterWord) -> int | None:
    """The criterion that the reporter's word speaks for, or None.

    What a criterion asks for is read from its text, because maintainers write them. Of several that ask for the same,
    the one that shares most words with the quote, else the first.
    """
    fitting = [index for index, text in enumerate(criteria) if read_criterion(text) == word.outcome]
    if not fitting:
        return None
    said = _stems(word.quote)
    return max(fitting, key=lambda index: (len(_stems(criteria[index]) & said), -index))


def read_criterion(text: str) -> Outcome | None:
    """Which outcome a criterion asks for, by its words; None where it asks for something else, a document, say."""
    words = text.lower()
    return next((outcome for outcome, asked in _CRITERION_WORDS if asked.search(words)), None)


def may_close(checklist: Checklist, *, state: str, can_write: bool) -> bool:
    """Whether the close button is enabled; closing anyway, with a reason, needs only the right to write."""
    return can_write and state == "open" and checklist.met


def closing_hint(checklist: Checklist, *, state: str, can_write: bool) -> str:
    """Why the issue cannot be closed now, in one sentence; empty where it can."""
    if state != "open":
        return "This issue is closed already."
    if not can_write:
        return "Your token may not close issues in this repository."
    return "" if checklist.met else f"{checklist.rule} {checklist.progress[:1].upper()}{checklist.progress[1:]}."


# Read in this order: a retry that is still to come before one that succeeded, support before the error that persists.
_CRITERION_WORDS: tuple[tuple[Outcome, re.Pattern[str]], ...] = (
    (
        "will_retry",
        re.compile(
            r"\b(?:will|plans? to|intends? to|promise[sd]? to|agree[sd]? to|going to)\b"
            r"[^.]*\b(?:re-?)?(?:try|run|import|test)|\breport back\b"
        ),
    ),
    (
        "went_to_support",
        re.compile(r"\bsupport\b(?! (?:page|article|matrix|policy))|\bescalat|\bticket\b|\bservice request\b"),
    ),
    (
        "still_failing",
        re.compile(
            r"\b(?:persists?|still fail\w*|not (?:been )?(?:resolved|fixed|solved)|keeps? failing|failed again"
            r"|did not help)\b"
        ),
    ),
    (
        "confirmed_fixed",
        re.compile(
            r"\b(?:success\w*|succeed\w*|resolved|fixed|solved|works?|worked|working|helped|complete[sd]?|healthy|gone"
            r"|no (?:more|further|longer)|(?:is|was|been|are|were) (?:installed|imported|upgraded))\b"
        ),
    ),
)


def _asked_before(author: str, comments: Sequence[tuple[str, str]], index: int) -> str:
    """The comment by somebody else right above, which a bare "yes" would answer."""
    if index == 0 or comments[index - 1][0].casefold() == author.casefold():
        return ""
    return comments[index - 1][1]


def _needed(when: CloseWhen, total: int) -> int:
    if when == "all":
        return total
    return min(1, total) if when == "any" else when


def _rule(when: CloseWhen, total: int) -> str:
    if total == 0:
        return "This response has no closure criteria."
    if total == 1 and when in ("any", "all", 1):
        return "The one criterion is needed."
    if when == "all" or when == total:
        return f"All {total} are needed."
    if when in ("any", 1):
        return f"Any one of the {total} is enough."
    return f"At least {when} of {total} are needed."


def _stems(text: str) -> set[str]:
    """Words cut to their first five letters, so that "retried" meets "retry"."""
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())} - _COMMON


_COMMON = frozenset({"user", "confi", "this", "that", "were", "been", "after", "with", "they", "will", "have", "error"})
