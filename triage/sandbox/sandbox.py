"""The sandbox as one value: its world, clock, faults, rate limits and write log.

Its state is kept in a file: JSON, written in one piece, held by one process at a time.
"""

import hashlib
import json
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter

from triage.sandbox.errors import RefusedError, SandboxError
from triage.sandbox.faults import Faults
from triage.sandbox.samples import load_issues_file, load_sample_issues
from triage.sandbox.viewers import Viewer, read_viewer
from triage.sandbox.world import StoredRepository, World

SECONDS_A_MINUTE = 2.0
"""How long a minute of sandbox time takes: who answers after six of them answers twelve seconds after a response."""

LOG_LENGTH = 20_000

Clock = Callable[[], datetime]

FORMAT = 1
"""Of the state file."""

_REPOSITORY = TypeAdapter(StoredRepository)


def system_clock() -> datetime:
    return datetime.now(UTC)


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
            raise self._error(f"cannot be written ({error.strerror}): choose another place for it") from None
        try:
            _lock(self._lock)
        except OSError:
            self._lock.close()
            raise self._error("is in use by another sandbox: stop that one, or choose another file") from None

    def _error(self, problem: str) -> SandboxError:
        return SandboxError(f"The sandbox's state file {self.path} {problem}.")

    def load(self, source: str) -> SavedState | None:
        """What was saved last; None where nothing was saved from this `source`. Raises SandboxError."""
        try:
            state = json.loads(self.path.read_bytes())
            if state["source"] != source:
                return None
            if state["format"] != FORMAT:
                raise self._error("is from another version: delete it to start afresh")
            return _STATE.validate_python(state)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise self._error("cannot be read: delete it to start afresh") from None

    def save(self, state: SavedState) -> None:
        """Writes all of it beside the file, then puts it in its place: a reader sees the old state or the new one."""
        beside = self.path.with_name(self.path.name + ".new")
        # pydantic's own writer refuses half an emoji, which JSON can hold
        beside.write_text(json.dumps(_STATE.dump_python(state, mode="json"), separators=(",", ":")), "ascii")
        beside.replace(self.path)

    def close(self) -> None:
        self._lock.close()


class Sandbox:
    """Everything behind the HTTP surface. Whoever reads or changes the world holds `lock`.

    `clock` gives the moment, aware, in UTC. Reporters live in sandbox time, which runs thirty times as fast and can be
    put forward; what they write is dated by `clock`, so that nothing is ever in the future. `reporters_answer` False
    makes them silent; `old` makes every payload that of an older Enterprise Server.

    Without `state_file` nothing is kept; without `issues_file` there are the sample issues. Raises SandboxError.
    """

    def __init__(
        self,
        *,
        state_file: Path | None = None,
        issues_file: Path | None = None,
        clock: Clock = system_clock,
        reporters_answer: bool = True,
        old: bool = False,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.reporters_answer = reporters_answer
        self.old = old
        self.faults = Faults()
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self._issues_file = issues_file
        digest = hashlib.sha256(issues_file.read_bytes()).hexdigest() if issues_file and issues_file.is_file() else ""
        self._source = f"{issues_file}: {digest}" if issues_file else "sample issues"
        self._viewers: dict[str, Viewer] = {}
        self._held: tuple[int, datetime] | None = None
        self._advanced = 0.0
        self.world, self.problems = self._first_world()
        self._file = StateFile(state_file) if state_file else None
        if self._file:
            try:
                if kept := self._file.load(self._source):
                    self.world, self._advanced = kept.world, kept.advanced
                else:
                    self.save()
            except BaseException:
                self.close()
                raise

    def _first_world(self) -> tuple[World, tuple[str, ...]]:
        """The world as on the first day, and what is wrong with the issues file."""
        if self._issues_file is None:
            return load_sample_issues(self.now()), ()
        return load_issues_file(self._issues_file, self.now())

    def now(self) -> datetime:
        """The moment in whole seconds."""
        return self.clock().replace(microsecond=0)

    @property
    def minute(self) -> float:
        """The sandbox time, in its minutes."""
        return self.clock().timestamp() / SECONDS_A_MINUTE + self._advanced

    def viewer(self, authorization: str) -> Viewer:
        """The viewer of an `Authorization` header, the same one each time."""
        viewer = self._viewers.get(authorization)
        if viewer is None:
            viewer = self._viewers[authorization] = read_viewer(authorization, old=self.old)
            if self._held:
                viewer.rate_limit.hold(*self._held)
        return viewer

    def hold_limit(self, remaining: int, until: datetime) -> None:
        """Every token has `remaining` requests left until then."""
        self._held = (remaining, until)
        for viewer in self._viewers.values():
            viewer.rate_limit.hold(remaining, until)

    def repository(self, full_name: str) -> StoredRepository:
        """The repository, however its name is spelt; raises RefusedError."""
        repository = self.world.repositories.get(full_name.lower())
        if repository is None:
            raise RefusedError(404)
        return repository

    def deliver(self) -> None:
        """Posts the reporters' replies that are due."""
        if self.world.pending and self.world.deliver_replies(self.minute, self.now()):
            self.save()

    def advance(self, minutes: float) -> None:
        """Puts sandbox time forward, and posts the replies that are due then."""
        with self.lock:
            self._advanced += minutes
            self.deliver()
            self.save()

    def reset(self) -> None:
        """The sample issues as on the first day; no faults, no log, all rate limits fresh."""
        with self.lock:
            self.world, _ = self._first_world()
            self.faults.replace([])
            self.log.clear()
            self._viewers.clear()
            self._held = None
            self._advanced = 0.0
            self.save()

    def save(self) -> None:
        if self._file:
            self._file.save(SavedState(self._source, self.world, self._advanced))

    def close(self) -> None:
        """Lets go of the state file."""
        if self._file:
            self._file.close()

    def to_json(self) -> dict[str, Any]:
        """All there is, for tests: issues with comments and labels by name, and the log of writes, oldest first."""
        minute = self.minute
        return {
            "now": self.now().isoformat(),
            "minute": minute,
            "repositories": {name: _repository_to_json(repo) for name, repo in self.world.repositories.items()},
            "pending": [asdict(reply) | {"in_minutes": reply.due - minute} for reply in self.world.pending],
            "faults": self.faults.to_json(),
            "log": list(self.log),
        }


def _repository_to_json(repository: StoredRepository) -> dict[str, Any]:
    payload: dict[str, Any] = _REPOSITORY.dump_python(repository, mode="json")
    for issue in payload["issues"]:
        issue["labels"] = [label.name for label in repository.labels_of(repository.issues[issue["number"]])]
    return payload | {"issues": {str(issue["number"]): issue for issue in payload["issues"]}}


def _lock(file: IO[bytes]) -> None:
    """Locks the file, until the process ends, however it ends; raises OSError where another process has."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
