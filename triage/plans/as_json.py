"""A plan as JSON values, for the journal, and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from triage.plans.plan import Plan

_PLAN = TypeAdapter(Plan)


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values; `plan_from_json` gives the same plan back."""
    document: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    return document


def plan_from_json(document: Mapping[str, Any]) -> Plan:
    """The plan that `plan_to_json` wrote."""
    return _PLAN.validate_python(document)
