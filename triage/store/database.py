"""A database that is whole, writable and of this version, read and written in short transactions.

What a database raises comes out as a StoreError of one sentence.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from triage.store.rebuild import rebuild

P = ParamSpec("P")
T = TypeVar("T")

MIGRATIONS = Path(__file__).parent.parent / "migrations"
BUSY_SECONDS = 20
_migrating = threading.Lock()
"""Alembic hands its context to the revisions by way of a module: one thread at a time."""


class StoreError(Exception):
    """The store cannot be used. `str(error)` is one sentence that says what is wrong and the fix."""


def twice(write: Callable[P, T]) -> Callable[P, T]:
    """Does a write once more where another writer came between its look and its insert.

    SQLite's writers wait for one another; those of other databases may meet, and a unique constraint stops the second.
    """

    @wraps(write)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return write(*args, **kwargs)
        except sa.exc.IntegrityError:
            return write(*args, **kwargs)

    return wrapped


class Database:
    """A connection to a database, for use by any number of threads."""

    def __init__(self, engine: sa.Engine, notice: str = "") -> None:
        self.notice = notice
        """What a person should know of the opening, such as that a damaged mirror was rebuilt."""
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._name = engine.url.database or engine.url.render_as_string(hide_password=True)
        # A store in memory is one connection, which two threads must not use at once.
        self._alone = threading.RLock() if isinstance(engine.pool, sa.StaticPool) else nullcontext()

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with self._alone, sentences(self._name), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        """All or nothing. On SQLite the lock to write is taken at the start, so what is read inside stays true."""
        with self._alone, sentences(self._name), self._writing.begin() as connection:
            yield connection

    def shut(self) -> None:
        """Gives the database's files back."""
        self._engine.dispose()


def open_engine(url: str) -> tuple[sa.Engine, str]:
    """An engine on the store at `url`, brought to the newest schema, and a sentence where it had to be rebuilt.

    Raises StoreError.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError(
            "DATABASE_URL is not a database URL: write one such as sqlite:///triage.db, or leave it out."
        ) from None
    place = parsed.database if parsed.drivername.startswith("sqlite") else None
    name = place or parsed.render_as_string(hide_password=True)
    try:
        return _open(parsed, name), ""
    except DamagedError:
        file = Path(place or "")
        if not file.is_file():
            raise
        notice = rebuild(file, lambda fresh: _open(parsed.set(database=str(fresh)), fresh.name))
        if notice is None:
            raise
    return _open(parsed, name), notice


def _open(url: sa.URL, name: str) -> sa.Engine:
    with sentences(name):
        engine = _make_engine(url)
        try:
            _check_whole(engine, name)
            _migrate(engine, name)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _make_engine(url: sa.URL) -> sa.Engine:
    """hide_parameters: a draft or a comment must not end up in an error message."""
    try:
        if url.get_backend_name() != "sqlite":
            return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)
        in_memory = url.database in (None, "", ":memory:")
        pool: dict[str, Any] = {"poolclass": sa.StaticPool} if in_memory else {}
        engine = sa.create_engine(
            url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **pool
        )
    except (ValueError, TypeError):  # a number or a choice after the ? that is none
        raise StoreError(
            "DATABASE_URL has something after the ? that cannot be used: leave it out, as in sqlite:///triage.db."
        ) from None
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"DATABASE_URL asks for a database that nothing here can talk to ({url.drivername}): "
            "install its driver, or use sqlite:///triage.db."
        ) from error

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        # The driver's own transactions begin too late for BEGIN IMMEDIATE; ours begin where `_begin` says.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        if not in_memory:
            _write_ahead(connection)
        # A step must be on the disk before it is sent, also when the power fails: WAL's usual NORMAL is not enough.
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: Any) -> None:
    """Turns WAL mode on. Where two processes make the same new store, SQLite tells one that it is locked, at once and
    without the usual wait."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _check_whole(engine: sa.Engine, name: str) -> None:
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite" and connection.scalar(sa.text("PRAGMA quick_check(1)")) != "ok":
            raise DamagedError(name)


def _migrate(engine: sa.Engine, name: str) -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    # The look and the change in one writing transaction: of two processes that open at once, one migrates.
    with engine.execution_options(writes=True).begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        known = {revision.revision for revision in script.walk_revisions()}
        if current is not None and current not in known:
            raise StoreError(
                f"The store {name} comes from a newer version of this dashboard: "
                "bring the dashboard up to date, or set DATABASE_URL to another store."
            )
        if current == script.get_current_head():
            # A write that changes nothing: a read-only store must say so now, not at the first click.
            connection.execute(sa.text("UPDATE alembic_version SET version_num = version_num"))
            return
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        with _migrating:
            command.upgrade(config, "head")


class DamagedError(StoreError):
    """The file is no database, or no longer a whole one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The store {name} is damaged or not a database: put your last copy of the file in its place, "
            "or move it aside to start anew; it was left as it is."
        )


_SAID = {
    ("readonly", "read-only"): "The store {} is read-only: give this user the right to write to the file and its "
    "folder, or set DATABASE_URL to another place.",
    ("unable to open",): "The store {} cannot be opened: create its folder, or set DATABASE_URL to a place that this "
    "user can write to.",
    ("locked", "busy"): f"The store {{}} was busy for {BUSY_SECONDS} seconds: another program holds it; end that "
    "program, or try again.",
    ("full",): "The disk of the store {} is full: make room, then try again.",
}
"""What a database's own words mean for the person."""


@contextmanager
def sentences(name: str) -> Iterator[None]:
    """Turns what a database raises into a StoreError; the cause is dropped, since it may quote what was stored."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.TimeoutError:
        raise StoreError(f"The store {name} is used by too many at once: try again in a moment.") from None
    except UnicodeEncodeError:
        raise StoreError("The text holds a broken character that cannot be kept: delete it and try again.") from None
    except sa.exc.DBAPIError as error:
        raise _explain(name, error) from None


def _explain(name: str, error: sa.exc.DBAPIError) -> StoreError:
    said = str(error.orig).lower()
    if any(sign in said for sign in ("not a database", "malformed", "disk image")):
        return DamagedError(name)
    for signs, sentence in _SAID.items():
        if any(sign in said for sign in signs):
            return StoreError(sentence.format(name))
    return StoreError(f"The store {name} cannot be used ({type(error.orig).__name__}): check DATABASE_URL.")
