"""Closure criteria, ticks and the reporter's words -> what is met, what is suggested, may it be closed. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triage.closure.reporter_phrases import PHRASES
from triage.closure.reporter_words import Statement, find_statement, find_success_of_a_retry, normalise
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

_OUTCOMES: Mapping[str, Outcome] = {
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
        # The comment by somebody else right above is what a bare "yes" would answer.
        asker, question = comments[index - 1] if index else (author, "")
        if statement := find_statement(body, question="" if asker.casefold() == author.casefold() else question):
            return _make_word(statement, index, body)
    success = find_success_of_a_retry(description)
    return ReporterWord("no_reply") if success is None else _make_word(success, None, description)


def _make_word(statement: Statement, comment: int | None, body: str) -> ReporterWord:
    quote = body[statement.start : statement.end]
    return ReporterWord(_OUTCOMES[statement.kind], comment, quote, statement.start, statement.end)


def make_checklist(criteria: Sequence[str], when: CloseWhen, ticks: Sequence[Tick], word: ReporterWord) -> Checklist:
    """The criteria with their ticks; at most one of those open is suggested by the reporter's word."""
    first_ticks: dict[int, Tick] = {}
    for tick in sorted(ticks, key=lambda tick: tick.at):
        first_ticks.setdefault(tick.criterion, tick)
    suggested = find_suggested(criteria, word)
    states = tuple(
        CriterionState(at, text, first_ticks.get(at), at == suggested, word.quote if at == suggested else "")
        for at, text in enumerate(criteria)
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
    words = normalise(re.sub(r"[^\w.]+", " ", text).replace(".", " | ")).text
    return next((outcome for outcome, asked in PHRASES.criteria.items() if asked.search(words)), None)


def may_close(checklist: Checklist, *, state: str, can_write: bool) -> bool:
    """Whether the close button is enabled; closing anyway, with a reason, needs only the right to write."""
    return not closing_hint(checklist, state=state, can_write=can_write)


def closing_hint(checklist: Checklist, *, state: str, can_write: bool) -> str:
    """Why the issue cannot be closed now, in one sentence; empty where it can."""
    if state != "open":
        return "This issue is already closed."
    if not can_write:
        return "This token cannot close issues in this repository."
    return "" if checklist.met else f"{checklist.rule} {checklist.progress[:1].upper()}{checklist.progress[1:]}."


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
    """Words cut to their first five letters, so that "retried" meets "retry"; none that stand in every criterion."""
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())} - {word[:5] for word in PHRASES.common}
