"""A plan from a flat list of options, for tests that vary one of them."""

from collections.abc import Collection, Sequence

from pydantic import TypeAdapter

from triage.closure import ClosePolicy
from triage.models import Label, StateReason
from triage.plans import Click, Closing, Plan, Response, make_plan

PLAN_JSON = TypeAdapter(Plan)
"""A plan as JSON values, for another process."""


def plan_with(
    click: Click,
    existing: Sequence[Label],
    *,
    template: str = "",
    text: str = "",
    labels: Sequence[Label] = (),
    leave_out: Collection[str] = (),
    close_reason: StateReason | None = None,
    closing_labels: Sequence[Label] = (),
    override: str = "",
    criteria: Sequence[str] = (),
    close: ClosePolicy | None = None,
) -> Plan:
    """`make_plan` for a click; without `close_reason` it leaves the issue open."""
    response = Response(template, text, tuple(labels), tuple(criteria), close or ClosePolicy())
    closing = Closing(close_reason, tuple(closing_labels), override) if close_reason else None
    return make_plan(click, response, closing, existing=existing, leave_out=leave_out)
