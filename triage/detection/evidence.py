"""The words that show what was found: codes, causes, the failed import, a picture, a question."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from triage.detection.noise import find_attachment, find_image
from triage.detection.passages import Passage
from triage.detection.report import Report
from triage.detection.scale import Shown
from triage.detection.words import TABLE

_MOST = 24
_MOST_CODES = 12

_LONGEST_REQUEST = 200
_ASKED_WORDS = 20
"""How much of a question without a mark is shown."""

_QUESTION = re.compile(r"[^\s?(]\s?\?+(?=[\s\"')»*_]|$)|？")
_QUESTION_TITLE: Final = re.compile(rf"\s{{0,9}}\[[^\[\]\n]{{0,80}}?\b({TABLE['title']['question']})\]", re.IGNORECASE)
"""A title that the question's form has begun."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fragment that shows something. `source` is `title`, `body` or `comment:<index among the issue's comments>`."""

    source: str
    start: int
    end: int
    quote: str
    shows: str


class Fragment(NamedTuple):
    """Evidence before it is quoted."""

    source: str
    start: int
    end: int
    shows: str


def collect_evidence(
    report: Report, shown: Iterable[Shown] = (), others: Iterable[Fragment] = ()
) -> tuple[Evidence, ...]:
    """The fragments in order of place, none overlapping another: codes first, then causes, then the failure itself."""
    codes = [
        Fragment(place.source, place.start, place.end, f"error code {place.code}")
        for place in report.places[:_MOST_CODES]
    ]
    kept: list[Fragment] = []
    for fragment in dict.fromkeys([*codes, *_place(shown), *others]):
        source, start, end, _ = fragment
        for other in kept:
            if start < other.end and other.start < end and source == other.source:
                break
        else:
            kept.append(fragment)
            if len(kept) == _MOST:
                break
    rank = {source: number for number, source in enumerate(report.sources)}
    kept.sort(key=lambda fragment: (rank[fragment.source], fragment.start))
    return tuple(
        Evidence(source, start, end, report.sources[source][start:end], shows) for source, start, end, shows in kept
    )


def _place(shown: Iterable[Shown]) -> list[Fragment]:
    """Words -> where they stand in their source; the failed import last, the shorter first."""
    placed: dict[tuple[int, int, int], Fragment] = {}
    for passage, first, last, shows in shown:
        if (id(passage), first, last) not in placed:
            placed[id(passage), first, last] = _fragment(passage, first, last, shows)
    return sorted(placed.values(), key=lambda part: (part.shows == "failed import", part.end - part.start))


def _fragment(passage: Passage, first: int, last: int, shows: str) -> Fragment:
    start, end = passage.words.span(first, last)
    return Fragment(passage.source, passage.start + start, passage.start + end, shows)


def find_picture(report: Report) -> Fragment | None:
    """The picture or the file that a report leaves its message to; None where it tells the message, too."""
    if any(passage.has("message") for passage in report.passages):
        return None
    body = report.sources["body"]
    if image := find_image(body):
        return Fragment("body", *image, "only in an image")
    attachment = find_attachment(body)
    return Fragment("body", *attachment, "only in an attachment") if attachment else None


def find_request(passages: Sequence[Passage]) -> Fragment | None:
    """Where the reporter asks something; the title, the first of the passages, last."""
    title, *rest = passages
    for passage in (*rest, title):
        if passage.part != "steps" and (found := _find_question(passage) or _find_asking(passage)):
            return found
    if prefix := _QUESTION_TITLE.match(title.text):
        return Fragment("title", *prefix.span(1), "asks for help")
    for passage in rest:
        if passage.part == "question" and passage.words.ends:  # whoever takes the question's form asks without a mark
            return _fragment(passage, 0, min(passage.words.ends[0], _ASKED_WORDS), "asks for help")
    return None


def _find_question(passage: Passage) -> Fragment | None:
    """The sentence that ends in the first question mark."""
    text = passage.text
    mark = _QUESTION.search(text) if "?" in text or "？" in text else None
    if mark is None:
        return None
    begin = max(text.rfind(stop, 0, mark.start()) for stop in (". ", "\n", "? ", "! ", "。", ": "))
    start = max(begin + 1, mark.end() - _LONGEST_REQUEST)
    while start < mark.start() and text[start].isspace():
        start += 1
    return Fragment(passage.source, passage.start + start, passage.start + mark.end(), "asks for help")


def _find_asking(passage: Passage) -> Fragment | None:
    """The first words that ask without a mark."""
    for first, last, sign in passage.matches:
        if sign == "asks":
            return _fragment(passage, first, last, "asks for help")
    return None
