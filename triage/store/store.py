"""The store as a whole: mirror, drafts, ticks, dismissals, journal. `Store.open(url)` gives all of it."""

from typing import Self

from triage.store import schema
from triage.store.changes import Changes
from triage.store.claims import Claims
from triage.store.database import open_engine
from triage.store.drafts import Drafts
from triage.store.journal import Journal
from triage.store.mirrored import Mirror
from triage.store.rows import clear


class Store(Mirror, Drafts, Changes, Journal, Claims):
    """Everything that is kept between two visits. One is enough for a process; any thread may use it."""

    @classmethod
    def open(cls, url: str) -> Self:
        """The store at a SQLAlchemy URL, brought to the newest schema. Raises StoreError with one sentence."""
        return cls(*open_engine(url))

    def wipe(self, full_name: str) -> None:
        """Forgets the repository wholly: mirror, drafts, ticks, dismissals, journal. For the sandbox's reset."""
        ours = [table for table in schema.OURS if table is not schema.steps]  # these go with their plans
        with self._write() as connection:
            clear(connection, full_name, [*schema.MIRROR, *ours])
