"""When the next write may go: GitHub's limits on creating content, kept for each token by the whole process.

GitHub allows 80 content-creating requests a minute and 500 an hour for a token, over everything that uses it
(docs.github.com, "Rate limits for the REST API"). One is left free in each window, so that the dashboard stays below.
Content-creating are comments and labels that did not exist; nothing here sleeps or knows the time by itself.
"""

import hashlib
import threading
from collections import deque
from datetime import datetime, timedelta

PER_MINUTE = 79
PER_HOUR = 499

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class WritePacer:
    """Remembers an hour of writes. Safe to use from several threads."""

    def __init__(self, per_minute: int = PER_MINUTE, per_hour: int = PER_HOUR) -> None:
        self._per_minute = per_minute
        self._per_hour = per_hour
        self._sent: deque[datetime] = deque()
        self._lock = threading.Lock()

    def reserve(self, now: datetime) -> datetime:
        """When a write may go at the earliest; where the answer is `now`, it is counted at once.

        Two threads that ask at the same moment are never both given the last place.
        """
        with self._lock:
            while self._sent and self._sent[0] <= now - _HOUR:
                self._sent.popleft()
            if self._sent and self._sent[-1] > now:
                # The clock was put back: what lies ahead of it was sent before, and not later than now.
                self._sent = deque(min(moment, now) for moment in self._sent)
            slot = now
            for window, allowed in ((_MINUTE, self._per_minute), (_HOUR, self._per_hour)):
                if len(self._sent) >= allowed:
                    slot = max(slot, self._sent[-allowed] + window)
            if slot <= now:
                self._sent.append(now)
            return slot


_pacers: dict[str, WritePacer] = {}
_pacers_lock = threading.Lock()


def pacer_for(token: str) -> WritePacer:
    """The one pacer of this process for `token`, which is kept as a hash only."""
    key = hashlib.sha256(token.encode()).hexdigest()
    with _pacers_lock:
        return _pacers.setdefault(key, WritePacer())
