"""The words that show what was found: codes, causes, the failed import, a picture, a question."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from triage.detection.passages import Shown
from triage.detection.report import Report
from triage.detection.words import TABLE

_MOST = 24
_MOST_CODES = 12

_LONGEST_REQUEST = 200
_ASKED_WORDS = 20
"""How much of a question without a mark is shown."""

_QUESTION = re.compile(r"[^\s?(]\s?\?+(?=[\s\"')»*_]|$)|？")
_QUESTION_TITLE: Final = re.compile(rf"\s{{0,9}}\[[^\[\]\n]{{0,80}}?\b({TABLE['title']['question']})\]", re.IGNORECASE)
"""A title that the question's form has begun."""
_IMAGE = re.compile(r"<img\b[^<>]{0,2000}+>?|!\[[^\[\]\n]{0,300}+\]\([^()\s]{0,300}+\)?|\[cid:[^\]\n]{0,120}+\]")
_ATTACHMENT = re.compile(r"\[[^\[\]\n]{1,200}+\]\([^()\s]{0,160}(?:/files/|/attachments/)[^()\s]{0,200}+\)?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fragment that shows something. `source` is `title`, `body` or `comment:<index among the issue's comments>`."""

    source: str
    start: int
    end: int
    quote: str
    shows: str


def collect_evidence(
    report: Report, causes: Iterable[Shown] = (), failure: Iterable[Shown] = (), others: Iterable[Evidence] = ()
) -> tuple[Evidence, ...]:
    """The fragments in order of place, none overlapping another: codes first, then causes, then the failure itself."""
    codes = [
        _quote(report, place.source, place.start, place.end, f"error code {place.code}")
        for place in report.places[:_MOST_CODES]
    ]
    kept: list[Evidence] = []
    for part in (*codes, *_place(report, causes), *_place(report, failure), *others):
        start, end = part.start, part.end
        for other in kept:
            if start < other.end and other.start < end and part.source == other.source:
                break
        else:
            kept.append(part)
            if len(kept) == _MOST:
                break
    rank = list(report.sources)
    kept.sort(key=lambda part: (rank.index(part.source), part.start))
    return tuple(kept)


def _place(report: Report, shown: Iterable[Shown]) -> list[Evidence]:
    """Words -> where they stand in their source, the shorter first."""
    return sorted([_quote_words(report, each) for each in shown], key=lambda part: part.end - part.start)


def _quote_words(report: Report, shown: Shown) -> Evidence:
    passage = shown.passage
    start, end = passage.words.span(shown.first, shown.last)
    return _quote(report, passage.source, passage.start + start, passage.start + end, shown.shows)


def _quote(report: Report, source: str, start: int, end: int, shows: str) -> Evidence:
    return Evidence(source, start, end, report.sources[source][start:end], shows)


def find_picture(report: Report) -> Evidence | None:
    """The picture or the file that a report leaves its message to; None where it tells the message, too."""
    if any("message" in passage.signs for passage in report.passages):
        return None
    for pattern, shows in ((_IMAGE, "only in an image"), (_ATTACHMENT, "only in an attachment")):
        if found := pattern.search(report.sources["body"]):
            return _quote(report, "body", *found.span(), shows)
    return None


def find_request(report: Report) -> Evidence | None:
    """Where the reporter asks something; the title, the first of the passages, last."""
    title, *rest = report.passages
    for passage in (*rest, title):
        if passage.part == "steps":
            continue
        if found := _find_question(passage.text):
            start, end = found
            return _quote(report, passage.source, passage.start + start, passage.start + end, "asks for help")
        if asking := passage.signs.get("asks"):
            return _quote_words(report, Shown(passage, asking.first, asking.last, "asks for help"))
    if prefix := _QUESTION_TITLE.match(title.text):
        return _quote(report, "title", *prefix.span(1), "asks for help")
    for passage in rest:
        if passage.part == "question" and passage.words.ends:  # whoever takes the question's form asks without a mark
            return _quote_words(report, Shown(passage, 0, min(passage.words.ends[0], _ASKED_WORDS), "asks for help"))
    return None


def _find_question(text: str) -> tuple[int, int] | None:
    """From where to where the sentence stands that ends in the first question mark."""
    mark = _QUESTION.search(text) if "?" in text or "？" in text else None
    if mark is None:
        return None
    begin = max(text.rfind(stop, 0, mark.start()) for stop in (". ", "\n", "? ", "! ", "。", ": "))
    start = max(begin + 1, mark.end() - _LONGEST_REQUEST)
    while start < mark.start() and text[start].isspace():
        start += 1
    return start, mark.end()
