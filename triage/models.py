"""What GitHub knows, in GitHub's words, as plain frozen values; and the errors that GitHub answers with.

Every moment is an aware `datetime` in UTC. Nothing here knows how a value was fetched or where it is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

StateReason = Literal["completed", "not_planned", "duplicate", "reopened"]

MARKER_PREFIX = "<!-- triage:"
"""How the HTML comment begins that ends each posted comment and names the plan that posted it."""

COMMENT_LIMIT = 65_536
"""The most characters that GitHub takes in one comment."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a repository; `color` is six hex digits without `#`."""

    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of an issue. `author` is the login, `ghost` where the account is gone."""

    id: int
    number: int
    author: str
    body: str
    created_at: datetime
    updated_at: datetime
    url: str
    author_association: str = "NONE"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, never a pull request. `labels` are names in GitHub's order, `comments` is how many there are."""

    number: int
    title: str
    body: str
    author: str
    state: Literal["open", "closed"]
    created_at: datetime
    updated_at: datetime
    url: str
    state_reason: str | None = None
    labels: tuple[str, ...] = ()
    comments: int = 0
    closed_at: datetime | None = None
    author_association: str = "NONE"
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository and what this token may do there. `full_name` is `owner/name`, `url` its page."""

    full_name: str
    url: str
    default_branch: str = "main"
    can_triage: bool = False
    can_push: bool = False
    archived: bool = False
    has_issues: bool = True

    @property
    def can_write(self) -> bool:
        """Whether labels can be set and issues closed: triage rights or more, and the repository not archived."""
        return (self.can_triage or self.can_push) and not self.archived


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the last answer said of the primary rate limit."""

    limit: int
    remaining: int
    reset_at: datetime


Refusal = Literal[
    "unauthorized",  # 401: the token is wrong, expired or revoked
    "forbidden",  # 403: the token may not do this
    "not_found",  # 404: nothing there, or nothing that this token may see
    "gone",  # 410: deleted, or issues are switched off
    "invalid",  # 422: GitHub does not take these values
    "rate_limited",  # 403 or 429 with a time to wait
    "server",  # 5xx
    "timeout",  # no answer in time
    "unreachable",  # no connection, or one that broke
]


class GitHubError(Exception):
    """A request that did not succeed.

    `str(error)` is one plain sentence that names what failed and the fix, and never holds a token. `uncertain` is True
    where a write may have been carried out all the same (5xx, time-out, broken connection): look before sending again.
    """

    def __init__(
        self,
        sentence: str,
        *,
        refusal: Refusal,
        status: int | None = None,
        retry_at: datetime | None = None,
        uncertain: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.refusal: Refusal = refusal
        self.status = status
        self.retry_at = retry_at
        self.uncertain = uncertain


class Gateway(Protocol):
    """GitHub as the rest of the house sees it. Every method raises GitHubError and nothing else.

    No method sleeps, and no write is ever sent twice by the gateway itself. `repository` is `owner/name`.
    """

    @property
    def rate_limit(self) -> RateLimit | None:
        """As of the last answer; None before the first."""

    @property
    def requests(self) -> int:
        """How many requests were sent since the gateway was made, those answered 304 included."""

    def fetch_viewer(self) -> str:
        """The login of the token's owner; an installation token, which has none, gives the name of its app or `app`."""

    def fetch_repository(self, repository: str) -> Repository: ...

    def fetch_issue(self, repository: str, number: int) -> Issue:
        """The issue as it is now (revalidated: a 304 costs nothing). A pull request's number is `not_found`."""

    def fetch_issues(
        self, repository: str, *, since: datetime | None = None, state: Literal["open", "closed", "all"] = "all"
    ) -> Iterator[list[Issue]]:
        """Pages of issues, least recently updated first, pull requests dropped, following `Link: rel="next"`."""

    def fetch_comments(self, repository: str, number: int) -> list[Comment]:
        """All comments of an issue, oldest first."""

    def fetch_comments_since(self, repository: str, since: datetime) -> Iterator[list[Comment]]:
        """Pages of all comments of the repository updated at or after `since`, least recently updated first."""

    def fetch_labels(self, repository: str) -> list[Label]: ...

    def create_comment(self, repository: str, number: int, body: str) -> Comment: ...

    def delete_comment(self, repository: str, comment_id: int) -> None: ...

    def add_labels(self, repository: str, number: int, names: tuple[str, ...]) -> tuple[str, ...]:
        """Adds labels; returns the issue's labels afterwards."""

    def remove_label(self, repository: str, number: int, name: str) -> None:
        """Takes a label off an issue; one that is not there is no error."""

    def create_label(self, repository: str, label: Label) -> Label: ...

    def close_issue(self, repository: str, number: int, reason: StateReason) -> Issue: ...

    def reopen_issue(self, repository: str, number: int) -> Issue: ...
