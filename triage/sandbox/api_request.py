"""One request to the API as the sandbox reads it, with the lookups and checks that most requests begin with."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from triage.sandbox.errors import (
    RefusedError,
    must_be_admin,
    not_accessible,
    validation_failed,
)
from triage.sandbox.payloads import Payloads
from triage.sandbox.sandbox import Sandbox
from triage.sandbox.world import FoundComment, StoredIssue, StoredRepository

Model = TypeVar("Model", bound=BaseModel)


class ApiRequest:
    """`api` is the API's address, `url` this request's without its query; none ends with a slash.

    `arguments` come from the path, `body` is the JSON that was sent, None where nothing was.
    """

    def __init__(self, sandbox: Sandbox, request: Request, body: Any) -> None:
        root = f"{request.url.scheme}://{request.headers.get('Host', '127.0.0.1')}"
        self.sandbox = sandbox
        self.world = sandbox.world
        self.now = sandbox.now()
        self.viewer = sandbox.viewer(request.headers.get("Authorization", ""))
        self.method = request.method
        self.headers = request.headers
        self.api = root + request.scope.get("root_path", "")
        self.url = root + request.scope["path"]
        self.query = {name: value for name, value in request.query_params.items() if value}
        self.arguments = request.path_params
        self.body = body
        self.payloads = Payloads(root, self.api, self.viewer.old)

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
        number = self._number("comment")
        found = next((found for found in repository.find_comments() if found.comment.id == number), None)
        if found is None:
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
        return RefusedError(422, f"Invalid request.\n\nFor '{place}', {value} is not {wanted}.")
    if problem["type"] == "missing":
        return RefusedError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    if problem["type"] == "string_too_long":
        return validation_failed(
            resource, name, "custom", f"{name} is too long (maximum is {problem['ctx']['max_length']} characters)"
        )
    return validation_failed(resource, name, "invalid", value=value)
