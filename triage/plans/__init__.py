"""A draft, labels and a close -> Plan: the steps that a click will take, and what differs from GitHub now. Pure.

`plan.py` has the values, `plan_record.py` how far a plan has come, `change.py` what changes here alone, `seen.py` the
issue as it was looked at; `making.py` makes plans and their undo, `labels.py` compares labels, `changed_since.py` finds
what has changed since the maintainer looked, `marker.py` marks the comment.
"""

from triage.plans.change import CHANGE_WORDS, Change, ChangeKind, ChangeWords
from triage.plans.changed_since import find_changes
from triage.plans.labels import LabelsCompared, compare_labels
from triage.plans.making import Click, Closing, Response, make_plan, make_undo, plan_line, plan_of_change
from triage.plans.marker import find_posted, read_marker, with_marker, without_marker
from triage.plans.plan import Plan, PlanError, PlanKind, Step, StepKind
from triage.plans.plan_record import UNFINISHED, Leave, PlanRecord, PlanState, StepRecord, StepState, Wish
from triage.plans.seen import Seen, SeenComment

__all__ = [
    "CHANGE_WORDS",
    "UNFINISHED",
    "Change",
    "ChangeKind",
    "ChangeWords",
    "Click",
    "Closing",
    "LabelsCompared",
    "Leave",
    "Plan",
    "PlanError",
    "PlanKind",
    "PlanRecord",
    "PlanState",
    "Response",
    "Seen",
    "SeenComment",
    "Step",
    "StepKind",
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
