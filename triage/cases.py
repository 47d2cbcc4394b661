"""One JSON line that describes an issue -> the issue with its comments: what `classify` and the sandbox read.

A line has `number`, `title`, `body`, and optionally `labels` (names), `user` (the author's login), `comments`
(`{"user", "body"}`, oldest first) and `created_at`. What GitHub itself sends in these places (objects for labels and
users, null for a body) is understood as well. Pure.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from triage.models import Issue

UNDATED = datetime.fromtimestamp(0, UTC)
"""When an issue was opened whose line does not say so."""


class CaseError(ValueError):
    """A line that describes no issue; `str(error)` says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """An issue as a line describes it; `comments` are (login, body), oldest first."""

    issue: Issue
    comments: tuple[tuple[str, str], ...] = ()


def read_cases(lines: Iterable[bytes]) -> Iterator[tuple[int, Case | CaseError]]:
    """The cases of a file with their line numbers, from 1; blank lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if line.strip(b" \t\r\n\xef\xbb\xbf"):
            try:
                yield number, read_case(line)
            except CaseError as error:
                yield number, error


def read_case(line: bytes | str) -> Case:
    """The case of one line. Raises CaseError."""
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
        fields = json.loads(text)
    except UnicodeDecodeError:
        raise CaseError("this is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise CaseError(f"this is not JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError):
        raise CaseError("this is JSON that cannot be read: a number too long, or too many brackets") from None
    if not isinstance(fields, dict):
        raise CaseError("this is not a JSON object")
    number = fields.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        raise CaseError("number is missing or not a whole number")
    labels = _list(fields, "labels")
    created_at = _moment(fields.get("created_at"))
    comments = _list(fields, "comments")
    issue = Issue(
        number=number,
        title=_text(fields, "title", required=True),
        body=_text(fields, "body"),
        author=_login(fields),
        state="open",
        created_at=created_at,
        updated_at=created_at,
        url="",
        labels=tuple(_label(label) for label in labels),
        comments=len(comments),
    )
    return Case(issue, tuple(_comment(place, comment) for place, comment in enumerate(comments)))


def _text(fields: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    if required and name not in fields:
        raise CaseError(f"{name} is missing")
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CaseError(f"{name} is not a text")
    return value


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise CaseError(f"{name} is not a list")
    return value


def _login(fields: Mapping[str, Any]) -> str:
    """The login of `user`, which GitHub's own JSON has as an object and null where the account is gone."""
    user = fields.get("user")
    if not isinstance(user, dict):
        return _text(fields, "user")
    try:
        return _text(user, "login")
    except CaseError as error:
        raise CaseError(f"user.{error}") from None


def _label(label: object) -> str:
    name = label.get("name") if isinstance(label, dict) else label
    if not isinstance(name, str) or not name.strip():
        raise CaseError("labels holds something that is not a name")
    return name


def _comment(place: int, comment: object) -> tuple[str, str]:
    if not isinstance(comment, dict):
        raise CaseError(f"comments[{place}] is not an object")
    try:
        return _login(comment), _text(comment, "body")
    except CaseError as error:
        raise CaseError(f"comments[{place}].{error}") from None


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return UNDATED
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
