"""Change: what a maintainer changes here alone, with one table of words for all kinds. GitHub has no part in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ChangeKind = Literal["tick", "untick", "dismiss", "undismiss"]


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """How one kind of change is said: before it is made, after, and what it is about; `opposite` takes it back."""

    to_do: str
    done: str
    about: str
    opposite: ChangeKind

    def describe(self, verb: str, text: str) -> str:
        """`tick “It works”`, `dismissed: a duplicate`; the verb alone where there is nothing to add."""
        return verb + self.about.format(text) if text else verb


CHANGE_WORDS: Mapping[str, ChangeWords] = {
    "tick": ChangeWords("tick", "ticked", " “{}”", "untick"),
    "untick": ChangeWords("untick", "unticked", " “{}”", "tick"),
    "dismiss": ChangeWords("dismiss", "dismissed", ": {}", "undismiss"),
    "undismiss": ChangeWords("restore", "restored", "", "dismiss"),
}
"""Every kind of change. A new one needs a line here and its table in `triage/store/changes.py`."""


@dataclass(frozen=True, slots=True)
class Change:
    """A criterion ticked or unticked, an issue dismissed or restored, by `person`."""

    kind: ChangeKind
    number: int
    person: str
    template: str = ""
    """tick, untick: the template whose criterion it is."""
    criterion: int = 0
    text: str = ""
    """tick, untick: the criterion's wording; dismiss: the reason."""

    @property
    def done(self) -> str:
        """The change as it was made, in a few words: `ticked “It works”`."""
        words = CHANGE_WORDS[self.kind]
        return words.describe(words.done, self.text)
