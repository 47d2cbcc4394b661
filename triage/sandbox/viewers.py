"""A token -> who asks, what they may do, and what is left of their rate limit."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from triage.sandbox.errors import bad_credentials, rate_limit_exceeded

MAINTAINER = "sandbox-maintainer"

Role = Literal["nobody", "reader", "outsider", "triage", "push"]
"""`nobody` came without a token; a `reader` may write nothing; an `outsider` may comment, as anybody on GitHub;
`triage` labels and closes as well; `push` may do everything here."""

HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Allowance:
    """The primary rate limit of one token.

    Left alone it is never used up: a fresh hour begins when half is spent, so that a suite of tests can run all day.
    `hold` sets what is left, and then it is kept to until the hour is over.
    """

    limit: int
    used: int = 0
    reset_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    held: bool = False

    @property
    def remaining(self) -> int:
        return self.limit - self.used

    def hold(self, remaining: int, until: datetime) -> None:
        self.used, self.reset_at, self.held = self.limit - remaining, until, True

    def look(self, now: datetime) -> None:
        """Begins a fresh hour where one is due."""
        if now >= self.reset_at or (not self.held and self.used * 2 >= self.limit):
            self.used, self.reset_at, self.held = 0, now + HOUR, False

    def headers(self) -> list[tuple[str, str]]:
        return [
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(int(self.reset_at.timestamp()))),
            ("X-RateLimit-Used", str(self.used)),
            ("X-RateLimit-Resource", "core"),
        ]


@dataclass(slots=True)
class Viewer:
    """Who asks. `old` asks for the payloads of an older GitHub Enterprise Server."""

    login: str
    role: Role
    old: bool
    allowance: Allowance

    @property
    def may_comment(self) -> bool:
        return self.role in ("outsider", "triage", "push")

    @property
    def may_triage(self) -> bool:
        return self.role in ("triage", "push")

    @property
    def may_push(self) -> bool:
        return self.role == "push"

    def limit_headers(self) -> list[tuple[str, str]]:
        """What an answer says of the rate limit; an Enterprise Server keeps none unless it is told to."""
        return [("X-GitHub-Enterprise-Version", "3.8.1")] if self.old else self.allowance.headers()

    def spend(self, now: datetime) -> None:
        """One request of the rate limit; raises RefusedError where none is left."""
        self.allowance.look(now)
        if self.allowance.remaining <= 0:
            raise rate_limit_exceeded(self.login)
        self.allowance.used += 1


def read_viewer(authorization: str, *, old: bool = False) -> Viewer:
    """The viewer of an `Authorization` header. Any token will do, and its words have a meaning, alone or combined:

    `expired` is refused with 401, `read-only` may write nothing, `outsider` may only comment, `triage-only` may not
    create labels, `old-ghes` gets the payloads of an older Enterprise Server, and `login-NAME` is NAME's.
    """
    _, _, token = authorization.partition(" ")
    token = token.strip()
    if not token:
        return Viewer("", "nobody", old, Allowance(60))
    if token.startswith("expired"):
        raise bad_credentials()
    login = re.search(r"login-([A-Za-z0-9][A-Za-z0-9-]*)", token)
    role: Role = "push"
    if "read-only" in token:
        role = "reader"
    elif "outsider" in token:
        role = "outsider"
    elif "triage-only" in token:
        role = "triage"
    return Viewer(login[1] if login else MAINTAINER, role, old or token.startswith("old-ghes"), Allowance(5000))
