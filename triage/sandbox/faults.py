"""Faults on order: rules that make the next requests go wrong, as GitHub and networks do, and what they leave of it."""

import asyncio
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ValidationError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from triage.sandbox.errors import RefusedError, not_accessible, validation_failed

Fault = Literal[
    "refused",  # 403 or 422 (`status`), nothing done
    "applied_but_502",  # done, and answered with a server error
    "applied_but_reset",  # done, and the connection reset instead of an answer
    "applied_but_cut",  # done, and the answer breaks off in the middle
    "not_applied_502",  # nothing done, a server error
    "not_applied_reset",  # nothing done, the connection reset
    "stalled",  # the answer is held for `seconds`; `applied` says whether it is done before
    "secondary_403",  # the secondary rate limit, with `retry_after`
    "rate_429",  # the same as 429
    "unauthorized_401",  # the token was revoked
    "down",  # no answer at all, or 503 (`status`), for `seconds`, or for as many requests as `times` says
]
RequestKind = Literal[
    "read",
    "comment",
    "edit_comment",
    "delete_comment",
    "add_labels",
    "set_labels",
    "remove_label",
    "create_label",
    "edit_label",
    "delete_label",
    "close",
    "reopen",
    "edit",
]


class RuleError(ValueError):
    """A rule that cannot be used; says which and why."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a request is about to do, and by whom."""

    login: str
    method: str
    path: str
    kind: RequestKind


class Rule(BaseModel, extra="forbid", strict=True):
    """One fault and the requests that it strikes: those that fit `kind`, `method`, `path` and `login`, as far as given.

    `path` can hold `*`. The first `skip` fitting requests pass, the next `times` are struck, then the rule is used up.
    `seconds` is how long `stalled` holds an answer (30 if not given), and how long `down` lasts from its first strike.
    """

    fault: Fault
    kind: RequestKind | None = None
    method: str | None = None
    path: str | None = None
    login: str | None = None
    times: int = 1
    skip: int = 0
    status: int | None = None
    seconds: float | None = None
    applied: bool = True
    retry_after: int = 60
    until: Annotated[datetime | None, BeforeValidator(lambda _: None)] = None
    """When `down` ends; set at its first strike, whatever an order says."""

    def strikes(self, attempt: Attempt) -> bool:
        return (
            self.kind in (None, attempt.kind)
            and self.method in (None, attempt.method)
            and (self.path is None or fnmatchcase(attempt.path.lower(), self.path.lower()))
            and (self.login is None or self.login.lower() == attempt.login.lower())
        )

    @property
    def applies(self) -> bool:
        """Whether the write is carried out all the same."""
        return self.fault.startswith("applied") or (self.fault == "stalled" and self.applied)


