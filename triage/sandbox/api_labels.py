"""Labels: those of the repository, and those on an issue."""

import re

from triage.sandbox.errors import invalid_request, may_not_create_labels, not_found, validation_failed
from triage.sandbox.exchange import Reply, Request
from triage.sandbox.paging import take_page
from triage.sandbox.world import GREY, StoredIssue, StoredLabel, StoredRepository

NAME_LIMIT = 50
DESCRIPTION_LIMIT = 100


def list_labels(request: Request) -> Reply:
    repository = request.repository()
    labels, headers = take_page([label for _, label in sorted(repository.labels.items())], request.query, request.url)
    return Reply([request.payloads.label(repository, label) for label in labels], headers=headers)


def get_label(request: Request) -> Reply:
    repository, label = _label(request)
    return Reply(request.payloads.label(repository, label))


def create_label(request: Request) -> Reply:
    """A label of the repository; names that differ in case alone are the same name."""
    repository = request.repository()
    _must_manage(request, repository)
    name = (request.text("name", required=True) or "").strip()
    color, description = _looks(request)
    _check_name(repository, name)
    label = request.world.add_label(repository, name, color or GREY, description or None)
    return Reply(request.payloads.label(repository, label), 201)


def update_label(request: Request) -> Reply:
    """Another name, colour or description; the issues that carry the label keep it."""
    repository, label = _label(request)
    _must_manage(request, repository)
    name = (request.text("new_name") or label.name).strip()
    color, description = _looks(request)
    if name.lower() != label.name.lower():
        _check_name(repository, name)
    request.world.rename_label(repository, label, name)
    label.color = color or label.color
    if description is not None:
        label.description = description or None
    return Reply(request.payloads.label(repository, label))


def delete_label(request: Request) -> Reply:
    """The label is gone, and off every issue."""
    repository, label = _label(request)
    _must_manage(request, repository)
    request.world.delete_label(repository, label)
    return Reply(status=204)


def list_issue_labels(request: Request) -> Reply:
    repository, issue = request.issue()
    labels, headers = take_page(repository.labels_of(issue), request.query, request.url)
    return Reply([request.payloads.label(repository, label) for label in labels], headers=headers)


def add_labels(request: Request) -> Reply:
    """Adds labels to an issue; one that the repository does not have is created, grey."""
    repository, issue = request.issue()
    request.must_triage(repository)
    names = names_from(request, repository, _asked_labels(request))
    request.world.set_labels(repository, issue, [*issue.labels, *names], request.now)
    return _labels_of(request, repository, issue)


def set_labels(request: Request) -> Reply:
    repository, issue = request.issue()
    request.must_triage(repository)
    request.world.set_labels(repository, issue, names_from(request, repository, _asked_labels(request)), request.now)
    return _labels_of(request, repository, issue)


def remove_label(request: Request) -> Reply:
    repository, issue = request.issue()
    request.must_triage(repository)
    name = request.arguments["label"].lower()
    if name not in issue.labels:
        raise not_found("Label does not exist")
    request.world.set_labels(repository, issue, [kept for kept in issue.labels if kept != name], request.now)
    return _labels_of(request, repository, issue)


def remove_all_labels(request: Request) -> Reply:
    repository, issue = request.issue()
    request.must_triage(repository)
    request.world.set_labels(repository, issue, [], request.now)
    return Reply(status=204)


def names_from(request: Request, repository: StoredRepository, asked: object) -> list[str]:
    """The names in a list of names or of objects with a `name`; raises RefusedError where one cannot be a label."""
    if not isinstance(asked, list):
        raise invalid_request(f"For 'properties/labels', {asked} is not an array.")
    names = []
    for entry in asked:
        name = entry.get("name") if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            raise invalid_request(f"For 'items', {entry} is not a string.")
        if not name.strip() or len(name.strip()) > NAME_LIMIT:
            raise validation_failed("Label", "name", "invalid", value=name)
        names.append(name.strip())
    if not request.viewer.may_push and any(name.lower() not in repository.labels for name in names):
        raise may_not_create_labels()
    return names


def _label(request: Request) -> tuple[StoredRepository, StoredLabel]:
    """The repository's label of the path; raises RefusedError where there is none."""
    repository = request.repository()
    label = repository.labels.get(request.arguments["label"].lower())
    if label is None:
        raise not_found()
    return repository, label


def _must_manage(request: Request, repository: StoredRepository) -> None:
    request.must_write(repository)
    if not request.viewer.may_push:
        raise may_not_create_labels()


def _check_name(repository: StoredRepository, name: str) -> None:
    """Raises RefusedError where no new label can have this name."""
    if not name:
        raise validation_failed("Label", "name", "missing_field")
    if len(name) > NAME_LIMIT:
        raise validation_failed("Label", "name", "custom", f"name is too long (maximum is {NAME_LIMIT} characters)")
    if name.lower() in repository.labels:
        raise validation_failed("Label", "name", "already_exists")


def _looks(request: Request) -> tuple[str | None, str | None]:
    """Colour and description of the body, None where they are not given; raises RefusedError."""
    color, description = request.text("color"), request.text("description")
    if color is not None and not re.fullmatch("[0-9A-Fa-f]{6}", color):
        raise validation_failed("Label", "color", "invalid")
    if description is not None and len(description) > DESCRIPTION_LIMIT:
        limit = f"description is too long (maximum is {DESCRIPTION_LIMIT} characters)"
        raise validation_failed("Label", "description", "custom", limit)
    return color and color.lower(), description


def _asked_labels(request: Request) -> object:
    return request.body if isinstance(request.body, list) else request.fields().get("labels", [])


def _labels_of(request: Request, repository: StoredRepository, issue: StoredIssue) -> Reply:
    return Reply([request.payloads.label(repository, label) for label in repository.labels_of(issue)])
