"""Who is at work: a name for each piece of work, and whether one that this process began has ended."""

import itertools
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PROCESS = secrets.token_hex(6)
_serials = itertools.count(1)
_working: set[str] = set()
_working_lock = threading.Lock()


def _prefix() -> str:
    """This process and no other: a fork inherits `_PROCESS`, but not the number."""
    return f"{_PROCESS}.{os.getpid()}-"


@contextmanager
def at_work() -> Iterator[str]:
    """A name for a piece of work. While it lasts, this process knows that its claims are alive."""
    worker = f"{_prefix()}{next(_serials)}"
    with _working_lock:
        _working.add(worker)
    try:
        yield worker
    finally:
        with _working_lock:
            _working.discard(worker)


def is_alive(worker: str) -> bool | None:
    """Whether a worker of this very process is still at work; None of other processes' workers: their lease must tell.

    Here the lease says nothing: a machine that was suspended wakes up with all leases run out, and with its requests
    still under way.
    """
    if not worker.startswith(_prefix()):
        return None
    with _working_lock:
        return worker in _working
