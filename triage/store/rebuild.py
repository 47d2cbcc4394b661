"""A damaged SQLite file whose damage lies in the mirror -> a whole file with all that is ours, and an empty mirror.

The damaged file is kept beside it. Where anything of ours cannot be read, nothing is touched: better no store than one
that lost a draft without a word.
"""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from triage.store import schema


def rebuild(file: Path, make_store: Callable[[Path], sa.Engine]) -> str | None:
    """A sentence that says what was rebuilt and where the damaged file is; None where it cannot be done.

    `make_store` gives an engine on a new, empty store. Nobody else may have the file open.
    """
    fresh = file.with_name(file.name + ".rebuilt")
    kept = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    fresh.unlink(missing_ok=True)
    try:
        rows = _read_ours(file)
        engine = make_store(fresh)
        with engine.begin() as connection:
            for table in schema.OURS:
                names = [column.name for column in table.columns]
                places = ", ".join("?" for _ in names)
                for row in rows[table.name]:
                    # As it stood in the file: the types that the tables declare would read it once more.
                    insertion = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
                    connection.exec_driver_sql(insertion, row)
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        if file.with_name(file.name + "-wal").exists():
            raise OSError("the last writes could not be taken into the file")
        shutil.copy2(file, kept)
        fresh.replace(file)
    except (sqlite3.Error, sa.exc.SQLAlchemyError, OSError):
        for leftover in file.parent.glob(f"{fresh.name}*"):
            leftover.unlink()
        return None
    return (
        f"The store {file.name} was damaged: drafts, ticks, dismissals and the journal were saved whole, the mirror is "
        f"filled anew from GitHub, and the damaged file is kept as {kept.name}."
    )


def _read_ours(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of ours. Raises sqlite3.Error where one of the tables is damaged, or somebody else uses the file."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        rows = {}
        for table in schema.OURS:
            said = connection.execute(f"PRAGMA integrity_check({table.name})").fetchone()[0]
            if said != "ok":
                raise sqlite3.DatabaseError(said)
            names = ", ".join(column.name for column in table.columns)
            rows[table.name] = connection.execute(f"SELECT {names} FROM {table.name}").fetchall()  # noqa: S608
        connection.execute("ROLLBACK")
        return rows
    finally:
        connection.close()
