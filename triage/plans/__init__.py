"""A draft, labels and a close -> Plan: the steps that a click will take, and what differs from GitHub now. Pure.

`plan.py` has the values, `plan_record.py` how far a plan has come, `seen.py` the issue as it was looked at; `making.py`
makes plans and their undo, `labels.py` compares labels, `changed_since.py` finds what has changed since the maintainer
looked, `marker.py` marks the comment.
"""

from triage.plans.changed_since import find_changes
from triage.plans.labels import LabelsCompared, compare_labels
from triage.plans.making import Click, Closing, Response, make_plan, make_undo, plan_line, plan_of_change
from triage.plans.marker import find_posted, read_marker, with_marker, without_marker
from triage.plans.plan import CHANGE_WORDS, Change, ChangeKind, Plan, PlanError, Step
from triage.plans.plan_record import UNFINISHED, Leave, PlanRecord, PlanState, StepRecord, StepState, Wish
from triage.plans.seen import Seen

__all__ = [
    "CHANGE_WORDS",
    "UNFINISHED",
    "Change",
    "ChangeKind",
    "Click",
    "Closing",
    "LabelsCompared",
    "Leave",
    "Plan",
    "PlanError",
    "PlanRecord",
    "PlanState",
    "Response",
    "Seen",
    "Step",
    "StepRecord",
    "StepState",
    "Wish",
    "compare_labels",
    "find_changes",
    "find_posted",
    "make_plan",
    "make_undo",
    "plan_line",
    "plan_of_change",
    "read_marker",
    "with_marker",
    "without_marker",
]
