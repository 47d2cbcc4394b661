"""The sandbox as one value: its world, clock, faults, rate limits and write log, and the file that it is kept in."""

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.sandbox.errors import not_found
from triage.sandbox.faults import Faults
from triage.sandbox.samples import load_issues_file, load_sample_issues
from triage.sandbox.state_file import StateFile, repository_to_json
from triage.sandbox.viewers import Viewer, read_viewer
from triage.sandbox.world import StoredIssue, StoredRepository, World

SECONDS_A_MINUTE = 2.0
"""How long a minute of sandbox time takes: who answers after six of them answers twelve seconds after a response."""

LOG_LENGTH = 20_000

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """Everything behind the HTTP surface. Whoever reads or changes the world holds `lock`.

    `clock` gives the moment, aware, in UTC. Reporters live in sandbox time, which runs thirty times as fast and can be
    put forward; what they write is dated by `clock`, so that nothing is ever in the future.

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
        self._source = f"{issues_file}: {_fingerprint(issues_file)}" if issues_file else "sample issues"
        self.problems = load_issues_file(issues_file, self.now())[1] if issues_file else ()
        self._viewers: dict[str, Viewer] = {}
        self._held: tuple[int, datetime] | None = None
        self._advanced = 0.0
        self._file = StateFile(state_file) if state_file else None
        try:
            kept = self._file.load(self._source) if self._file else None
            if kept:
                self.world, self._advanced = kept
            else:
                self.world = self._first_world()
                self.save()
        except BaseException:
            self.close()
            raise

    def _first_world(self) -> World:
        if self._issues_file is None:
            return load_sample_issues(self.now())
        return load_issues_file(self._issues_file, self.now())[0]

    def now(self) -> datetime:
        """The moment in whole seconds."""
        return self.clock().replace(microsecond=0)

    @property
    def minute(self) -> float:
        """The sandbox time, in its minutes."""
        return self.clock().timestamp() / SECONDS_A_MINUTE + self._advanced

    def viewer(self, authorization: str) -> Viewer:
        """The viewer of an `Authorization` header, the same one each time; raises RefusedError."""
        viewer = self._viewers.get(authorization)
        if viewer is None:
            viewer = self._viewers[authorization] = read_viewer(authorization, old=self.old)
            if self._held:
                viewer.allowance.hold(*self._held)
        return viewer

    def hold_limit(self, remaining: int, until: datetime) -> None:
        """Every token has `remaining` requests left until then."""
        self._held = (remaining, until)
        for viewer in self._viewers.values():
            viewer.allowance.hold(remaining, until)

    def repository(self, full_name: str) -> StoredRepository:
        """The repository, however its name is spelt; raises RefusedError."""
        repository = self.world.repositories.get(full_name.lower())
        if repository is None:
            raise not_found()
        return repository

    def deliver(self) -> None:
        """Lets the reporters answer whose time has come."""
        if self.world.pending and self.world.deliver_answers(self.minute, self.now()):
            self.save()

    def advance(self, minutes: float) -> None:
        """Puts sandbox time forward, and lets the reporters answer whose time has come by that."""
        with self.lock:
            self._advanced += minutes
            self.deliver()
            self.save()

    def reset(self) -> None:
        """The sample issues as on the first day; no faults, no log, all rate limits fresh."""
        with self.lock:
            self.world = self._first_world()
            self.faults.replace([])
            self.log.clear()
            self._viewers.clear()
            self._held = None
            self._advanced = 0.0
            self.save()

    def save(self) -> None:
        if self._file:
            self._file.save(self.world, self._advanced, self._source)

    def close(self) -> None:
        """Lets go of the state file."""
        if self._file:
            self._file.close()

    def to_json(self) -> dict[str, Any]:
        """All there is, for tests: issues with comments and labels by name, and the log of writes, oldest first."""
        return {
            "now": self.now().isoformat(),
            "minute": self.minute,
            "repositories": {name: _repository_to_json(repo) for name, repo in self.world.repositories.items()},
            "pending": [
                {
                    "repository": p.repository,
                    "number": p.number,
                    "comment": p.comment,
                    "in_minutes": p.due - self.minute,
                }
                for p in self.world.pending
            ],
            "faults": self.faults.to_json(),
            "log": list(self.log),
        }


def _fingerprint(path: Path) -> str:
    """Tells the contents of a file from others; nothing for a file that cannot be read."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _repository_to_json(repository: StoredRepository) -> dict[str, Any]:
    state = repository_to_json(repository)
    for stored in state["issues"]:
        issue: StoredIssue = repository.issues[stored["number"]]
        stored["labels"] = [label.name for label in repository.labels_of(issue)]
    return state | {"issues": {str(issue["number"]): issue for issue in state["issues"]}}