class Faults:
    """The rules in order; the first that fits a request strikes. Any thread can order some."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def replace(self, rules: Sequence[Rule]) -> list[dict[str, Any]]:
        """Forgets the rules so far; returns these as `to_json` does."""
        with self._lock:
            self._rules = list(rules)
        return self.to_json()

    def add(self, rules: Sequence[Rule]) -> list[dict[str, Any]]:
        with self._lock:
            self._rules += rules
        return self.to_json()

    def take(self, attempt: Attempt, now: datetime) -> Rule | None:
        """The rule that strikes this request, counted down; None where the request is spared."""
        with self._lock:
            for rule in [rule for rule in self._rules if rule.strikes(attempt)]:
                if rule.skip:
                    rule.skip -= 1
                elif rule.fault == "down" and rule.seconds is not None:
                    rule.until = rule.until or now + timedelta(seconds=rule.seconds)
                    if now < rule.until:
                        return rule
                    self._rules.remove(rule)
                else:
                    rule.times -= 1
                    if rule.times <= 0:
                        self._rules.remove(rule)
                    return rule
        return None

    def to_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.model_dump(mode="json", exclude_none=True) for rule in self._rules]


def read_rules(payload: object) -> list[Rule]:
    """Rules from JSON: a list, or an object with the list under `rules`; raises RuleError."""
    if isinstance(payload, Mapping):
        payload = payload.get("rules", [payload])
    if not isinstance(payload, list):
        raise RuleError("Send a list of rules.")
    return [_read_rule(number, rule) for number, rule in enumerate(payload, start=1)]


def _read_rule(number: int, rule: object) -> Rule:
    if not isinstance(rule, Mapping):
        raise RuleError(f"Rule {number} is not an object.")
    try:
        return Rule.model_validate({name: value for name, value in rule.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name, value = first["loc"][0], first["input"]
    if first["type"] == "extra_forbidden":
        known = ", ".join(name for name in Rule.model_fields if name != "until")
        raise RuleError(f"Rule {number} has an unknown field {name}: it can have {known}.")
    if name == "fault":
        raise RuleError(f"Rule {number} needs a fault, one of {', '.join(get_args(Fault))}.")
    if name == "kind":
        raise RuleError(f"Rule {number} has an unknown kind {value}: it can be {', '.join(get_args(RequestKind))}.")
    raise RuleError(f"Rule {number} has a wrong value for {name}: {value!r}.")


# What a fault does to an answer

STALL_SECONDS = 30.0

Ending = Literal["late", "cut", "reset", "closed"]
"""`late` comes after so many seconds, where the client is still there; `cut` breaks off in the middle of the body;
`reset` and `closed` end the connection without a word."""

_ENDINGS: dict[str, Ending] = {
    "applied_but_cut": "cut",
    "applied_but_reset": "reset",
    "not_applied_reset": "reset",
    "down": "closed",
}
_STATUS = {"secondary_403": 403, "rate_429": 429, "unauthorized_401": 401, "down": 503}


def stand_in(rule: Rule, attempt: Attempt) -> Response:
    """The answer to a request that a rule keeps from being carried out."""
    if rule.fault == "refused":
        if rule.status in (None, 403):
            return not_accessible().response()
        resource = "IssueComment" if "comment" in attempt.kind else "Label" if "label" in attempt.kind else "Issue"
        why = "Refused by a rule of the sandbox"
        return validation_failed(resource, "data", "unprocessable", why, status=rule.status or 422).response()
    status = _STATUS.get(rule.fault, 502)
    if rule.fault in ("secondary_403", "rate_429"):
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return RefusedError(status, message, headers={"Retry-After": str(rule.retry_after)}).response()
    return RefusedError(status).response()


def strike(response: Response, rule: Rule) -> Response:
    """The answer as the fault leaves it."""
    if rule.fault == "applied_but_502":
        return RefusedError(502).response()
    if rule.fault == "stalled":
        return StruckResponse(response, "late", STALL_SECONDS if rule.seconds is None else rule.seconds)
    ending = _ENDINGS.get(rule.fault)
    if ending is None or (ending == "closed" and rule.status is not None):
        return response
    return StruckResponse(response, ending)


class StruckResponse(Response):
    """An answer that comes late, breaks off or never comes.

    Raises ConnectionResetError where there is no connection to end.
    """

    def __init__(self, response: Response, ending: Ending, seconds: float = 0.0) -> None:
        super().__init__(response.body, response.status_code)
        self.raw_headers = response.raw_headers
        self.ending = ending
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.ending == "late":
            try:
                async with asyncio.timeout(self.seconds):
                    return await _disconnected(receive)
            except TimeoutError:
                return await super().__call__(scope, receive, send)
        if self.ending == "cut":
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.body", "body": half, "more_body": True})
        transport: Any = scope.get("state", {}).get("transport")
        if transport is None:  # called in process, without a connection
            raise ConnectionResetError("The sandbox dropped the connection.")
        if self.ending == "reset":
            # A reset (RST) where a plain close would end in order (FIN).
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return await _disconnected(receive)  # the server has noticed and says nothing


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
