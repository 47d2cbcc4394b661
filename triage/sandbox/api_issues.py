"""Issues: list, read, update."""

from collections.abc import Callable

from triage.models import COMMENT_LIMIT
from triage.sandbox.api_labels import names_from
from triage.sandbox.errors import must_be_admin, validation_failed
from triage.sandbox.exchange import Reply, Request
from triage.sandbox.paging import read_choice, read_since, take_after
from triage.sandbox.world import StoredIssue

REASONS = ("completed", "not_planned", "duplicate")
TITLE_LIMIT = 256

_RANKS: dict[str, Callable[[StoredIssue], int]] = {
    "created": lambda issue: int(issue.created_at.timestamp()),
    "updated": lambda issue: int(issue.updated_at.timestamp()),
    "comments": lambda issue: len(issue.comments),
}
_NUMBERS = 10_000_000
"""More than the highest issue number: the number decides where two issues rank alike."""


def list_issues(request: Request) -> Reply:
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
    page, headers = take_after(ranked, query, request.url, descending=descending)
    return Reply([request.payloads.issue(repository, issue) for issue in page], headers=headers)


def get_issue(request: Request) -> Reply:
    repository, issue = request.issue()
    return Reply(request.payloads.issue(repository, issue))


def update_issue(request: Request) -> Reply:
    """Title, body, labels, state and its reason. Who may not triage may still change their own issue, labels apart:
    those are dropped without a word."""
    repository, issue = request.issue()
    request.must_write(repository)
    if not request.viewer.may_triage and request.viewer.login.lower() != issue.author.lower():
        raise must_be_admin()
    fields = request.fields()
    title, body = request.text("title"), request.text("body")
    if title is not None:
        _check_title(title)
    if body is not None and len(body) > COMMENT_LIMIT:
        limit = f"body is too long (maximum is {COMMENT_LIMIT} characters)"
        raise validation_failed("Issue", "body", "custom", limit)
    state, reason = request.text("state"), request.text("state_reason")
    if state not in (None, "open", "closed"):
        raise validation_failed("Issue", "state", "invalid", value=state or "")
    if reason not in (None, "reopened", *REASONS):
        raise validation_failed("Issue", "state_reason", "invalid", value=reason or "")
    labels = names_from(request, repository, fields["labels"]) if fields.get("labels") is not None else None

    if title is not None and title != issue.title:
        issue.title, issue.updated_at = title, request.now
    if body is not None and body != (issue.body or ""):
        issue.body, issue.updated_at = body or None, request.now
    if labels is not None and request.viewer.may_triage:
        request.world.set_labels(repository, issue, labels, request.now)
    _set_state(request, issue, state, reason)
    return Reply(request.payloads.issue(repository, issue))


def update_kind(body: object) -> str:
    """What an update does, for the rules of faults: close, reopen or edit."""
    state = body.get("state") if isinstance(body, dict) else None
    return {"closed": "close", "open": "reopen"}.get(str(state), "edit")


def _check_title(title: str) -> None:
    if not title.strip():
        raise validation_failed("Issue", "title", "missing_field")
    if len(title) > TITLE_LIMIT:
        limit = f"title is too long (maximum is {TITLE_LIMIT} characters)"
        raise validation_failed("Issue", "title", "custom", limit)


def _set_state(request: Request, issue: StoredIssue, state: str | None, reason: str | None) -> None:
    wanted = state or issue.state
    if wanted == "open":
        request.world.reopen(issue, request.now)
    elif state == "closed" or reason in REASONS:
        already = issue.state_reason if issue.state == "closed" else None
        chosen = reason if reason in REASONS else already
        request.world.close(issue, chosen or "completed", request.viewer.login, request.now)
