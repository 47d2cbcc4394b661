"""The only import of SQLAlchemy: mirror, drafts, ticks, dismissals, journal. `Store.open(url)` gives all of it."""

from triage.store.changes import Dismissal, SavedTick
from triage.store.claims import Holder
from triage.store.database import StoreError
from triage.store.drafts import Draft
from triage.store.journal import JournalEntry, PostedResponse
from triage.store.mirrored import KeyedFinding, MirroredRepository
from triage.store.store import Store

__all__ = [
    "Dismissal",
    "Draft",
    "Holder",
    "JournalEntry",
    "KeyedFinding",
    "MirroredRepository",
    "PostedResponse",
    "SavedTick",
    "Store",
    "StoreError",
]
