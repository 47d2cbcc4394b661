"""A process of its own with a desk in it, for tests that need two of them or one that dies.

    python -m tests.desk_process DATABASE_URL API_URL

reads orders from standard input, one JSON object a line, and answers each with one line. `post` and `undo` wait for the
moment `at` (seconds since the epoch), so that two processes begin together, and answer with the outcome's state.
`change` is a tick, an untick, a dismissal or its end. With `kill` the order is carried out by a fork that ends itself
with SIGKILL at its `kill`-th write to the journal, just before the write or just `after`, or with `statements` before
its `kill`-th statement to the database, the commit among them; the answer is `killed`, or `ended` where there are none.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from tests.fake_github import REPOSITORY
from tests.plan_options import PLAN_JSON
from triage.desk import ClickResult, Desk
from triage.github import GitHub
from triage.plans import Change
from triage.store import Store

JOURNAL_WRITES = ("add_plan", "claim_plan", "write_step", "leave_plan")


class DeskProcess:
    """The process as the test sees it: `send` an order, `read` the answer."""

    def __init__(self, database_url: str, api_url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.desk_process", database_url, api_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
        )

    def send(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, order: Mapping[str, Any]) -> str:
        self.send(order)
        return self.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


def dying(store: Store, at: int, *, after: bool) -> Store:
    """The store, whose process is killed at its n-th write to the journal."""
    count = 0

    def watched(write: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == at and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            written = write(*args, **kwargs)
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return written

        return wrapped

    for name in JOURNAL_WRITES:
        setattr(store, name, watched(getattr(store, name)))
    return store


def dying_at_statement(store: Store, at: int) -> Store:
    """The store, whose process is killed before its n-th statement to the database, or before the commit."""
    count = 0

    def watch(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(store._engine, "before_cursor_execute", watch)
    sa.event.listen(store._engine, "commit", watch)
    return store


def carry_out(order: Mapping[str, Any], store: Store, gateway: GitHub) -> list[ClickResult]:
    """The outcomes of one order; `ahead` puts the desk's clock forward by so many seconds."""
    ahead = timedelta(seconds=order.get("ahead", 0))
    desk = Desk(gateway, store, clock=lambda: datetime.now(UTC) + ahead)
    if "post" in order:
        return [desk.post(PLAN_JSON.validate_python(order["post"]))]
    if "undo" in order:
        return [desk.undo(order["undo"])]
    if "change" in order:
        ticks = order["change"] in ("tick", "untick")
        template, text = ("t", "It works") if ticks else ("", "a duplicate")
        desk.change(REPOSITORY, Change(order["change"], order["number"], "ann", template, 0, text))
        return []
    return desk.run_due()


def main(database_url: str, api_url: str) -> None:
    opened: tuple[Store, GitHub] | None = None
    for line in sys.stdin:
        order = json.loads(line)
        if "kill" in order:
            # Before anything is opened here: a fork must not share a database or a connection.
            child = os.fork()
            if child == 0:
                store = Store.open(database_url)
                if order.get("statements"):
                    dying_at_statement(store, order["kill"])
                else:
                    dying(store, order["kill"], after=order["after"])
                carry_out(order, store, GitHub("login-ann", api_url))
                os._exit(0)
            _, status = os.waitpid(child, 0)
            answer = "killed" if os.WIFSIGNALED(status) else "ended" if status == 0 else "failed"
        else:
            opened = opened or (Store.open(database_url), GitHub("login-ann", api_url))
            while time.time() < order.get("at", 0):
                pass
            answer = " ".join(outcome.state for outcome in carry_out(order, *opened))
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
