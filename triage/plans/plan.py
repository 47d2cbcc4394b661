"""Plan and Step: what one click will do to one issue, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from triage.models import Label, StateReason
from triage.plans.seen import Seen

StepKind = Literal[
    "create_label",
    "comment",
    "add_labels",
    "remove_labels",
    "close",
    "reopen",
    "delete_comment",
    "tick",
    "untick",
    "dismiss",
    "undismiss",
]
PlanKind = Literal["post", "close", "undo", "tick", "untick", "dismiss", "undismiss"]
REASON_WORDS: Mapping[str, str] = {
    "completed": "completed",
    "not_planned": "not planned",
    "duplicate": "duplicate",
    "reopened": "reopened",
}


class PlanError(ValueError):
    """A plan that cannot be made. `str(error)` is one sentence with the mend."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. Which fields have a meaning depends on the kind."""

    kind: StepKind
    text: str = ""
    """comment: the draft; tick, untick: the criterion's wording; dismiss: the reason; close: why, if closed anyway."""
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
    def detail(self) -> str:
        """The step in a few words, as it stands in the journal."""
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
                why = f", anyway: {self.text}" if self.text else ""
                return f"close as {REASON_WORDS[self.reason or 'completed']}{why}"
            case "reopen":
                return "reopen"
            case "delete_comment":
                return "delete our comment"
            case "tick":
                return f"tick “{self.text}”"
            case "untick":
                return f"untick “{self.text}”"
            case "dismiss":
                return f"put aside: {self.text}" if self.text else "put aside"
            case "undismiss":
                return "take up again"


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
    close_policy: Mapping[str, Any] = field(default_factory=dict)
    undoes: str | None = None

    @property
    def text(self) -> str:
        """The comment as drafted; "" where the plan posts none."""
        return next((step.text for step in self.steps if step.kind == "comment"), "")

    @property
    def closes(self) -> bool:
        return any(step.kind == "close" for step in self.steps)
