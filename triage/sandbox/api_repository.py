"""The API's root, the viewer, the rate limit, a repository, and labels: those of the repository, and on an issue."""

from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from starlette.responses import Response

from triage.sandbox.api_request import ApiRequest, respond_page
from triage.sandbox.errors import ApiResponse, RefusedError, cannot_create_labels, validation_failed
from triage.sandbox.world import GREY, StoredIssue, StoredLabel, StoredRepository


def get_root(request: ApiRequest) -> Response:
    paths = {"current_user": "/user", "rate_limit": "/rate_limit", "repository": "/repos/{owner}/{repo}"}
    return ApiResponse({f"{name}_url": request.api + path for name, path in paths.items()})


def get_user(request: ApiRequest) -> Response:
    if request.viewer.role == "nobody":
        raise RefusedError(401, "Requires authentication")
    return ApiResponse(request.payloads.viewer(request.viewer))


def get_repository(request: ApiRequest) -> Response:
    return ApiResponse(request.payloads.repository(request.repository(), request.viewer))


def get_rate_limit(request: ApiRequest) -> Response:
    """What is left; asking costs nothing. An older Enterprise Server has no limits and says so."""
    if request.viewer.old:
        raise RefusedError(404, "Rate limiting is not enabled.")
    request.viewer.rate_limit.renew(request.now)
    core = request.viewer.rate_limit.to_json()
    search = {"limit": 30, "remaining": 30, "reset": core["reset"], "used": 0}
    return ApiResponse({"resources": {"core": core, "search": search}, "rate": core})


# Labels

NAME_LIMIT = 50


def _usable(name: str) -> str:
    if not name.strip() or len(name.strip()) > NAME_LIMIT:
        raise validation_failed("Label", "name", "invalid", value=name)
    return name.strip()


LabelName = Annotated[
    str, BeforeValidator(lambda entry: entry.get("name") if isinstance(entry, dict) else entry), AfterValidator(_usable)
]
"""A name in a list of labels, or an object with a `name`."""

_NewName = Annotated[str, Field(max_length=NAME_LIMIT)]


class LabelNames(BaseModel):
    labels: list[LabelName] = []


class LabelUpdate(BaseModel):
    new_name: _NewName | None = None
    color: Annotated[str, Field(pattern="^[0-9A-Fa-f]{6}$")] | None = None
    description: Annotated[str, Field(max_length=100)] | None = None


class NewLabel(LabelUpdate):
    name: _NewName


def list_labels(request: ApiRequest) -> Response:
    repository = request.repository()
    labels = [repository.labels[name] for name in sorted(repository.labels)]
    return respond_page(request, labels, partial(request.payloads.label, repository))


def get_label(request: ApiRequest) -> Response:
    return ApiResponse(request.payloads.label(*_label(request)))


def create_label(request: ApiRequest) -> Response:
    """A label of the repository; names that differ in case alone are the same name."""
    repository = request.repository()
    _must_manage(request, repository)
    new = request.read(NewLabel, "Label")
    name = _free_name(repository, new.name)
    label = request.world.add_label(repository, name, (new.color or GREY).lower(), new.description or None)
    return ApiResponse(request.payloads.label(repository, label), 201)


def update_label(request: ApiRequest) -> Response:
    """Another name, colour or description; the issues that carry the label keep it."""
    repository, label = _label(request)
    _must_manage(request, repository)
    update = request.read(LabelUpdate, "Label")
    name = (update.new_name or label.name).strip()
    if name.lower() != label.name.lower():
        _free_name(repository, name)
    request.world.rename_label(repository, label, name)
    label.color = (update.color or label.color).lower()
    if update.description is not None:
        label.description = update.description or None
    return ApiResponse(request.payloads.label(repository, label))


def delete_label(request: ApiRequest) -> Response:
    """The label is gone, and off every issue."""
    repository, label = _label(request)
    _must_manage(request, repository)
    request.world.delete_label(repository, label)
    return Response(status_code=204)


def list_issue_labels(request: ApiRequest) -> Response:
    repository, issue = request.issue()
    return respond_page(request, repository.labels_of(issue), partial(request.payloads.label, repository))


def add_labels(request: ApiRequest) -> Response:
    """Adds labels to an issue; one that the repository does not have is created, grey."""
    repository, issue = request.triaged_issue()
    return _set_labels(request, repository, issue, [*issue.labels, *_asked_labels(request, repository)])


def set_labels(request: ApiRequest) -> Response:
    repository, issue = request.triaged_issue()
    return _set_labels(request, repository, issue, _asked_labels(request, repository))


def remove_label(request: ApiRequest) -> Response:
    repository, issue = request.triaged_issue()
    name = request.arguments["label"].lower()
    if name not in issue.labels:
        raise RefusedError(404, "Label does not exist")
    return _set_labels(request, repository, issue, [kept for kept in issue.labels if kept != name])


def remove_all_labels(request: ApiRequest) -> Response:
    repository, issue = request.triaged_issue()
    request.world.set_labels(repository, issue, [], request.now)
    return Response(status_code=204)


def check_labels(request: ApiRequest, repository: StoredRepository, names: list[str]) -> None:
    """Raises RefusedError where a label is new and the viewer cannot create any."""
    if not request.viewer.can_push and any(name.lower() not in repository.labels for name in names):
        raise cannot_create_labels()


def _label(request: ApiRequest) -> tuple[StoredRepository, StoredLabel]:
    """The repository's label of the path; raises RefusedError where there is none."""
    repository = request.repository()
    label = repository.labels.get(request.arguments["label"].lower())
    if label is None:
        raise RefusedError(404)
    return repository, label


def _must_manage(request: ApiRequest, repository: StoredRepository) -> None:
    request.must_write(repository)
    if not request.viewer.can_push:
        raise cannot_create_labels()


def _free_name(repository: StoredRepository, name: str) -> str:
    """The name as it is kept; raises RefusedError where no new label can have it."""
    if not name.strip():
        raise validation_failed("Label", "name", "missing_field")
    if name.strip().lower() in repository.labels:
        raise validation_failed("Label", "name", "already_exists")
    return name.strip()


def _asked_labels(request: ApiRequest, repository: StoredRepository) -> list[str]:
    if isinstance(request.body, list):  # GitHub takes the list by itself as well
        request.body = {"labels": request.body}
    names = request.read(LabelNames, "Issue").labels
    check_labels(request, repository, names)
    return names


def _set_labels(request: ApiRequest, repository: StoredRepository, issue: StoredIssue, names: list[str]) -> Response:
    request.world.set_labels(repository, issue, names, request.now)
    return ApiResponse([request.payloads.label(repository, label) for label in repository.labels_of(issue)])
