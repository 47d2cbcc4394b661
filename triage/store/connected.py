"""How each part of the store reads and writes: short transactions, whose errors come out as sentences."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import sqlalchemy as sa

from triage.store.opening import sentences

P = ParamSpec("P")
T = TypeVar("T")


def twice(write: Callable[P, T]) -> Callable[P, T]:
    """Does a write once more where another writer came between its look and its insert.

    SQLite's writers wait for one another; those of other databases may meet, and a unique constraint tells the second.
    """

    @wraps(write)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return write(*args, **kwargs)
        except sa.exc.IntegrityError:
            return write(*args, **kwargs)

    return wrapped


class Connected:
    """A store's connection to its database, for use by any number of threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._name = engine.url.database or engine.url.render_as_string(hide_password=True)
        # A store in memory is one connection, which two threads must not use at once.
        self._alone = threading.RLock() if isinstance(engine.pool, sa.StaticPool) else None

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with self._transaction(self._engine) as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        """All or nothing. On SQLite the lock to write is taken at the start, so what is read inside stays true."""
        with self._transaction(self._writing) as connection:
            yield connection

    @contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        if self._alone is not None:
            with self._alone, sentences(self._name), engine.begin() as connection:
                yield connection
            return
        with sentences(self._name), engine.begin() as connection:
            yield connection

    def shut(self) -> None:
        """Gives the database's files back."""
        self._engine.dispose()
