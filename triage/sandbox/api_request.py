"""One request to the API: the lookups and checks that most begin with, and the page of a list that many end with."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from triage.sandbox.errors import ApiResponse, RefusedError, must_be_admin, not_accessible, validation_failed
from triage.sandbox.payloads import Payload, Payloads
from triage.sandbox.sandbox import Sandbox
from triage.sandbox.world import FoundComment, StoredIssue, StoredRepository

Model = TypeVar("Model", bound=BaseModel)
T = TypeVar("T")


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

    def triaged_issue(self) -> tuple[StoredRepository, StoredIssue]:
        """The same as `issue`; raises RefusedError where this viewer cannot triage it."""
        repository, issue = self.issue()
        self.must_write(repository)
        if not self.viewer.can_triage:
            raise must_be_admin()
        return repository, issue

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
        why = f"{name} is too long (maximum is {problem['ctx']['max_length']} characters)"
        return validation_failed(resource, name, "custom", why)
    return validation_failed(resource, name, "invalid", value=value)


# Pages of a list: numbered, or by opaque cursors, with the `Link` header that leads to the next one


def _read_number(query: Mapping[str, str], name: str, default: int) -> int:
    """A number above zero; the default where nothing sensible is asked for."""
    asked = query.get(name, "")
    return int(asked) if asked.isdecimal() and int(asked) else default


def respond_page(request: ApiRequest, entries: Sequence[T], draw: Callable[[T], Payload]) -> ApiResponse:
    """The page of the entries that the request asks for."""
    size, page = _page_size(request.query), _read_number(request.query, "page", 1)
    last = max(-(-len(entries) // size), 1)
    links = {"prev": min(page - 1, last)} if page > 1 else {}
    links |= {"next": page + 1, "last": last} if page < last else {}
    changes = {rel: {"page": str(number)} for rel, number in links.items()}
    chosen = entries[(page - 1) * size : page * size]
    return ApiResponse([draw(entry) for entry in chosen], headers=_headers(request, changes))


def respond_after(
    request: ApiRequest, entries: Sequence[tuple[int, T]], draw: Callable[[T], Payload], *, descending: bool
) -> ApiResponse:
    """The same with a cursor, for a list of (rank, entry) in order of rank, as large repositories want it.

    The cursor is a place in the order, not a count: entries that changed rank between two pages are neither lost nor
    do they push others off. Raises RefusedError for numbered pages and for cursors that are none of ours.
    """
    if _read_number(request.query, "page", 1) > 1:
        why = "Pagination with the page parameter is not supported for large datasets"
        raise RefusedError(422, f"{why}, please use cursor based pagination (after/before)")
    if cursor := request.query.get("after"):
        place = _read_cursor(cursor)
        entries = [entry for entry in entries if (entry[0] < place if descending else entry[0] > place)]
    size = _page_size(request.query)
    page = entries[:size]
    changes = {"next": {"after": _cursor(page[-1][0])}} if len(entries) > size else {}
    return ApiResponse([draw(entry) for _, entry in page], headers=_headers(request, changes))


def read_since(query: Mapping[str, str], resource: str) -> datetime | None:
    """The moment of `since`, None where it is not given; raises RefusedError where it is none."""
    if not (text := query.get("since")):
        return None
    try:
        since = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise validation_failed(resource, "since", "invalid", value=text) from None
    return since if since.tzinfo else since.replace(tzinfo=UTC)


def read_choice(query: Mapping[str, str], name: str, choices: Sequence[str], resource: str) -> str:
    """One of the choices, the first where nothing is asked for; raises RefusedError for any other."""
    asked = query.get(name, choices[0])
    if asked not in choices:
        raise validation_failed(resource, name, "invalid", value=asked)
    return asked


def _cursor(rank: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"v": 2, "rank": rank}).encode()).decode()


def _read_cursor(cursor: str) -> int:
    try:
        read: Any = json.loads(base64.urlsafe_b64decode(cursor))
        return int(read["rank"])
    except (ValueError, KeyError, TypeError):
        raise validation_failed("Search", "after", "invalid", value=cursor) from None


def _page_size(query: Mapping[str, str]) -> int:
    return min(_read_number(query, "per_page", 30), 100)


def _headers(request: ApiRequest, changes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """A `Link` header where there are other pages; each is what it changes in the query."""
    links = (f'<{request.url}?{urlencode({**request.query, **each})}>; rel="{rel}"' for rel, each in changes.items())
    return {"Link": ", ".join(links)} if changes else {}
