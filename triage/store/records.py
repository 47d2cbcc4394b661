"""What the store hands out: plain frozen values, none of them bound to a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from triage.closure import ClosePolicy
from triage.models import Repository

PlanState = Literal["running", "waiting", "stopped", "failed", "done", "given_up", "undone"]
"""`stopped`: the issue had changed; `failed`: GitHub refused; `given_up`: a person left it; `undone`: taken back."""

StepState = Literal["pending", "sending", "done", "failed", "left_out"]
"""`sending` is written before a request goes out; a step found so later may or may not have reached GitHub."""

Wish = Literal["", "give_up", "undo"]
"""What a person asked for while a step of the plan was unclear: done as soon as it is known."""

UNFINISHED: tuple[PlanState, ...] = ("running", "waiting", "stopped", "failed")


class StoreError(Exception):
    """The store cannot be used. `str(error)` is one sentence that says what is wrong and the mend."""


@dataclass(frozen=True, slots=True)
class MirroredRepository:
    """A repository as last seen. `version` grows with each write to its mirror; the next sync begins at `since`."""

    repository: Repository
    viewer: str
    synced_at: datetime | None
    since: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class IssueCounts:
    """How many issues the mirror holds; `by_kind` counts the findings of the open ones."""

    open: int
    closed: int
    by_kind: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """One person's text for one issue and template. `suggestion` is what was suggested when it was saved."""

    id: int
    repository: str
    number: int
    person: str
    template: str
    text: str
    suggestion: str
    saved_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedTick:
    """A closure criterion that a person ticked. `text` is its wording at that time."""

    number: int
    template: str
    criterion: int
    text: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dismissal:
    """An issue that a person put aside."""

    number: int
    person: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step and what became of it. `intent` was written before it was sent, `result` after, `words` are for people."""

    position: int
    kind: str
    detail: str
    state: StepState = "pending"
    attempts: int = 0
    attempted_at: datetime | None = None
    finished_at: datetime | None = None
    intent: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    url: str = ""
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan in the journal. `document` is the plan itself as JSON; a waiting plan goes on by itself at `due_at`."""

    id: str
    repository: str
    number: int
    person: str
    template: str
    kind: str
    document: Mapping[str, Any]
    created_at: datetime
    steps: tuple[StepRecord, ...]
    state: PlanState = "running"
    sentence: str = ""
    changes: tuple[str, ...] = ()
    anyway: bool = False
    wish: Wish = ""
    due_at: datetime | None = None
    tries: int = 0
    undoes: str | None = None
    claimed_by: str | None = None
    lease_until: datetime | None = None
    finished_at: datetime | None = None

    @property
    def begun(self) -> bool:
        """Whether anything of it has, or may have, reached GitHub."""
        return any(step.state in ("done", "sending") for step in self.steps)

    @property
    def goes_on_at(self) -> datetime | None:
        """When it goes on by itself at the latest: a plan that waits, or one whose worker was killed."""
        return self.lease_until if self.state == "running" else self.due_at

    @property
    def unfinished(self) -> bool:
        """Whether a person or the runner may still take it further."""
        return self.state in UNFINISHED


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether the asker may now work on the plan. `record` is the plan, or the one that is in the way."""

    won: bool
    record: PlanRecord


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal: a step, who took it, and what became of it. `words` is the result or the refusal."""

    plan_id: str
    position: int
    at: datetime
    person: str
    repository: str
    number: int
    template: str
    plan_kind: str
    plan_state: PlanState
    kind: str
    detail: str
    state: StepState
    words: str
    url: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class PostedResponse:
    """A comment of ours that stands on GitHub. `close` is the template's closing policy as it was then."""

    plan_id: str
    number: int
    template: str
    person: str
    at: datetime
    comment_id: int
    url: str
    criteria: tuple[str, ...]
    close: ClosePolicy
