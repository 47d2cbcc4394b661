"""Issues and their comments: list, read, write."""

from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from triage.models import COMMENT_LIMIT
from triage.sandbox.api_repository import LabelName, check_labels
from triage.sandbox.api_request import ApiRequest, read_choice, read_since, respond_after, respond_page
from triage.sandbox.errors import ApiResponse, RefusedError, must_be_admin, validation_failed
from triage.sandbox.world import FoundComment, StoredIssue

_RANKS: dict[str, Callable[[StoredIssue], int]] = {
    "created": lambda issue: int(issue.created_at.timestamp()),
    "updated": lambda issue: int(issue.updated_at.timestamp()),
    "comments": lambda issue: len(issue.comments),
}
_NUMBERS = 10_000_000
"""More than the highest issue number: the number decides where two issues rank alike."""


def list_issues(request: ApiRequest) -> Response:
    repository = request.repository_with_issues()
    query = request.query
    state = read_choice(query, "state", ("open", "closed", "all"), "Issue")
    rank = _RANKS[read_choice(query, "sort", ("created", "updated", "comments"), "Issue")]
    descending = read_choice(query, "direction", ("desc", "asc"), "Issue") == "desc"
    since = read_since(query, "Issue")
    labels = {name.strip().lower() for name in query.get("labels", "").split(",") if name.strip()}
    creator = query.get("creator", "").lower()
    ranked = [
        (rank(issue) * _NUMBERS + issue.number, issue)
        for issue in repository.issues.values()
        if state in ("all", issue.state)
        and (since is None or issue.updated_at >= since)
        and labels <= set(issue.labels)
        and creator in ("", issue.author.lower())
    ]
    ranked.sort(key=lambda entry: entry[0], reverse=descending)
    return respond_after(request, ranked, partial(request.payloads.issue, repository), descending=descending)


def get_issue(request: ApiRequest) -> Response:
    return ApiResponse(request.payloads.issue(*request.issue()))


def _not_blank(title: str | None) -> str | None:
    if title is not None and not title.strip():
        raise validation_failed("Issue", "title", "missing_field")
    return title


class IssueUpdate(BaseModel):
    """What PATCH can change; None leaves it as it is."""

    title: Annotated[Annotated[str, Field(max_length=256)] | None, AfterValidator(_not_blank)] = None
    body: Annotated[str, Field(max_length=COMMENT_LIMIT)] | None = None
    state: Literal["open", "closed"] | None = None
    state_reason: Literal["completed", "not_planned", "duplicate", "reopened"] | None = None
    labels: list[LabelName] | None = None


def update_issue(request: ApiRequest) -> Response:
    """Title, body, labels, state and its reason.

    Who cannot triage can still change their own issue; labels among the changes are dropped silently.
    """
    repository, issue = request.issue()
    request.must_write(repository)
    if not request.viewer.can_triage and request.viewer.login.lower() != issue.author.lower():
        raise must_be_admin()
    update = request.read(IssueUpdate, "Issue")
    if update.labels is not None:
        check_labels(request, repository, update.labels)

    title, body = update.title or issue.title, issue.body if update.body is None else update.body or None
    if (title, body) != (issue.title, issue.body):
        issue.title, issue.body, issue.updated_at = title, body, request.now
    if update.labels is not None and request.viewer.can_triage:
        request.world.set_labels(repository, issue, update.labels, request.now)
    _set_state(request, issue, update)
    return ApiResponse(request.payloads.issue(repository, issue))


def _set_state(request: ApiRequest, issue: StoredIssue, update: IssueUpdate) -> None:
    reason = None if update.state_reason == "reopened" else update.state_reason
    if (update.state or issue.state) == "open":
        request.world.reopen(issue, request.now)
    elif update.state == "closed" or reason:
        already = issue.state_reason if issue.state == "closed" else None
        request.world.close(issue, reason or already or "completed", request.viewer.login, request.now)


# Comments


class CommentText(BaseModel):
    body: str


def list_comments(request: ApiRequest) -> Response:
    """The comments of an issue, oldest first."""
    repository, issue = request.issue()
    return _page_of(request, (FoundComment(repository, issue, comment) for comment in issue.comments))


def list_repository_comments(request: ApiRequest) -> Response:
    """The comments of all issues in one stream; by age of the comment, or of its last change with `sort=updated`."""
    repository = request.repository_with_issues()
    sort = read_choice(request.query, "sort", ("created", "updated"), "IssueComment")
    descending = read_choice(request.query, "direction", ("asc", "desc"), "IssueComment") == "desc"
    rank = attrgetter(f"comment.{sort}_at", "comment.id")
    entries = sorted(repository.find_comments(), key=rank, reverse=descending)
    return _page_of(request, entries)


def _page_of(request: ApiRequest, entries: Iterable[FoundComment]) -> Response:
    since = read_since(request.query, "IssueComment")
    wanted = [found for found in entries if since is None or found.comment.updated_at >= since]
    return respond_page(request, wanted, lambda found: request.payloads.comment(*found))


def get_comment(request: ApiRequest) -> Response:
    return ApiResponse(request.payloads.comment(*request.comment()))


def create_comment(request: ApiRequest) -> Response:
    """A comment by the viewer; the reporter, who has read it, may answer in a while."""
    repository, issue = request.issue()
    request.must_write(repository)
    if issue.locked and not request.viewer.can_triage:
        raise RefusedError(403, "Unable to create comment because issue is locked.")
    body = _read_text(request)
    author = request.viewer.login
    association = "MEMBER" if request.viewer.can_triage else "NONE"
    if author.lower() == issue.author.lower():
        association = issue.association
    comment = request.world.add_comment(repository, issue, author, association, body, request.now)
    if request.sandbox.reporters_answer:
        request.world.expect_reply(repository, issue, comment, request.sandbox.minute)
    payload = request.payloads.comment(repository, issue, comment)
    return ApiResponse(payload, 201, {"Location": payload["url"]})


def update_comment(request: ApiRequest) -> Response:
    found = _own_comment(request)
    body = _read_text(request)
    if body != found.comment.body:
        found.comment.body, found.comment.updated_at = body, request.now
        found.issue.updated_at = request.now
    return ApiResponse(request.payloads.comment(*found))


def delete_comment(request: ApiRequest) -> Response:
    found = _own_comment(request)
    request.world.delete_comment(found.issue, found.comment, request.now)
    return Response(status_code=204)


def _own_comment(request: ApiRequest) -> FoundComment:
    """The comment of the path, where the viewer wrote it or can change what others wrote."""
    found = request.comment()
    request.must_write(found.repository)
    if not request.viewer.can_push and request.viewer.login.lower() != found.comment.author.lower():
        raise must_be_admin()
    return found


def _read_text(request: ApiRequest) -> str:
    body = request.read(CommentText, "IssueComment").body
    if not body.strip():
        raise validation_failed("IssueComment", "data", "unprocessable", "Body cannot be blank")
    if len(body) > COMMENT_LIMIT:
        limit = f"Body is too long (maximum is {COMMENT_LIMIT} characters)"
        raise validation_failed("IssueComment", "data", "unprocessable", limit)
    return body
