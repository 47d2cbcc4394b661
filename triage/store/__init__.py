"""The only import of SQLAlchemy: mirror, drafts, ticks, dismissals, journal. `Store.open(url)` gives all of it."""

from triage.store.journal import Holder
from triage.store.ours import Change
from triage.store.records import (
    UNFINISHED,
    Answer,
    Claim,
    Dismissal,
    Draft,
    IssueCounts,
    JournalEntry,
    MirroredRepository,
    PlanRecord,
    PlanState,
    SavedTick,
    StepRecord,
    StepState,
    StoreError,
    Wish,
)
from triage.store.store import Store

__all__ = [
    "UNFINISHED",
    "Answer",
    "Change",
    "Claim",
    "Dismissal",
    "Draft",
    "Holder",
    "IssueCounts",
    "JournalEntry",
    "MirroredRepository",
    "PlanRecord",
    "PlanState",
    "SavedTick",
    "StepRecord",
    "StepState",
    "Store",
    "StoreError",
    "Wish",
]
