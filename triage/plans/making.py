"""A click, a response and a close -> Plan; a plan that was carried out -> its undo; a plan in a line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.closure import ClosePolicy
from triage.markdown import ends_in_fence
from triage.models import COMMENT_LIMIT, Label, StateReason
from triage.plans.labels import compare_labels
from triage.plans.marker import is_plan_id, with_marker
from triage.plans.plan import CHANGE_WORDS, REASON_WORDS, Change, Plan, PlanError, Step
from triage.plans.plan_record import StepRecord
from triage.plans.seen import Seen


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked on which issue, when, and what they saw of it; `id` makes a second click the same one."""

    id: str
    repository: str
    number: int
    person: str
    at: datetime
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Response:
    """What is posted: a text ("" posts nothing), its labels, and what its template says of closing."""

    template: str = ""
    text: str = ""
    labels: tuple[Label, ...] = ()
    criteria: tuple[str, ...] = ()
    close: ClosePolicy = field(default_factory=ClosePolicy)


@dataclass(frozen=True, slots=True)
class Closing:
    """A close; `override` is why, where it comes before the criteria are met."""

    reason: StateReason = "completed"
    labels: tuple[Label, ...] = ()
    override: str = ""


def make_plan(
    click: Click,
    response: Response,
    closing: Closing | None = None,
    *,
    existing: Sequence[Label],
    leave_out: Collection[str] = (),
) -> Plan:
    """The plan of a click: create what labels are missing, comment, add labels, close.

    `existing` are the repository's labels; those it lacks are created with their colour and description unless
    `leave_out` names them. `closing` None leaves the issue open. Raises PlanError.
    """
    if not is_plan_id(click.id):
        raise PlanError("A plan's id consists of letters, digits and single hyphens.")
    _check_text(response.text, click.id)
    chosen = [*response.labels, *(closing.labels if closing else ())]
    compared = compare_labels(chosen, existing)
    left_out = {name.casefold() for name in leave_out}
    create = [label for label in compared.missing if label.name.casefold() not in left_out]
    names = tuple(dict.fromkeys((*compared.known, *(label.name for label in create))))
    steps = [Step("create_label", label=label) for label in create]
    if response.text:
        steps.append(Step("comment", text=response.text))
    if names:
        steps.append(Step("add_labels", names=names))
    if closing:
        steps.append(Step("close", reason=closing.reason, text=closing.override.strip()))
    if not steps:
        raise PlanError("There is nothing to do: write a comment, choose a label, or close the issue.")
    return Plan(
        id=click.id,
        repository=click.repository,
        number=click.number,
        person=click.person,
        template=response.template,
        kind="post" if response.text else "close",
        steps=tuple(steps),
        at=click.at,
        seen=click.seen,
        criteria=response.criteria,
        close_policy=response.close,
    )


def _check_text(text: str, plan_id: str) -> None:
    """Raises PlanError where GitHub would not take the comment, or would show its marker."""
    if text and not text.strip():
        raise PlanError("The comment is empty: write something, or close without a comment.")
    too_many = len(with_marker(text, plan_id)) - COMMENT_LIMIT
    if too_many > 0:
        raise PlanError(
            f"The comment is too long by {too_many:,} characters: GitHub takes {COMMENT_LIMIT:,}, the marker included."
        )
    if ends_in_fence(text):
        raise PlanError(
            "The comment ends inside a code block, which would show its hidden marker: "
            "close the block with a line like the one that opened it."
        )


def plan_line(plan: Plan, existing: Sequence[Label] = (), on_issue: Sequence[str] = ()) -> str:
    """The plan in one line, such as `1 comment · adds documentation, bug (new) · stays open`.

    `(new)` stands behind a label that the repository does not have yet.
    """
    names = [name for step in plan.steps if step.kind == "add_labels" for name in step.names]
    closing = next((step for step in plan.steps if step.kind == "close"), None)
    return " · ".join(
        [
            "1 comment" if plan.text else "no comment",
            *_label_words(names, existing, on_issue),
            f"closes as {REASON_WORDS[closing.reason or 'completed']}" if closing else "stays open",
        ]
    )


def _label_words(names: Sequence[str], existing: Sequence[Label], on_issue: Sequence[str]) -> list[str]:
    """Which labels are added, and which the issue has already."""
    known = {label.name.casefold() for label in existing}
    have = {name.casefold() for name in on_issue}
    adds: list[str] = []
    has: list[str] = []
    for name in names:
        if name.casefold() in have:
            has.append(name)
        else:
            adds.append(name if name.casefold() in known else f"{name} (new)")
    words = {f"adds {', '.join(adds)}": adds, f"has {', '.join(has)} already": has, "no labels": not names}
    return [word for word, holds in words.items() if holds]


def plan_of_change(change: Change, id: str, repository: str, at: datetime) -> Plan:
    """A plan of one step, which makes that change."""
    step = Step(change.kind, text=change.text, template=change.template, criterion=change.criterion)
    return Plan(id, repository, change.number, change.person, change.template, kind=change.kind, steps=(step,), at=at)


def make_undo(plan: Plan, click: Click, done: Sequence[StepRecord], ticks: Sequence[Step] = ()) -> Plan:
    """The plan that takes back those steps of `plan` that were done.

    The other way round: reopen, take labels off, delete the comment. `ticks` are untick steps for criteria ticked since
    the answer. A label created in the repository stays there: other issues may have it by now. Raises PlanError.
    """
    steps: list[Step] = []
    for step in reversed(done):
        steps += [replace(opposite, takes_back=step.position) for opposite in _opposite_steps(step)]
    steps += ticks
    if not steps:
        raise PlanError("There is nothing to undo: nothing of this was done, or it was undone already.")
    return Plan(
        id=click.id,
        repository=plan.repository,
        number=plan.number,
        person=click.person,
        template=plan.template,
        kind="undo",
        steps=tuple(steps),
        at=click.at,
        seen=click.seen,
        undoes=plan.id,
    )


def _opposite_steps(step: StepRecord) -> list[Step]:
    if step.is_local:
        opposite = CHANGE_WORDS[step.kind].opposite
        return [Step(opposite, text=step.text, template=step.template, criterion=step.criterion)]
    match step.kind:
        case "comment":
            return [Step("delete_comment", comment_id=step.result["comment_id"])]
        case "add_labels":
            return [Step("remove_labels", names=(name,)) for name in step.result.get("added", ())]
        case "close" if step.result.get("closed"):
            closed_at = step.result.get("closed_at")
            return [Step("reopen", closed_at=datetime.fromisoformat(closed_at) if closed_at else None)]
        case _:
            return []
