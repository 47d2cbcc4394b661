"""Criteria, ticks and comments -> what is met, what the reporter's words suggest, may it be closed. Pure."""

from triage.closure.checklist import (
    OUTCOME_WORDS,
    Checklist,
    ClosePolicy,
    CloseWhen,
    CriterionState,
    Outcome,
    ReporterWord,
    Tick,
    closing_hint,
    find_reporter_word,
    make_checklist,
    may_close,
    read_criterion,
)

__all__ = [
    "OUTCOME_WORDS",
    "Checklist",
    "ClosePolicy",
    "CloseWhen",
    "CriterionState",
    "Outcome",
    "ReporterWord",
    "Tick",
    "closing_hint",
    "find_reporter_word",
    "make_checklist",
    "may_close",
    "read_criterion",
]
