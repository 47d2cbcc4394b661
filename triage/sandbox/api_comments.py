"""Comments: those of an issue, those of a whole repository in one stream, and each by itself."""

from collections.abc import Iterable

from triage.models import COMMENT_LIMIT
from triage.sandbox.errors import RefusedError, must_be_admin, validation_failed
from triage.sandbox.exchange import Reply, Request
from triage.sandbox.paging import read_choice, read_since, take_page
from triage.sandbox.world import StoredComment, StoredIssue, StoredRepository


def list_comments(request: Request) -> Reply:
    """The comments of an issue, oldest first."""
    repository, issue = request.issue()
    return _page(request, repository, ((issue, comment) for comment in issue.comments))


def list_repository_comments(request: Request) -> Reply:
    """The comments of all issues in one stream; by age of the comment, or of its last change with `sort=updated`."""
    repository = request.repository_with_issues()
    query = request.query
    by_update = read_choice(query, "sort", ("created", "updated"), "IssueComment") == "updated"
    descending = read_choice(query, "direction", ("asc", "desc"), "IssueComment") == "desc"
    entries = sorted(
        request.world.comments(repository),
        key=lambda entry: (entry[1].updated_at if by_update else entry[1].created_at, entry[1].id),
        reverse=descending,
    )
    return _page(request, repository, entries)


def get_comment(request: Request) -> Reply:
    return Reply(request.payloads.comment(*request.comment()))


def create_comment(request: Request) -> Reply:
    """A comment by the viewer; the reporter, who has read it, may answer in a while."""
    repository, issue = request.issue()
    request.must_write(repository)
    if issue.locked and not request.viewer.may_triage:
        raise RefusedError(403, "Unable to create comment because issue is locked.")
    body = _body(request)
    author = request.viewer.login
    if author.lower() == issue.author.lower():
        association = issue.association
    else:
        association = "MEMBER" if request.viewer.may_triage else "NONE"
    comment = request.world.add_comment(repository, issue, author, association, body, request.now)
    if request.sandbox.reporters_answer:
        request.world.expect_answer(repository, issue, comment, request.sandbox.minute)
    payload = request.payloads.comment(repository, issue, comment)
    return Reply(payload, 201, [("Location", payload["url"])])


def update_comment(request: Request) -> Reply:
    repository, issue, comment = _own_comment(request)
    body = _body(request)
    if body != comment.body:
        comment.body, comment.updated_at = body, request.now
        issue.updated_at = request.now
    return Reply(request.payloads.comment(repository, issue, comment))


def delete_comment(request: Request) -> Reply:
    _, issue, comment = _own_comment(request)
    request.world.delete_comment(issue, comment, request.now)
    return Reply(status=204)


def _page(
    request: Request, repository: StoredRepository, entries: Iterable[tuple[StoredIssue, StoredComment]]
) -> Reply:
    since = read_since(request.query, "IssueComment")
    wanted = [entry for entry in entries if since is None or entry[1].updated_at >= since]
    page, headers = take_page(wanted, request.query, request.url)
    return Reply([request.payloads.comment(repository, *entry) for entry in page], headers=headers)


def _own_comment(request: Request) -> tuple[StoredRepository, StoredIssue, StoredComment]:
    """The comment of the path, where the viewer wrote it or may change what others wrote."""
    repository, issue, comment = request.comment()
    request.must_write(repository)
    if not request.viewer.may_push and request.viewer.login.lower() != comment.author.lower():
        raise must_be_admin()
    return repository, issue, comment


def _body(request: Request) -> str:
    body = request.text("body", required=True) or ""
    if not body.strip():
        raise validation_failed("IssueComment", "data", "unprocessable", "Body cannot be blank")
    if len(body) > COMMENT_LIMIT:
        limit = f"Body is too long (maximum is {COMMENT_LIMIT} characters)"
        raise validation_failed("IssueComment", "data", "unprocessable", limit)
    return body
