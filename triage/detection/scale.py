"""What speaks for and against an import failure, in points, and the scale that adds them up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from triage.detection.passages import Passage
from triage.phrases import PhraseMatch

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        # for
        "message": 9.0,  # a message that only a failing import writes
        "code": 4.0,  # a code that stands for a failed import
        "code by message": 3.0,
        "attempt fails": 5.0,  # "the upgrade fails", in one sentence
        "weak attempt fails": 3.0,  # "the update has a problem"
        "attempt, then failure": 3.5,  # "We are installing Core. It ends with an error"
        "title attempt, then failure": 3.0,
        "attempt in title": 1.0,
        "half done": 4.0,  # "two versions of Core"
        "cause named": 1.0,
        "telling cause": 4.0,  # "the holding solution already exists"
        "code and attempt": 1.5,
        "answer names import": 1.5,  # "What app or flow": "Solution import"
        # against
        "at run time": -2.0,
        "another subject": -4.0,  # "installing Core, and the flow X fails"
        "answer names a flow": -2.0,
        "answer names another thing": -4.0,
        "title names a flow": -2.5,
        "told of that flow": -2.5,  # the description begins with the flow of the answer
        "planning": -5.0,
        "another thing": -3.0,  # Power BI, Excel
        "brought in": -2.0,  # "after the upgrade ..."
        "success": -3.0,
        "taking out": -7.0,
        "taking out, too": -2.0,  # beside an attempt that fails
        "about pages": -9.0,
        "about pages, too": -2.0,  # not in the title nor in the first sentence
        "directory": -9.0,
        "own solution": -40.0,
        "feature form": -10.0,
    }
)
"""Points for and against an import failure; THRESHOLD and more make one."""

THRESHOLD = 3.0


class Shown(NamedTuple):
    """The words `[first:last]` of a passage, and what they show."""

    passage: Passage
    first: int
    last: int
    shows: str


@dataclass(slots=True)
class Scale:
    """Points so far, the words that are shown for them, and the rules that gave them."""

    points: float = 0.0
    shown: list[Shown] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    def add(self, rule: str, times: float = 1.0) -> None:
        """Adds a rule's points."""
        self.points += WEIGHTS[rule] * times
        self.why.append(rule)

    def show(self, passage: Passage, match: PhraseMatch, other: PhraseMatch | None = None) -> None:
        """Marks the words of a sign as the failed import, or all from the one of two signs to the other."""
        first, last = match.first, match.last
        if other:
            first, last = min(first, other.first), max(last, other.last)
        self.shown.append(Shown(passage, first, last, "failed import"))


def worth(rule: str) -> float:
    """The points of a rule."""
    return WEIGHTS[rule]
