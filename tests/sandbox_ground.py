"""The sandbox as ground for desk tests: as many issues as wanted, silent reporters, a clock to put forward."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.fault_runs import Ground
from triage.github import GitHub
from triage.sandbox import SandboxServer
from triage.store import Store


class AheadClock:
    """The time of day, put forward whenever somebody would have to wait."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def wait_until(self, moment: datetime) -> None:
        self.ahead += max(moment - self(), timedelta())


@contextmanager
def sandbox_with(folder: Path, issues: int) -> Iterator[tuple[SandboxServer, AheadClock]]:
    """A running sandbox with that many issues, numbered from 1."""
    lines = [
        json.dumps({"number": n, "title": f"Import fails {n}", "body": "80097376", "user": "rita"})
        for n in range(1, issues + 1)
    ]
    file = folder / "issues.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    clock = AheadClock()
    with SandboxServer(issues_file=file, clock=clock, reporters_answer=False) as server:
        yield server, clock


def ground_of(
    server: SandboxServer, clock: AheadClock, store: Store, number: int, gateway: GitHub, honest: GitHub
) -> Ground:
    """One issue of the sandbox."""
    return Ground(gateway, honest, server.repository, number, store, clock, clock.wait_until)
