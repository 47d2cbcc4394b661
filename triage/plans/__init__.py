"""A draft, labels and a close -> Plan: the steps that a click will take, and what differs from GitHub now. Pure.

`plan.py` has the values and `seen.py` the issue as it was looked at; `making.py` makes plans and their undo,
`labels.py` compares labels, `changes.py` finds what has changed since, `marker.py` marks the comment, and
`as_json.py` writes a plan down for the journal.
"""

from triage.plans.as_json import plan_from_json, plan_to_json
from triage.plans.changes import find_changes
from triage.plans.labels import LabelsCompared, compare_labels
from triage.plans.making import make_plan, make_undo, plan_line
from triage.plans.marker import find_posted, read_marker, with_marker, without_marker
from triage.plans.plan import Plan, PlanError, PlanKind, Step, StepKind
from triage.plans.seen import Seen

__all__ = [
    "LabelsCompared",
    "Plan",
    "PlanError",
    "PlanKind",
    "Seen",
    "Step",
    "StepKind",
    "compare_labels",
    "find_changes",
    "find_posted",
    "make_plan",
    "make_undo",
    "plan_from_json",
    "plan_line",
    "plan_to_json",
    "read_marker",
    "with_marker",
    "without_marker",
]
