"""Faults on order: rules that make the next requests go wrong, as GitHub and networks do."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ValidationError

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

    def replace(self, rules: Sequence[Rule]) -> None:
        with self._lock:
            self._rules = list(rules)

    def add(self, rules: Sequence[Rule]) -> None:
        with self._lock:
            self._rules += rules

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
