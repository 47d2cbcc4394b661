"""A token -> who asks, what they can do, and what is left of their rate limit."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from triage.sandbox.errors import RefusedError

MAINTAINER = "sandbox-maintainer"

Role = Literal["nobody", "expired", "reader", "outsider", "triage", "push"]
"""`nobody` came without a token; a token that is `expired` is refused; a `reader` can write nothing; an `outsider` can
comment, as anybody on GitHub; `triage` labels and closes as well; `push` can do everything here."""


@dataclass(slots=True)
class RequestAllowance:
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

    def renew(self, now: datetime) -> None:
        """Begins a fresh hour where one is due."""
        if now >= self.reset_at or (not self.held and self.used * 2 >= self.limit):
            self.used, self.reset_at, self.held = 0, now + timedelta(hours=1), False

    def to_json(self) -> dict[str, int]:
        """As GET /rate_limit shows it; each answer says the same in headers."""
        reset = int(self.reset_at.timestamp())
        return {"limit": self.limit, "remaining": self.remaining, "reset": reset, "used": self.used}


@dataclass(slots=True)
class Viewer:
    """Who asks. `old` asks for the payloads of an older GitHub Enterprise Server."""

    login: str
    role: Role
    old: bool
    rate_limit: RequestAllowance

    @property
    def can_triage(self) -> bool:
        return self.role in ("triage", "push")

    @property
    def can_push(self) -> bool:
        return self.role == "push"

    def limit_headers(self) -> dict[str, str]:
        """What an answer says of the rate limit; an Enterprise Server has none by default."""
        if self.role == "expired":
            return {}
        if self.old:
            return {"X-GitHub-Enterprise-Version": "3.8.1"}
        limits = {f"X-RateLimit-{name.title()}": str(value) for name, value in self.rate_limit.to_json().items()}
        return limits | {"X-RateLimit-Resource": "core"}

    def spend(self, now: datetime) -> None:
        """One request of the rate limit; raises RefusedError where none is left."""
        self.rate_limit.renew(now)
        if self.rate_limit.remaining <= 0:
            raise RefusedError(403, f"API rate limit exceeded for user {self.login}.")
        self.rate_limit.used += 1


_ROLES: dict[str, Role] = {"read-only": "reader", "outsider": "outsider", "triage-only": "triage"}


def read_viewer(authorization: str, *, old: bool = False) -> Viewer:
    """The viewer of an `Authorization` header. Any token will do, and its words have a meaning, alone or combined:

    `expired` is refused with 401, `read-only` can write nothing, `outsider` can only comment, `triage-only` cannot
    create labels, `old-ghes` gets the payloads of an older Enterprise Server, and `login-NAME` is NAME's.
    """
    token = authorization.partition(" ")[2].strip()
    if not token:
        return Viewer("", "nobody", old, RequestAllowance(60))
    if token.startswith("expired"):
        return Viewer("", "expired", old, RequestAllowance(60))
    login = re.search(r"login-([A-Za-z0-9][A-Za-z0-9-]*)", token)
    role: Role = next((role for word, role in _ROLES.items() if word in token), "push")
    return Viewer(login[1] if login else MAINTAINER, role, old or token.startswith("old-ghes"), RequestAllowance(5000))
