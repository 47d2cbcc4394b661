"""Faults on order: rules that make the next requests go wrong, as GitHub and networks do."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

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
Kind = Literal[
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
FAULTS: tuple[str, ...] = get_args(Fault)
KINDS: tuple[str, ...] = get_args(Kind)


class RuleError(ValueError):
    """A rule that cannot be used; says which and why."""


@dataclass(slots=True)
class Rule:
    """One fault and the requests that it strikes: those that fit `kind`, `method`, `path` and `login`, as far as given.

    `path` may hold `*`. The first `skip` fitting requests pass, the next `times` are struck, then the rule is used up.
    `seconds` is how long `stalled` holds an answer (30 if not given), and how long `down` lasts from its first strike.
    """

    fault: str
    kind: str | None = None
    method: str | None = None
    path: str | None = None
    login: str | None = None
    times: int = 1
    skip: int = 0
    status: int | None = None
    seconds: float | None = None
    applied: bool = True
    retry_after: int = 60
    until: datetime | None = None

    def strikes(self, kind: str, method: str, path: str, login: str) -> bool:
        return (
            self.kind in (None, kind)
            and self.method in (None, method)
            and (self.path is None or fnmatchcase(path.lower(), self.path.lower()))
            and (self.login is None or self.login.lower() == login.lower())
        )

    @property
    def applies(self) -> bool:
        """Whether the write is carried out all the same."""
        return self.fault.startswith("applied") or (self.fault == "stalled" and self.applied)


class Faults:
    """The rules in order; the first that fits a request strikes. Any thread may order some."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def replace(self, rules: Sequence[Rule]) -> None:
        with self._lock:
            self._rules = list(rules)

    def add(self, rules: Sequence[Rule]) -> None:
        with self._lock:
            self._rules += rules

    def take(self, kind: str, method: str, path: str, login: str, now: datetime) -> Rule | None:
        """The rule that strikes this request, counted down; None where the request is spared."""
        with self._lock:
            return self._take(kind, method, path, login, now)

    def _take(self, kind: str, method: str, path: str, login: str, now: datetime) -> Rule | None:
        for rule in list(self._rules):
            if not rule.strikes(kind, method, path, login):
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.fault == "down" and rule.seconds is not None:
                rule.until = rule.until or now + timedelta(seconds=rule.seconds)
                if now < rule.until:
                    return rule
                self._rules.remove(rule)
                continue
            rule.times -= 1
            if rule.times <= 0:
                self._rules.remove(rule)
            return rule
        return None

    def to_json(self) -> list[dict[str, Any]]:
        with self._lock:
            rules = [{name: value for name, value in asdict(rule).items() if value is not None} for rule in self._rules]
        return [rule | {"until": rule["until"].isoformat()} if "until" in rule else rule for rule in rules]


def read_rules(payload: object) -> list[Rule]:
    """Rules from JSON: a list, or an object with the list under `rules`; raises RuleError."""
    if isinstance(payload, Mapping):
        payload = payload.get("rules", [payload])
    if not isinstance(payload, list):
        raise RuleError("Send a list of rules.")
    return [_read_rule(number, rule) for number, rule in enumerate(payload, start=1)]


_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("fault", "kind", "method", "path", "login"), str),
    **dict.fromkeys(("times", "skip", "status", "retry_after"), int),
    "seconds": (int, float),
    "applied": bool,
}


def _read_rule(number: int, rule: object) -> Rule:
    if not isinstance(rule, Mapping):
        raise RuleError(f"Rule {number} is no object.")
    given = {name: value for name, value in rule.items() if value is not None and name != "until"}
    known = [field.name for field in fields(Rule) if field.name != "until"]
    for name, value in given.items():
        if name not in known:
            raise RuleError(f"Rule {number} has an unknown field {name}: it may have {', '.join(known)}.")
        if not isinstance(value, _TYPES[name]):
            raise RuleError(f"Rule {number} has a wrong value for {name}: {value!r}.")
    if given.get("fault") not in FAULTS:
        raise RuleError(f"Rule {number} needs a fault, one of {', '.join(FAULTS)}.")
    if given.get("kind", "read") not in KINDS:
        raise RuleError(f"Rule {number} has an unknown kind {given['kind']}: it may be {', '.join(KINDS)}.")
    return Rule(**given)
