"""The store as a whole: mirror, drafts, ticks, dismissals, journal. `Store.open(url)` gives all of it."""

from typing import Self

import sqlalchemy as sa

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

    notice: str = ""
    """What a person should know of the opening, such as that a damaged mirror was rebuilt; "" where all was well."""

    @classmethod
    def open(cls, url: str) -> Self:
        """The store at a SQLAlchemy URL, brought to the newest schema. Raises StoreError with one sentence."""
        engine, notice = open_engine(url)
        store = cls(engine)
        store.notice = notice
        return store

    def wipe(self, full_name: str) -> None:
        """Forgets the repository wholly: mirror, drafts, ticks, dismissals, journal. For the sandbox's reset."""
        steps, plans = schema.steps, schema.plans
        of_repository = sa.select(plans.c.id).where(plans.c.repository == full_name)
        with self._write() as connection:
            connection.execute(sa.delete(steps).where(steps.c.plan.in_(of_repository)))
            clear(connection, full_name, (*schema.MIRROR, *(table for table in schema.OURS if table is not steps)))
