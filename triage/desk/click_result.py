"""What became of a click, in words: the journal's record of a plan -> ClickResult."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triage.desk.workers import is_alive
from triage.plans import PlanRecord, StepRecord

ClickState = Literal["done", "waiting", "stopped", "failed", "busy", "given_up", "undone"]


@dataclass(frozen=True, slots=True)
class ClickResult:
    """What became of a click. `sentence` is for the person; `changes` says why it stopped, `due_at` when it goes on."""

    state: ClickState
    sentence: str
    plan_id: str
    steps: tuple[StepRecord, ...] = ()
    changes: tuple[str, ...] = ()
    due_at: datetime | None = None


def busy(record: PlanRecord, person: str | None) -> ClickResult:
    """Somebody is at work on the issue, or has not finished with it; `person` is who asks."""
    who = "You are" if record.person == person else f"{record.person} is"
    if record.state != "running":
        sentence = f"{who} not finished with #{record.number}: resume that click or give it up, then try again."
    elif record.lease_until and is_alive(record.claimed_by or "") is None:
        # Of another process only its lease tells, and one that was killed has left the same behind.
        sentence = (
            f"{who} posting to #{record.number} in another window. "
            f"If that window crashed, it resumes at {record.lease_until:%H:%M:%S} UTC."
        )
    else:
        sentence = f"{who} posting to #{record.number} in another tab or window. Look again in a moment."
    return ClickResult("busy", sentence, record.id, record.steps, due_at=record.goes_on_at)


def as_it_is(record: PlanRecord, person: str | None, *, just_now: bool = False) -> ClickResult:
    """What became of a plan, as the journal has it; `just_now` where this very click did it."""
    if record.state == "running":
        return busy(record, person)
    sentence = record.sentence
    if record.state == "done" and not just_now:
        sentence = f"Already done; nothing was sent again. {sentence}"
    if record.state == "undone":
        sentence = "This was undone."
    return ClickResult(record.state, sentence, record.id, record.steps, record.changes, record.due_at)


def unknown(plan_id: str) -> ClickResult:
    return ClickResult("failed", "The journal has no such click: it may have been reset.", plan_id)
