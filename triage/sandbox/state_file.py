"""The sandbox's state in a file: JSON, written in one piece, held by one process at a time."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter

from triage.sandbox.errors import SandboxError
from triage.sandbox.world import World

FORMAT = 1


@dataclass(frozen=True, slots=True)
class SavedState:
    """`advanced` is how many minutes the sandbox's time was put forward.

    `source` names where the issues came from first: a state of other issues is not theirs.
    """

    source: str
    world: World
    advanced: float
    format: int = FORMAT


_STATE = TypeAdapter(SavedState)


class StateFile:
    """One state file, held by this object alone from construction to `close()`.

    Raises SandboxError where another process holds it, or the place cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Only asked for a lock, and left in place: deleting it would let two holders lock two different files.
            self._lock: IO[bytes] = path.with_name(path.name + ".lock").open("ab")
        except OSError as error:
            raise SandboxError(
                f"The sandbox's state file {path} cannot be written ({error.strerror}): choose another place for it."
            ) from None
        if not _lock(self._lock):
            self._lock.close()
            raise SandboxError(
                f"The sandbox's state file {path} is in use by another sandbox: stop that one, or choose another file."
            )

    def load(self, source: str) -> SavedState | None:
        """What was saved last; None where nothing was saved from this `source`. Raises SandboxError."""
        try:
            state = json.loads(self.path.read_bytes())
            if state["source"] != source:
                return None
            if state["format"] != FORMAT:
                raise SandboxError(
                    f"The sandbox's state file {self.path} is from another version: delete it to start afresh."
                )
            return _STATE.validate_python(state)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SandboxError(
                f"The sandbox's state file {self.path} cannot be read: delete it to start afresh."
            ) from None

    def save(self, state: SavedState) -> None:
        """Writes all of it beside the file, then puts it in its place: a reader sees the old state or the new one."""
        beside = self.path.with_name(self.path.name + ".new")
        # pydantic's own writer refuses half an emoji, which JSON can hold
        beside.write_text(json.dumps(_STATE.dump_python(state, mode="json"), separators=(",", ":")), "ascii")
        beside.replace(self.path)

    def close(self) -> None:
        self._lock.close()


def _lock(file: IO[bytes]) -> bool:
    """Whether the file could be locked; the system gives it back when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
