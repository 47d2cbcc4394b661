"""GitHub's JSON -> the values of models.py, leniently: what an older server leaves out has a sensible default.

githubkit's own models are strict: the newest require fields that an older GitHub Enterprise Server does not send, and
then every call raises. Only what makes no sense without (a number, an id) is required here.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from triage.models import Comment, Issue, Label, Repository

GHOST = "ghost"
"""What GitHub calls the author whose account is gone."""

Payload = Mapping[str, Any]

_EPOCH = datetime.fromtimestamp(0, UTC)
_PAGE_OF_PULL_REQUEST = re.compile(r"/pull/\d+(?:[#?].*)?$")
_PAGE_OF_ISSUE = re.compile(r"/([^/]+/[^/]+)/(?:issues|pull)/(\d+)(?:[#?].*)?$")


class PayloadError(ValueError):
    """The answer is not what GitHub's REST API sends; the sentence says what is missing."""


def read_repository(payload: object, *, asked_for: str, scopes: str | None = None) -> Repository:
    """A repository and what the token may do there.

    `asked_for` keeps its spelling where GitHub's differs by case alone: it is the key of everything stored. `scopes` is
    the header `x-oauth-scopes`, which only classic tokens get: without `repo` or `public_repo` such a token writes
    nothing, whatever its owner may do.
    """
    fields = _object(payload, "a repository")
    full_name = _text(fields, "full_name") or asked_for
    if full_name.casefold() == asked_for.casefold():
        full_name = asked_for
    rights = fields.get("permissions")
    # A server that tells no rights decides at the click: its refusal is a sentence, buttons that stay off are the end.
    granted = {name for name, given in rights.items() if given is True} if isinstance(rights, Mapping) else {"push"}
    if scopes is not None and not _may_write(scopes, private=fields.get("private") is True):
        granted = set()
    can_push = bool(granted & {"push", "maintain", "admin"})
    return Repository(
        full_name=full_name,
        url=_text(fields, "html_url") or f"https://github.com/{full_name}",
        default_branch=_text(fields, "default_branch") or "main",
        can_triage=can_push or "triage" in granted,
        can_push=can_push,
        archived=fields.get("archived") is True,
        has_issues=fields.get("has_issues") is not False,
    )


def read_login(payload: object) -> str:
    """The login of a user."""
    login = _text(_object(payload, "a user"), "login")
    if not login:
        raise PayloadError("a user without a login")
    return login


def is_pull_request(payload: object) -> bool:
    """Whether an entry of the list of issues is a pull request, which GitHub lists among them."""
    return isinstance(payload, Mapping) and payload.get("pull_request") is not None


def read_issue(payload: object) -> Issue:
    """An issue; raises PayloadError without a number."""
    fields = _object(payload, "an issue")
    labels = fields.get("labels")
    created_at = _moment(fields, "created_at") or _EPOCH
    comments = fields.get("comments")
    return Issue(
        number=_number(fields, "number", "an issue"),
        title=_text(fields, "title"),
        body=_text(fields, "body"),
        author=_login(fields),
        state="closed" if fields.get("state") == "closed" else "open",
        created_at=created_at,
        updated_at=_moment(fields, "updated_at") or created_at,
        url=_text(fields, "html_url"),
        state_reason=_text(fields, "state_reason") or None,
        labels=tuple(name for label in labels if (name := _label_name(label))) if isinstance(labels, list) else (),
        comments=comments if isinstance(comments, int) else 0,
        closed_at=_moment(fields, "closed_at"),
        author_association=_text(fields, "author_association") or "NONE",
        locked=fields.get("locked") is True,
    )


def is_pull_request_comment(payload: object) -> bool:
    """Whether a comment of the repository's stream stands on a pull request."""
    return isinstance(payload, Mapping) and _PAGE_OF_PULL_REQUEST.search(_text(payload, "html_url")) is not None


def read_comment(payload: object, *, number: int | None = None) -> Comment:
    """A comment of the issue `number`, or of the one that its own addresses name."""
    fields = _object(payload, "a comment")
    url = _text(fields, "html_url")
    created_at = _moment(fields, "created_at") or _EPOCH
    return Comment(
        id=_number(fields, "id", "a comment"),
        number=_issue_of_comment(fields) if number is None else number,
        author=_login(fields),
        body=_text(fields, "body"),
        created_at=created_at,
        updated_at=_moment(fields, "updated_at") or created_at,
        url=url,
        author_association=_text(fields, "author_association") or "NONE",
    )


def read_label(payload: object) -> Label:
    """A label, which very old servers send as a bare name."""
    name = _label_name(payload)
    if not name:
        raise PayloadError("a label without a name")
    if not isinstance(payload, Mapping):
        return Label(name)
    return Label(name, _text(payload, "color").lstrip("#") or "ededed", _text(payload, "description"))


def read_labels(payload: object) -> list[Label]:
    """The labels of an issue, as GitHub answers when one is added."""
    return [read_label(label) for label in read_list(payload)]


def read_list(payload: object) -> list[Any]:
    """A page of a list."""
    if not isinstance(payload, list):
        raise PayloadError("something that is not a list")
    return payload


def issue_of_page(url: str) -> tuple[str, int] | None:
    """`owner/name` and number out of the address of an issue's page."""
    found = _PAGE_OF_ISSUE.search(url)
    return (found[1], int(found[2])) if found else None


def _issue_of_comment(fields: Payload) -> int:
    tail = _text(fields, "issue_url").rstrip("/").rpartition("/")[2]
    if tail.isdigit():
        return int(tail)
    page = issue_of_page(_text(fields, "html_url"))
    if page is None:
        raise PayloadError("a comment that does not say which issue it belongs to")
    return page[1]


def _object(payload: object, what: str) -> Payload:
    if not isinstance(payload, Mapping):
        raise PayloadError(f"something that is not {what}")
    return payload


def _text(fields: Payload, name: str) -> str:
    value = fields.get(name)
    return _whole(value) if isinstance(value, str) else ""


def _whole(text: str) -> str:
    """The text with a replacement character for each half of one: JSON may hold such a half, and no file or database.

    GitHub sends none; a proxy that cuts texts to a length does.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _number(fields: Payload, name: str, what: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PayloadError(f"{what} without {name}")
    return value


def _moment(fields: Payload, name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(fields, name))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _login(fields: Payload) -> str:
    user = fields.get("user")
    return (_text(user, "login") if isinstance(user, Mapping) else "") or GHOST


def _label_name(label: object) -> str:
    if isinstance(label, str):
        return _whole(label)
    return _text(label, "name") if isinstance(label, Mapping) else ""


def _may_write(scopes: str, *, private: bool) -> bool:
    given = {scope.strip() for scope in scopes.split(",")}
    return "repo" in given or (not private and "public_repo" in given)
