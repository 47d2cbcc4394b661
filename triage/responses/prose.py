"""What a response says in its prose, outside Jinja2: waiting times, and what was left over from one report."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from triage.phrases import load_table

# What is not closed goes to the end: to look for its end again and again would take the square of the length.
_JINJA = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|\{#.*?(?:#\}|\Z)", re.DOTALL)


def blank_jinja(text: str) -> str:
    """The text with its Jinja2 blanked out, every other character in its place."""
    return _JINJA.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


_LEFT_OVER = [
    (re.compile(each["pattern"], re.IGNORECASE), each["looks_like"])
    for each in load_table(Path(__file__).with_name("left_over.toml"))["data"]
]


def find_left_over(text: str) -> Iterator[tuple[int, str, str]]:
    """What looks left over, outside Jinja2: (line, what it looks like, the words)."""
    for number, line in enumerate(blank_jinja(text).split("\n"), start=1):
        for pattern, what in _LEFT_OVER:
            for match in pattern.finditer(line):
                yield number, what, match[0]


@dataclass(frozen=True, slots=True, order=True)
class Wait:
    """A waiting time in minutes, and the line (from 1) on which it stands."""

    fewest: int
    most: int
    line: int = field(default=1, compare=False)

    def __str__(self) -> str:
        return f"{self.fewest} to {self.most} minutes" if self.fewest < self.most else f"{self.fewest} minutes"


_SPAN = r"(?P<low>\d{1,3})(?:\s{0,2}(?:-|–|to)\s{0,2}(?P<high>\d{1,3}))?\s{0,2}(?P<unit>minute|min|hour|h|day)s?\b"
_DURATION = re.compile(_SPAN, re.IGNORECASE)
_WAIT = re.compile(rf"\b(?:wait|pause)\w*\b[^.\n]{{0,60}}?{_SPAN}", re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": 1440}


def find_waits(text: str, first_line: int = 1) -> list[Wait]:
    """The waiting times that a text advises, outside Jinja2; its first line counts as `first_line`."""
    outside = blank_jinja(text)
    return [_read(match, first_line + text.count("\n", 0, match.start())) for match in _WAIT.finditer(outside)]


def read_duration(words: str, line: int = 1) -> Wait | None:
    """ "5 to 10 minutes" as a time; None where the words name none."""
    match = _DURATION.search(words)
    return _read(match, line) if match else None


def _read(match: re.Match[str], line: int) -> Wait:
    minutes = _MINUTES[match["unit"][0].lower()]
    return Wait(int(match["low"]) * minutes, int(match["high"] or match["low"]) * minutes, line)
