"""A plan in the journal: the plan, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from triage.plans.plan import Plan, Step

PlanState = Literal["running", "waiting", "stopped", "failed", "done", "given_up", "undone"]
"""`stopped`: the issue had changed; `failed`: GitHub refused; `given_up`: a person left it; `undone`: taken back."""

StepState = Literal["pending", "sending", "done", "failed", "left_out"]
"""`sending` is written before a request goes out; a step found so later may or may not have reached GitHub."""

Wish = Literal["", "give_up", "undo"]
"""What a person asked for while a step of the plan was unclear: done as soon as it is known."""

UNFINISHED: tuple[PlanState, ...] = ("running", "waiting", "stopped", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord(Step):
    """A step and what became of it. `intent` was written before it was sent, `result` after, `words` are for people."""

    position: int
    state: StepState = "pending"
    attempts: int = 0
    attempted_at: datetime | None = None
    finished_at: datetime | None = None
    intent: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    url: str = ""
    taken_back: bool = False

    @property
    def stands(self) -> bool:
        """Whether it was done and nobody has taken it back."""
        return self.state == "done" and not self.taken_back

    @property
    def tried(self) -> bool:
        """Whether it has, or may have, reached GitHub."""
        return self.state in ("done", "sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord(Plan):
    """A plan and how far it has come; a waiting plan goes on by itself at `due_at`."""

    steps: tuple[StepRecord, ...]
    created_at: datetime
    state: PlanState = "running"
    sentence: str = ""
    changes: tuple[str, ...] = ()
    anyway: bool = False
    wish: Wish = ""
    due_at: datetime | None = None
    tries: int = 0
    claimed_by: str | None = None
    lease_until: datetime | None = None
    finished_at: datetime | None = None

    @property
    def begun(self) -> bool:
        """Whether anything of it has, or may have, reached GitHub."""
        return any(step.tried for step in self.steps)

    @property
    def goes_on_at(self) -> datetime | None:
        """When it goes on by itself at the latest: a plan that waits, or one whose worker was killed."""
        return self.lease_until if self.state == "running" else self.due_at

    @property
    def unfinished(self) -> bool:
        """Whether a person or the runner may still take it further."""
        return self.state in UNFINISHED

    @property
    def posted(self) -> StepRecord | None:
        """The step that posted its comment; None where none was posted."""
        return next((step for step in self.steps if step.kind == "comment" and step.state == "done"), None)


@dataclass(frozen=True, slots=True)
class Leave:
    """How the work on a plan ends: its state from now on, why in a sentence, and when it goes on by itself."""

    state: PlanState
    sentence: str = ""
    changes: tuple[str, ...] = ()
    due_at: datetime | None = None
    tries: int = 0
