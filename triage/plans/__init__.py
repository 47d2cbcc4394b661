"""A draft, labels and a close -> Plan: the steps that a click will take, and what differs from GitHub now. Pure.

`plan.py` has the values, `change.py` what changes here alone, `seen.py` the issue as it was looked at; `making.py`
makes plans and their undo, `labels.py` compares labels, `changed_since.py` finds what has changed since the maintainer
looked, `marker.py` marks the comment.
"""

from triage.plans.as_json import plan_from_json, plan_to_json
from triage.plans.change import CHANGE_WORDS, Change, ChangeKind, ChangeWords
from triage.plans.changed_since import find_changes
from triage.plans.labels import LabelsCompared, compare_labels
from triage.plans.making import Click, Closing, Response, make_plan, make_undo, plan_line
from triage.plans.marker import find_posted, read_marker, with_marker, without_marker
from triage.plans.plan import Plan, PlanError, PlanKind, Step, StepKind
from triage.plans.seen import Seen, SeenComment

__all__ = [
    "CHANGE_WORDS",
    "Change",
    "ChangeKind",
    "ChangeWords",
    "Click",
    "Closing",
    "LabelsCompared",
    "Plan",
    "PlanError",
    "PlanKind",
    "Response",
    "Seen",
    "SeenComment",
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
