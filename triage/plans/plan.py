"""What one click will do, as plain values: a change that is kept here alone, or a plan of steps for one issue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from triage.closure import ClosePolicy
from triage.models import Label, StateReason
from triage.plans.seen import Seen

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


StepKind = Literal[
    "create_label", "comment", "add_labels", "remove_labels", "close", "reopen", "delete_comment", ChangeKind
]  # fmt: skip
PlanKind = Literal["post", "close", "undo", ChangeKind]
REASON_WORDS: Mapping[str, str] = {
    "completed": "completed",
    "not_planned": "not planned",
    "duplicate": "duplicate",
    "reopened": "reopened",
}


class PlanError(ValueError):
    """A plan that cannot be made. `str(error)` is one sentence with the fix."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. Which fields have a meaning depends on the kind."""

    kind: StepKind
    text: str = ""
    """comment: the draft; close: why, if closed early; a change: its text."""
    names: tuple[str, ...] = ()
    """add_labels, remove_labels: the labels' names as the repository writes them."""
    label: Label | None = None
    """create_label: the label with its colour and description."""
    reason: StateReason | None = None
    comment_id: int | None = None
    closed_at: datetime | None = None
    """reopen: when our plan closed the issue; closed at another time, it was somebody else."""
    template: str = ""
    criterion: int = 0
    takes_back: int | None = None
    """Which step of the plan that is undone this one takes back, by position."""

    @property
    def is_local(self) -> bool:
        """Whether it changes what is kept here alone; GitHub has no part in it."""
        return self.kind in CHANGE_WORDS

    @property
    def detail(self) -> str:
        """The step in a few words, as it stands in the journal."""
        if self.is_local:
            words = CHANGE_WORDS[self.kind]
            return words.describe(words.to_do, self.text)
        match self.kind:
            case "create_label":
                return f"create the label {self.label.name if self.label else ''}"
            case "comment":
                return f"comment of {len(self.text):,} characters"
            case "add_labels":
                return f"add {', '.join(self.names)}"
            case "remove_labels":
                return f"remove {', '.join(self.names)}"
            case "close":
                why = f", early: {self.text}" if self.text else ""
                return f"close as {REASON_WORDS[self.reason or 'completed']}{why}"
            case "delete_comment":
                return "delete our comment"
            case _:
                return self.kind


@dataclass(frozen=True, slots=True)
class Plan:
    """What one click will do to one issue, in order. `criteria` and `close_policy` are the template's as answered."""

    id: str
    repository: str
    number: int
    person: str
    template: str
    kind: PlanKind
    steps: tuple[Step, ...]
    at: datetime
    seen: Seen | None = None
    criteria: tuple[str, ...] = ()
    close_policy: ClosePolicy = field(default_factory=ClosePolicy)
    undoes: str | None = None

    @property
    def text(self) -> str:
        """The comment as drafted; "" where the plan posts none."""
        return next((step.text for step in self.steps if step.kind == "comment"), "")

    @property
    def closes(self) -> bool:
        return any(step.kind == "close" for step in self.steps)

    def change_of(self, step: Step) -> Change | None:
        """What a step changes here alone; None for a step that is for GitHub."""
        if not step.is_local:
            return None
        kind = cast(ChangeKind, step.kind)
        return Change(kind, self.number, self.person, step.template or self.template, step.criterion, step.text)
