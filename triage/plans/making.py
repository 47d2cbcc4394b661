"""A draft, labels and a close -> Plan; a plan that was carried out -> the one that takes it back; a plan in a line."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triage.markdown import ends_in_fence
from triage.models import COMMENT_LIMIT, Label, StateReason
from triage.plans.labels import compare_labels
from triage.plans.marker import is_plan_id, with_marker
from triage.plans.plan import REASON_WORDS, Plan, PlanError, Step
from triage.plans.seen import Seen


def make_plan(
    *,
    id: str,
    repository: str,
    number: int,
    person: str,
    at: datetime,
    seen: Seen | None,
    existing: Sequence[Label],
    template: str = "",
    text: str = "",
    labels: Sequence[Label] = (),
    leave_out: Collection[str] = (),
    close_reason: StateReason | None = None,
    closing_labels: Sequence[Label] = (),
    close_anyway: str = "",
    criteria: Sequence[str] = (),
    close_policy: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan of a click: create what labels are missing, comment, add labels, close.

    `text` "" posts nothing; `existing` are the repository's labels; of `labels` and, when closing, `closing_labels`,
    those it lacks are created with their colour and description unless `leave_out` names them. `close_reason` None
    leaves the issue open; `close_anyway` says why it closes with criteria unmet. Raises PlanError.
    """
    if not is_plan_id(id):
        raise PlanError("A plan's id consists of letters, digits and single hyphens.")
    if text and not text.strip():
        raise PlanError("The comment is empty: write something, or close without a comment.")
    if len(with_marker(text, id)) > COMMENT_LIMIT:
        raise PlanError(
            f"The comment is too long by {len(with_marker(text, id)) - COMMENT_LIMIT:,} characters: "
            f"GitHub takes {COMMENT_LIMIT:,}, the marker included."
        )
    if ends_in_fence(text):
        raise PlanError(
            "The comment ends inside a code block, which would show its hidden marker: "
            "close the block with a line like the one that opened it."
        )
    chosen = [*labels, *(closing_labels if close_reason else ())]
    compared = compare_labels(chosen, existing)
    left_out = {name.casefold() for name in leave_out}
    create = [label for label in compared.missing if label.name.casefold() not in left_out]
    names = tuple(dict.fromkeys((*compared.known, *(label.name for label in create))))
    steps = [Step("create_label", label=label) for label in create]
    if text:
        steps.append(Step("comment", text=text))
    if names:
        steps.append(Step("add_labels", names=names))
    if close_reason:
        steps.append(Step("close", reason=close_reason, text=close_anyway.strip()))
    if not steps:
        raise PlanError("There is nothing to do: write a comment, choose a label, or close the issue.")
    return Plan(
        id=id,
        repository=repository,
        number=number,
        person=person,
        template=template,
        kind="post" if text else "close",
        steps=tuple(steps),
        at=at,
        seen=seen,
        criteria=tuple(criteria),
        close_policy=dict(close_policy or {}),
    )


def plan_line(plan: Plan, existing: Sequence[Label] = (), on_issue: Sequence[str] = ()) -> str:
    """The plan in one line, such as `1 comment · adds documentation, bug (new) · stays open`.

    `(new)` stands behind a label that the repository does not have yet.
    """
    known = {label.name.casefold() for label in existing}
    have = {name.casefold() for name in on_issue}
    parts = ["1 comment" if plan.text else "no comment"]
    names = [name for step in plan.steps if step.kind == "add_labels" for name in step.names]
    adds = [name if name.casefold() in known else f"{name} (new)" for name in names if name.casefold() not in have]
    has = [name for name in names if name.casefold() in have]
    if adds:
        parts.append("adds " + ", ".join(adds))
    if has:
        parts.append("has " + ", ".join(has) + " already")
    if not names:
        parts.append("no labels")
    closing = next((step for step in plan.steps if step.kind == "close"), None)
    parts.append(f"closes as {REASON_WORDS[closing.reason or 'completed']}" if closing else "stays open")
    return " · ".join(parts)


def make_undo(
    plan: Plan,
    done: Sequence[tuple[int, Step, Mapping[str, Any]]],
    *,
    id: str,
    person: str,
    at: datetime,
    ticks: Sequence[Step] = (),
) -> Plan:
    """The plan that takes back those steps of `plan` that were done: position, step and its result in the journal.

    The other way round: reopen, take labels off, delete the comment. `ticks` are untick steps for criteria ticked since
    the answer. A label created in the repository stays there: other issues may have it by now. Raises PlanError.
    """
    steps: list[Step] = []
    for position, step, result in reversed(done):
        steps += [replace(one, takes_back=position) for one in _opposite_steps(step, result)]
    steps += ticks
    if not steps:
        raise PlanError("There is nothing to take back: nothing of this was done, or it was taken back already.")
    return Plan(
        id=id,
        repository=plan.repository,
        number=plan.number,
        person=person,
        template=plan.template,
        kind="undo",
        steps=tuple(steps),
        at=at,
        undoes=plan.id,
    )


def _opposite_steps(step: Step, result: Mapping[str, Any]) -> list[Step]:
    match step.kind:
        case "comment":
            return [Step("delete_comment", comment_id=result["comment_id"])]
        case "add_labels":
            return [Step("remove_labels", names=(name,)) for name in result.get("added", ())]
        case "close" if result.get("closed"):
            closed_at = result.get("closed_at")
            return [Step("reopen", closed_at=datetime.fromisoformat(closed_at) if closed_at else None)]
        case "tick":
            return [replace(step, kind="untick")]
        case "untick":
            return [replace(step, kind="tick")]
        case "dismiss":
            return [replace(step, kind="undismiss")]
        case "undismiss":
            return [replace(step, kind="dismiss")]
        case _:
            return []
