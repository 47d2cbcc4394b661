"""How long to wait, and for what: for a worker that is silent, a GitHub that fails, one that asks for quiet."""

from datetime import datetime, timedelta

CAN_BE_TAKEN_BACK = "Sending in a moment; until then you can undo it."
"""What a click waits for that is given time to be thought better of."""

LEASE = timedelta(seconds=45)
"""How long a worker that says nothing keeps its plan: longer than one request may take, which is 5 seconds each for the
connection and for TLS, and 15 each to send it and to wait for the answer."""

PROMPT = timedelta(seconds=2)
"""How soon after a step was written as begun it must go out: whatever is later is written anew, under a claim that
still stands."""

LONGEST_QUIET = timedelta(hours=1, minutes=1)
"""GitHub's longest limit lasts an hour."""

FIRST_BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=5)
MOST_TRIES = 20
"""How often in a row GitHub may fail before a plan waits for a person: over an hour."""


class Quiet:
    """Until when GitHub has asked this token to be quiet. Shared by all runs of a desk."""

    def __init__(self) -> None:
        self.until: datetime | None = None
        self.sentence = ""

    def ask(self, until: datetime, sentence: str) -> None:
        if self.until is None or until > self.until:
            self.until, self.sentence = until, sentence

    def lasts(self, now: datetime) -> bool:
        """Whether it is still to be kept; a clock that was put back does not make it longer than it can be."""
        return self.until is not None and now < self.until <= now + LONGEST_QUIET


def back_off(tries: int, now: datetime) -> datetime:
    """When to try again after so many tries in a row: each time twice as late."""
    return now + min(FIRST_BACK_OFF * (1 << min(tries, 10)), LONGEST_BACK_OFF)
