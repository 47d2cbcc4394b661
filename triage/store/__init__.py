"""The only import of SQLAlchemy: mirror, drafts, ticks, dismissals, journal. `Store.open(url)` gives all of it."""

from triage.store.journal import Holder
from triage.store.records import (
    UNFINISHED,
    Claim,
    Dismissal,
    Draft,
    IssueCounts,
    JournalEntry,
    MirroredRepository,
    PlanRecord,
    PlanState,
    PostedResponse,
    SavedTick,
    StepRecord,
    StepState,
    StoreError,
    Wish,
)
from triage.store.store import Store

__all__ = [
    "UNFINISHED",
    "Claim",
    "Dismissal",
    "Draft",
    "Holder",
    "IssueCounts",
    "JournalEntry",
    "MirroredRepository",
    "PlanRecord",
    "PlanState",
    "PostedResponse",
    "SavedTick",
    "StepRecord",
    "StepState",
    "Store",
    "StoreError",
    "Wish",
]
