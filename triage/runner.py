"""A thread that carries on what no page may wait for: plans whose time has come, and the mirror's refresh."""

import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Runner:
    """Calls `run_due` every second, and `refresh` every `refresh_seconds` while somebody is looking.

    Both callables must raise nothing that matters: what escapes is logged by its type alone, since an exception's text
    might hold what a log must not.
    """

    def __init__(
        self,
        *,
        run_due: Callable[[], object],
        refresh: Callable[[], object],
        refresh_seconds: float,
        idle_seconds: float = 300,
        tick_seconds: float = 1,
    ) -> None:
        self._run_due = run_due
        self._refresh = refresh
        self._refresh_seconds = refresh_seconds
        self._idle_seconds = idle_seconds
        self._tick_seconds = tick_seconds
        self._visited = time.monotonic()
        self._refreshed = 0.0
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="triage-runner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread after what it is doing; returns when it has ended."""
        self._stopped.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def visit(self) -> None:
        """Says that somebody is looking at a page."""
        self._visited = time.monotonic()

    def wake(self) -> None:
        """Refreshes as soon as possible."""
        self._refreshed = float("-inf")
        self._wanted.set()

    def _loop(self) -> None:
        self._refreshed = time.monotonic()
        while not self._stopped.is_set():
            self._wanted.wait(self._tick_seconds)
            self._wanted.clear()
            if self._stopped.is_set():
                return
            self._call(self._run_due)
            now = time.monotonic()
            looked_at = now - self._visited < self._idle_seconds
            if looked_at and now - self._refreshed >= self._refresh_seconds:
                self._refreshed = now
                self._call(self._refresh)

    def _call(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            _log.warning("Background work failed: %s", type(error).__name__)
