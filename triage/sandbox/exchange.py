"""One request as the sandbox reads it, and the reply that it gives; with the lookups that most requests begin with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.sandbox.core import Sandbox
from triage.sandbox.errors import (
    archived,
    invalid_request,
    issue_deleted,
    issues_disabled,
    must_be_admin,
    not_accessible,
    not_found,
    requires_authentication,
)
from triage.sandbox.payloads import Payloads
from triage.sandbox.viewers import Viewer
from triage.sandbox.world import StoredComment, StoredIssue, StoredRepository, World


@dataclass(frozen=True, slots=True)
class Reply:
    """`payload` is what becomes JSON; None is an answer without a body."""

    payload: object = None
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class Request:
    """`root` is the server's root and `api` the API's, both without a slash at the end; `path` is below the API's.

    `arguments` come from the path, `body` is the JSON that was sent, None where nothing was.
    """

    sandbox: Sandbox
    method: str
    path: str
    root: str
    api: str
    viewer: Viewer
    query: Mapping[str, str]
    arguments: Mapping[str, str]
    body: Any = None
    now: datetime = field(init=False)
    payloads: Payloads = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.sandbox.now()
        self.payloads = Payloads(self.root, self.api, self.viewer.old)

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def url(self) -> str:
        """The address without the query."""
        return self.api + self.path

    def repository(self) -> StoredRepository:
        return self.sandbox.repository(f"{self.arguments['owner']}/{self.arguments['name']}")

    def repository_with_issues(self) -> StoredRepository:
        repository = self.repository()
        if not repository.has_issues:
            raise issues_disabled()
        return repository

    def issue(self) -> tuple[StoredRepository, StoredIssue]:
        """The issue or pull request of the path; raises RefusedError where there is none or there was one."""
        repository = self.repository_with_issues()
        number = self._number("number")
        if number in repository.deleted:
            raise issue_deleted()
        if number not in repository.issues:
            raise not_found()
        return repository, repository.issues[number]

    def comment(self) -> tuple[StoredRepository, StoredIssue, StoredComment]:
        repository = self.repository_with_issues()
        found = self.world.find_comment(self._number("comment"))
        if found is None or found[0] is not repository:
            raise not_found()
        return found

    def _number(self, name: str) -> int:
        text = self.arguments[name]
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def must_write(self, repository: StoredRepository) -> None:
        """Raises RefusedError where nothing can be written by this viewer, whatever it is."""
        if self.viewer.role == "nobody":
            raise requires_authentication()
        if self.viewer.role == "reader":
            raise not_accessible()
        if repository.archived:
            raise archived()

    def must_triage(self, repository: StoredRepository) -> None:
        self.must_write(repository)
        if not self.viewer.may_triage:
            raise must_be_admin()

    def fields(self) -> Mapping[str, Any]:
        """The body as an object; raises RefusedError."""
        if not isinstance(self.body, Mapping):
            raise invalid_request(f"For 'links/0/schema', {'nil' if self.body is None else 'it'} is not an object.")
        return self.body

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A text of the body; None where it is missing or null."""
        value = self.fields().get(name)
        if value is None:
            if required:
                raise invalid_request(f'"{name}" wasn\'t supplied.')
            return None
        if not isinstance(value, str):
            raise invalid_request(f"For 'properties/{name}', {value} is not a string.")
        return value
