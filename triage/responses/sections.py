"""A template document -> its sections, found by heading, whatever the level or case. Nothing is run here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triage.markdown import Block, find_blocks
from triage.responses.problems import ProblemList

Part = Literal["introduction", "response", "variant", "criteria", "labels", "keywords", "other"]

_PARTS: dict[str, Part] = {
    "response template": "response",
    "response": "response",
    "issue closure criteria": "criteria",
    "labels to apply": "labels",
    "keywords to watch for": "keywords",
}
_VARIANT = re.compile(r"(?:specific response for|variant:)\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DocumentSection:
    """A stretch of the document without its heading; `text` begins on `line`, the heading stands on `heading_line`."""

    part: Part
    heading: str
    text: str
    line: int
    heading_line: int


def split_sections(body: str, first_line: int = 1) -> list[DocumentSection]:
    """The sections of a document whose first line is `first_line` of its file.

    A section ends where the next known one begins, or at a heading of its own level or higher; the introduction ends at
    any heading. A horizontal rule at the edge of a section is not part of it.
    """
    lines = body.split("\n")
    openings: list[tuple[Block, Part, str]] = []
    level = 0
    part: Part = "other"
    for block in find_blocks(body):
        if not block.level:
            continue
        next_part, heading = _part_of(block.text)
        if next_part is None:
            first = not any(kind == "introduction" for _, kind, _ in openings)
            if first and (block.level == 1 or not openings):
                next_part = "introduction"
            elif openings and block.level > level and part != "introduction":
                continue  # a heading within the section
            else:
                next_part = "other"
        level, part = block.level, next_part
        openings.append((block, next_part, heading))
    if not openings:
        return []
    ends = [block.line - 1 for block, _, _ in openings[1:]] + [len(lines)]
    return [
        _trim(part, heading, lines[block.last_line : end], first_line + block.last_line, first_line + block.line - 1)
        for (block, part, heading), end in zip(openings, ends, strict=True)
    ]


def _part_of(heading: str) -> tuple[Part | None, str]:
    words = " ".join(heading.split()).rstrip(":").strip()
    if variant := _VARIANT.fullmatch(words):
        return "variant", variant[1].strip()
    return _PARTS.get(words.lower()), words


_EDGE = re.compile(r"\s*|\s{0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")


def _trim(part: Part, heading: str, lines: list[str], line: int, heading_line: int) -> DocumentSection:
    first, last = 0, len(lines)
    while first < last and _EDGE.fullmatch(lines[first]):
        first += 1
    while last > first and _EDGE.fullmatch(lines[last - 1]):
        last -= 1
    return DocumentSection(part, heading, "\n".join(lines[first:last]), line + first, heading_line)


def split_guidance(text: str) -> tuple[str, str]:
    """The first sentence where it begins with "If", which is for the maintainer, and the rest, which is posted."""
    paragraph, gap, rest = text.partition("\n\n")
    if not re.match(r"If\b", paragraph):
        return "", text
    end = _FIRST_SENTENCE.match(paragraph)
    if end is None:
        return paragraph, rest.lstrip("\n")
    return paragraph[: end.end()].strip(), (paragraph[end.end() :].strip() + gap + rest).lstrip("\n")


# A sentence ends at a mark before a new beginning; "e.g." and its like do not end one.
_FIRST_SENTENCE = re.compile(r".*?(?<!e\.g)(?<!i\.e)(?<!etc)(?<!vs)[.!?:](?=\s+[^\sa-z])", re.DOTALL)

_ITEM = re.compile(r"^\s{0,3}(?:[-*+]|\d{1,9}[.)])\s+(.*)$")
_TASK = re.compile(r"^\[[ xX]\]\s+(.+)$")


def read_criteria(sections: Sequence[DocumentSection], problems: ProblemList) -> tuple[str, ...]:
    """One criterion an item of a task list; text around the list is for people."""
    criteria: list[str] = []
    for section in sections:
        before = len(criteria)
        open_item = False
        for number, line in enumerate(section.text.split("\n"), start=section.line):
            item = _ITEM.match(line)
            task = _TASK.match(item[1].strip()) if item else None
            if task:
                criteria.append(task[1].strip())
                open_item = True
            elif item:
                problems.error(number, "write a closure criterion as a task: - [ ] the words of the criterion")
                open_item = False
            elif open_item and re.match(r"\s{2,}\S", line):
                criteria[-1] += " " + line.strip()
            else:
                open_item = False
        if len(criteria) == before and not problems.has_error:
            problems.error(
                section.heading_line, f"{section.heading} has no task list; write one criterion a line: - [ ] words"
            )
    return tuple(criteria)


@dataclass(frozen=True, slots=True)
class ListedLabel:
    """A label of the list in prose: its name, when it applies in words, and whether it is for closing."""

    name: str
    when: str
    closing: bool
    line: int


_LABEL = re.compile(r"^`([^`]*)`\s*(?:(?:[-–—:]+)\s*(.*))?$")
_CLOSING = re.compile(r"^Close\s+with\s+`([^`]*)`[\s,:–—-]*(.*)$", re.IGNORECASE)


def read_labels(sections: Sequence[DocumentSection], problems: ProblemList) -> list[ListedLabel]:
    """One label an item in backticks, a dash, then when; "Close with `x` ..." names one that is added at closing."""
    labels: list[ListedLabel] = []
    for section in sections:
        found = False
        for number, line in enumerate(section.text.split("\n"), start=section.line):
            item = _ITEM.match(line)
            if not item:
                continue
            found = True
            words = item[1].strip()
            if closing := _CLOSING.match(words):
                labels.append(ListedLabel(closing[1].strip(), closing[2].strip(), True, number))
            elif label := _LABEL.match(words):
                labels.append(ListedLabel(label[1].strip(), (label[2] or "").strip(), False, number))
            else:
                problems.error(number, "write a label as a list item: - `name` – when it applies")
        if not found:
            problems.error(
                section.heading_line, f"{section.heading} has no list; write one label a line: - `name` – when"
            )
    return labels


_QUOTED = re.compile(r"\"([^\"\n]{2,200})\"|“([^”\n]{2,200})”|`([^`\n]{2,200})`")


def read_keywords(sections: Sequence[DocumentSection], problems: ProblemList) -> tuple[tuple[str, int], ...]:
    """The quoted phrases, each with its line."""
    phrases: list[tuple[str, int]] = []
    for section in sections:
        quoted = list(_QUOTED.finditer(section.text))
        if not quoted:
            problems.warn(section.heading_line, f'{section.heading} has no quoted phrase; write each as "words"')
        for match in quoted:
            line = section.line + section.text.count("\n", 0, match.start())
            phrases.append((next(group for group in match.groups() if group), line))
    return tuple(phrases)
