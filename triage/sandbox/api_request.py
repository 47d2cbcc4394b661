"""One request to the API as the sandbox reads it, with the lookups and checks that most requests begin with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from triage.sandbox.errors import (
    RefusedError,
    invalid_request,
    must_be_admin,
    not_accessible,
    validation_failed,
)
from triage.sandbox.payloads import Payloads
from triage.sandbox.sandbox import Sandbox
from triage.sandbox.viewers import Viewer
from triage.sandbox.world import FoundComment, StoredIssue, StoredRepository, World

Model = TypeVar("Model", bound=BaseModel)


@dataclass(slots=True)
class ApiRequest:
    """`root` is the server's address, `api` the API's, `url` this request's without its query; none ends with a slash.

    `arguments` come from the path, `body` is the JSON that was sent, None where nothing was.
    """

    sandbox: Sandbox
    viewer: Viewer
    root: str
    api: str
    url: str
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

    def repository(self) -> StoredRepository:
        return self.sandbox.repository(f"{self.arguments['owner']}/{self.arguments['name']}")

    def repository_with_issues(self) -> StoredRepository:
        repository = self.repository()
        if not repository.has_issues:
            raise RefusedError(410, "Issues has been disabled in this repository.")
        return repository

    def issue(self) -> tuple[StoredRepository, StoredIssue]:
        """The issue or pull request of the path; raises RefusedError where there is none or there was one."""
        repository = self.repository_with_issues()
        number = self._number("number")
        if number in repository.deleted:
            raise RefusedError(410, "This issue was deleted")
        if number not in repository.issues:
            raise RefusedError(404)
        return repository, repository.issues[number]

    def comment(self) -> FoundComment:
        repository = self.repository_with_issues()
        found = self.world.comments.get(self._number("comment"))
        if found is None or found.repository is not repository:
            raise RefusedError(404)
        return found

    def _number(self, name: str) -> int:
        if not self.arguments[name].isdecimal():
            raise RefusedError(404)
        return int(self.arguments[name])

    def must_write(self, repository: StoredRepository) -> None:
        """Raises RefusedError where this viewer can write nothing at all."""
        if self.viewer.role == "nobody":
            raise RefusedError(401, "Requires authentication")
        if self.viewer.role == "reader":
            raise not_accessible()
        if repository.archived:
            raise RefusedError(403, "Repository was archived so is read-only.")

    def must_triage(self, repository: StoredRepository) -> None:
        self.must_write(repository)
        if not self.viewer.can_triage:
            raise must_be_admin()

    def read(self, model: type[Model], resource: str) -> Model:
        """The body as a model of its fields; raises RefusedError, which names the `resource` and its field."""
        try:
            return model.model_validate(self.body)
        except ValidationError as error:
            raise _refusal_of(error, resource) from None


_TYPES = {"model_type": "an object", "string_type": "a string", "list_type": "an array"}


def _refusal_of(error: ValidationError, resource: str) -> RefusedError:
    """What pydantic found wrong first, in GitHub's words."""
    problem = error.errors(include_url=False)[0]
    where = problem["loc"]
    name = str(where[0]).removeprefix("new_") if where else ""
    value = "nil" if problem["input"] is None else str(problem["input"])
    if wanted := _TYPES.get(problem["type"]):
        place = "links/0/schema" if not where else f"properties/{name}" if len(where) == 1 else "items"
        return invalid_request(f"For '{place}', {value} is not {wanted}.")
    if problem["type"] == "missing":
        return invalid_request(f'"{name}" wasn\'t supplied.')
    if problem["type"] == "string_too_long":
        return validation_failed(
            resource, name, "custom", f"{name} is too long (maximum is {problem['ctx']['max_length']} characters)"
        )
    return validation_failed(resource, name, "invalid", value=value)
