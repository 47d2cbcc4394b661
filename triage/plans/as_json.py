"""A plan as JSON values, for the journal, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from triage.models import Label
from triage.plans.plan import Plan, Step
from triage.plans.seen import Seen


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values; `plan_from_json` gives the same plan back."""
    document = asdict(plan)
    document["at"] = plan.at.isoformat()
    if plan.seen is not None:
        document["seen"]["updated_at"] = plan.seen.updated_at.isoformat()
    for step, written in zip(plan.steps, document["steps"], strict=True):
        written["closed_at"] = step.closed_at.isoformat() if step.closed_at else None
    return document


def plan_from_json(document: Mapping[str, Any]) -> Plan:
    """The plan that `plan_to_json` wrote."""
    seen = document.get("seen")
    return Plan(
        **{
            **document,
            "at": datetime.fromisoformat(document["at"]),
            "steps": tuple(_step_from_json(step) for step in document["steps"]),
            "criteria": tuple(document["criteria"]),
            "seen": seen and _seen_from_json(seen),
        }
    )


def _step_from_json(document: Mapping[str, Any]) -> Step:
    label, closed_at = document.get("label"), document.get("closed_at")
    return Step(
        **{
            **document,
            "names": tuple(document["names"]),
            "label": Label(**label) if label else None,
            "closed_at": datetime.fromisoformat(closed_at) if closed_at else None,
        }
    )


def _seen_from_json(document: Mapping[str, Any]) -> Seen:
    return Seen(
        **{
            **document,
            "labels": tuple(document["labels"]),
            "updated_at": datetime.fromisoformat(document["updated_at"]),
            "comments": tuple(tuple(comment) for comment in document["comments"]),
        }
    )
