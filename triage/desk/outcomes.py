"""What became of a click, in words: the journal's record of a plan -> ClickResult."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from triage.desk.workers import is_alive
from triage.plans import Plan, Step, plan_from_json
from triage.store import PlanRecord, StepRecord

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


def plan_of(record: PlanRecord) -> Plan:
    """The plan that a record holds; of a single tick or dismissal the plan that it would have been."""
    if "steps" in record.document:
        return plan_from_json(record.document)
    kind = cast(Literal["tick", "untick", "dismiss", "undismiss"], record.kind)
    text, criterion = record.document["text"], record.document["criterion"]
    step = Step(kind, text=text, template=record.template, criterion=criterion)
    return Plan(
        record.id, record.repository, record.number, record.person, record.template, kind, (step,), record.created_at
    )


def busy(record: PlanRecord, person: str | None) -> ClickResult:
    who = "You are" if record.person == person else f"{record.person} is"
    if record.state == "running":
        sentence = f"{who} at work on #{record.number} at this very moment, in another tab or window: look again."
        if record.lease_until and is_alive(record.claimed_by or "") is None:
            # Of another process only its lease tells, and one that was killed has left the same behind.
            sentence = (
                f"{who} at work on #{record.number} at this very moment, in another window, or it was cut off: "
                f"then it goes on by itself at {record.lease_until:%H:%M:%S} UTC."
            )
    else:
        sentence = f"{who} not finished with #{record.number}: resume or give up what was begun, then try again."
    return ClickResult("busy", sentence, record.id, record.steps, due_at=record.goes_on_at)


def as_it_is(record: PlanRecord, person: str | None, *, just_now: bool = False) -> ClickResult:
    """The outcome of a plan as the journal has it."""
    if record.state == "running":
        return busy(record, person)
    sentence = record.sentence
    if record.state == "done" and not just_now:
        sentence = f"This was done already, and nothing was sent again. {sentence}"
    if record.state == "undone":
        sentence = "This was taken back."
    return ClickResult(record.state, sentence, record.id, record.steps, record.changes, record.due_at)


def unknown(plan_id: str) -> ClickResult:
    return ClickResult("failed", "The journal has no such plan: it may have been reset.", plan_id)
