"""The sandbox as an ASGI application: GitHub's routes, its headers, conditional requests, and faults on order."""

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from triage.sandbox import api_issues, api_repository
from triage.sandbox.api_request import ApiRequest
from triage.sandbox.control import control_routes
from triage.sandbox.errors import RefusedError
from triage.sandbox.faults import Attempt, RequestKind, StruckResponse, stand_in, strike
from triage.sandbox.pages import page_routes
from triage.sandbox.sandbox import Sandbox

Action = Callable[[ApiRequest], Response]

READS = ("GET", "HEAD")
ENTERPRISE = "/api/v3"
"""Where an Enterprise Server has its API root; the sandbox answers there as well."""

_ISSUES = "/repos/{owner}/{name}/issues"
_LABELS = "/repos/{owner}/{name}/labels"
API: tuple[tuple[str, str, RequestKind, Action], ...] = (
    ("GET", "/", "read", api_repository.get_root),
    ("GET", "/user", "read", api_repository.get_user),
    ("GET", "/rate_limit", "read", api_repository.get_rate_limit),
    ("GET", "/repos/{owner}/{name}", "read", api_repository.get_repository),
    ("GET", _ISSUES, "read", api_issues.list_issues),
    ("GET", f"{_ISSUES}/comments", "read", api_issues.list_repository_comments),
    ("GET", f"{_ISSUES}/comments/{{comment}}", "read", api_issues.get_comment),
    ("PATCH", f"{_ISSUES}/comments/{{comment}}", "edit_comment", api_issues.update_comment),
    ("DELETE", f"{_ISSUES}/comments/{{comment}}", "delete_comment", api_issues.delete_comment),
    ("GET", f"{_ISSUES}/{{number}}", "read", api_issues.get_issue),
    ("PATCH", f"{_ISSUES}/{{number}}", "edit", api_issues.update_issue),
    ("GET", f"{_ISSUES}/{{number}}/comments", "read", api_issues.list_comments),
    ("POST", f"{_ISSUES}/{{number}}/comments", "comment", api_issues.create_comment),
    ("GET", f"{_ISSUES}/{{number}}/labels", "read", api_repository.list_issue_labels),
    ("POST", f"{_ISSUES}/{{number}}/labels", "add_labels", api_repository.add_labels),
    ("PUT", f"{_ISSUES}/{{number}}/labels", "set_labels", api_repository.set_labels),
    ("DELETE", f"{_ISSUES}/{{number}}/labels", "remove_label", api_repository.remove_all_labels),
    ("DELETE", f"{_ISSUES}/{{number}}/labels/{{label:path}}", "remove_label", api_repository.remove_label),
    ("GET", _LABELS, "read", api_repository.list_labels),
    ("POST", _LABELS, "create_label", api_repository.create_label),
    ("GET", f"{_LABELS}/{{label:path}}", "read", api_repository.get_label),
    ("PATCH", f"{_LABELS}/{{label:path}}", "edit_label", api_repository.update_label),
    ("DELETE", f"{_LABELS}/{{label:path}}", "delete_label", api_repository.delete_label),
)


def create_app(sandbox: Sandbox) -> Starlette:
    """The application in front of a sandbox."""
    api = [Route(path, _endpoint(sandbox, action, kind), methods=[method]) for method, path, kind, action in API]
    app = Starlette(
        routes=[*api, Mount(ENTERPRISE, routes=api), *control_routes(sandbox), *page_routes(sandbox)],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False
    return app


async def _refused(request: Request, error: Exception) -> Response:
    """Starlette's own are about an address or a method that is not there."""
    return (error if isinstance(error, RefusedError) else RefusedError(404)).response()


def _endpoint(sandbox: Sandbox, action: Action, kind: RequestKind) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        try:
            sent = await request.body()
        except ClientDisconnect:
            return Response()
        with sandbox.lock:
            sandbox.deliver()
            return _respond(ApiRequest(sandbox, request, _read_json(sent)), action, kind)

    return endpoint


_MALFORMED = object()
_UPDATE_KINDS: dict[str, RequestKind] = {"closed": "close", "open": "reopen"}
"""What an update of an issue does by the state that it sets."""
_HEADERS = {
    "Cache-Control": "private, max-age=60, s-maxage=60",
    "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
    "Server": "github.com",
    "X-GitHub-Media-Type": "github.v3; format=json",
}
_REQUEST_IDS = itertools.count(0x5A00)


def _read_json(sent: bytes) -> object:
    """The JSON of a body; None where there is none, _MALFORMED where it is not JSON."""
    if not sent.strip():
        return None
    try:
        return json.loads(sent)
    except (ValueError, RecursionError):
        return _MALFORMED


def _respond(request: ApiRequest, action: Action, kind: RequestKind) -> Response:
    """The answer to a request, with whatever fault was ordered for it; a write is done in here, wholly or not."""
    sandbox = request.sandbox
    if kind == "edit" and isinstance(request.body, dict):
        kind = _UPDATE_KINDS.get(str(request.body.get("state")), kind)
    attempt = Attempt(request.viewer.login, request.method, request.url.removeprefix(request.api), kind)
    rule = sandbox.faults.take(attempt, request.now)
    response = _answer(request, action) if rule is None or rule.applies else stand_in(rule, attempt)
    applied = response.status_code < 400
    if rule:
        response = strike(response, rule)
    response.headers.update(_HEADERS | {"X-GitHub-Request-Id": f"5A4D:B0C5:{next(_REQUEST_IDS):X}"})
    if request.method not in READS:
        if applied:
            sandbox.save()
        unanswered = isinstance(response, StruckResponse) and response.ending in ("reset", "closed")
        entry = {"at": request.now.isoformat(), **asdict(attempt), "applied": applied, "fault": rule and rule.fault}
        sandbox.log.append(entry | {"status": None if unanswered else response.status_code})
    return response


def _answer(request: ApiRequest, action: Action) -> Response:
    """GitHub's answer, with what is left of the rate limit; to a read that changed nothing it is 304 and costs none."""
    viewer = request.viewer
    costs = action is not api_repository.get_rate_limit
    try:
        if viewer.role == "expired":
            raise RefusedError(401)
        if costs:
            viewer.spend(request.now)
        if request.body is _MALFORMED:
            raise RefusedError(400, "Problems parsing JSON")
        response = action(request)
    except RefusedError as refusal:
        response = refusal.response()
    if request.method in READS and response.status_code == 200:
        tag = _etag(viewer.login, bytes(response.body))
        response.headers["ETag"] = tag
        if tag.removeprefix("W/") in request.headers.get("If-None-Match", ""):
            viewer.rate_limit.used -= costs
            response.status_code, response.body = 304, b""
            del response.headers["content-length"]
    response.headers.update(viewer.limit_headers())
    return response


def _etag(login: str, content: bytes) -> str:
    """Weak, and not the same for two people, as on GitHub."""
    return f'W/"{hashlib.blake2b(content, digest_size=16, key=login.encode()[:64]).hexdigest()}"'
