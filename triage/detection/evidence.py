"""The words that show what was found: codes, causes, the failed import, a picture, a question."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from triage.detection.passages import Passage, Shown
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
        Fragment(source, start, end, f"error code {code}") for source, start, end, code in report.places[:_MOST_CODES]
    ]
    kept: list[Fragment] = []
    for fragment in (*codes, *_place(shown), *others):
        source, start, end, _ = fragment
        for other in kept:
            if start < other.end and other.start < end and source == other.source:
                break
        else:
            kept.append(fragment)
            if len(kept) == _MOST:
                break
    rank = list(report.sources)
    kept.sort(key=lambda fragment: (rank.index(fragment.source), fragment.start))
    return tuple(
        [Evidence(source, start, end, report.sources[source][start:end], shows) for source, start, end, shows in kept]
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
    if any("message" in passage.signs for passage in report.passages):
        return None
    for pattern, shows in ((_IMAGE, "only in an image"), (_ATTACHMENT, "only in an attachment")):
        if found := pattern.search(report.sources["body"]):
            return Fragment("body", *found.span(), shows)
    return None


def find_request(passages: Sequence[Passage]) -> Fragment | None:
    """Where the reporter asks something; the title, the first of the passages, last."""
    title, *rest = passages
    for passage in (*rest, title):
        if passage.part == "steps":
            continue
        if found := _find_question(passage):
            return found
        if asking := passage.signs.get("asks"):
            return _fragment(passage, asking.first, asking.last, "asks for help")
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
