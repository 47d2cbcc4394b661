"""The sandbox as an ASGI application: GitHub's routes, its headers, conditional requests, and faults on order."""

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from triage.sandbox import api_comments, api_issues, api_labels
from triage.sandbox.api_repository import get_rate_limit, get_repository, get_root, get_user
from triage.sandbox.control import control_routes
from triage.sandbox.core import Clock, Sandbox, system_clock
from triage.sandbox.errors import (
    RefusedError,
    bad_credentials,
    not_accessible,
    not_found,
    secondary_limit,
    server_error,
    unavailable,
    validation_failed,
)
from triage.sandbox.exchange import Reply, Request
from triage.sandbox.faults import Rule
from triage.sandbox.web import page_routes
from triage.sandbox.wire import Wire, gone_within, read_body, send_answer

Action = Callable[[Request], Reply]

READS = ("GET", "HEAD")
STALL_SECONDS = 30.0
ENTERPRISE = "/api/v3"
"""Where an Enterprise Server has its API root; the sandbox answers there as well."""

_ISSUES = "/repos/{owner}/{name}/issues"
_LABELS = "/repos/{owner}/{name}/labels"
API: tuple[tuple[str, str, str, Action], ...] = (
    ("GET", "/", "read", get_root),
    ("GET", "/user", "read", get_user),
    ("GET", "/rate_limit", "read", get_rate_limit),
    ("GET", "/repos/{owner}/{name}", "read", get_repository),
    ("GET", _ISSUES, "read", api_issues.list_issues),
    ("GET", f"{_ISSUES}/comments", "read", api_comments.list_repository_comments),
    ("GET", f"{_ISSUES}/comments/{{comment}}", "read", api_comments.get_comment),
    ("PATCH", f"{_ISSUES}/comments/{{comment}}", "edit_comment", api_comments.update_comment),
    ("DELETE", f"{_ISSUES}/comments/{{comment}}", "delete_comment", api_comments.delete_comment),
    ("GET", f"{_ISSUES}/{{number}}", "read", api_issues.get_issue),
    ("PATCH", f"{_ISSUES}/{{number}}", "edit", api_issues.update_issue),
    ("GET", f"{_ISSUES}/{{number}}/comments", "read", api_comments.list_comments),
    ("POST", f"{_ISSUES}/{{number}}/comments", "comment", api_comments.create_comment),
    ("GET", f"{_ISSUES}/{{number}}/labels", "read", api_labels.list_issue_labels),
    ("POST", f"{_ISSUES}/{{number}}/labels", "add_labels", api_labels.add_labels),
    ("PUT", f"{_ISSUES}/{{number}}/labels", "set_labels", api_labels.set_labels),
    ("DELETE", f"{_ISSUES}/{{number}}/labels", "remove_label", api_labels.remove_all_labels),
    ("DELETE", f"{_ISSUES}/{{number}}/labels/{{label:path}}", "remove_label", api_labels.remove_label),
    ("GET", _LABELS, "read", api_labels.list_labels),
    ("POST", _LABELS, "create_label", api_labels.create_label),
    ("GET", f"{_LABELS}/{{label:path}}", "read", api_labels.get_label),
    ("PATCH", f"{_LABELS}/{{label:path}}", "edit_label", api_labels.update_label),
    ("DELETE", f"{_LABELS}/{{label:path}}", "delete_label", api_labels.delete_label),
)


def create_app(
    *,
    state_file: Path | None = None,
    issues_file: Path | None = None,
    clock: Clock = system_clock,
    reporters_answer: bool = True,
    old: bool = False,
) -> Starlette:
    """The application; `app.state.sandbox` is the Sandbox behind it. Arguments as for Sandbox; raises SandboxError."""
    sandbox = Sandbox(
        state_file=state_file, issues_file=issues_file, clock=clock, reporters_answer=reporters_answer, old=old
    )
    api = [Route(path, Endpoint(sandbox, action, kind), methods=[method]) for method, path, kind, action in API]
    app = Starlette(
        routes=[*api, Mount(ENTERPRISE, routes=api), *control_routes(sandbox), *page_routes(sandbox)],
        exception_handlers={HTTPException: _unknown_route},
    )
    app.router.redirect_slashes = False
    app.state.sandbox = sandbox
    return app


async def _unknown_route(request: WebRequest, error: Exception) -> Response:
    return JSONResponse(not_found().payload(), 404)


class Endpoint:
    """One route of the API."""

    def __init__(self, sandbox: Sandbox, action: Action, kind: str) -> None:
        self._sandbox = sandbox
        self._action = action
        self._kind = kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = await read_body(receive)
        if sent is None:
            return
        wire = self._respond(scope, sent)
        if wire.hold and await gone_within(wire.hold, receive):
            return
        await send_answer(wire, scope, receive, send)

    def _respond(self, scope: Scope, sent: bytes) -> Wire:
        """The answer to a request, with whatever fault was ordered for it; a write is done in here, wholly or not."""
        sandbox, method = self._sandbox, scope["method"]
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with sandbox.lock:
            sandbox.deliver()
            body, login = _read_json(sent), _login(sandbox, headers)
            kind = api_issues.update_kind(body) if self._kind == "edit" else self._kind
            rule = sandbox.faults.take(kind, method, path, login, sandbox.now())
            applied = False
            if rule is None or rule.applies:
                wire = self._answer(scope, method, path, headers, body)
                applied = method not in READS and wire.status < 400
                if applied:
                    sandbox.save()
            else:
                wire = _refusal(_refused_by(rule, kind), ())
            if rule:
                wire = _struck(wire, rule)
            if method not in READS:
                entry = {"at": sandbox.now().isoformat(), "login": login, "method": method, "path": path, "kind": kind}
                status = wire.status if wire.ending in ("whole", "cut") else None
                sandbox.log.append(entry | {"status": status, "applied": applied, "fault": rule and rule.fault})
        return wire

    def _answer(self, scope: Scope, method: str, path: str, headers: Mapping[str, str], body: object) -> Wire:
        sandbox, limits = self._sandbox, []
        try:
            viewer = sandbox.viewer(headers.get("authorization", ""))
            try:
                if path != "/rate_limit":
                    viewer.spend(sandbox.now())
            finally:
                limits = viewer.limit_headers()
            if body is _MALFORMED:
                raise RefusedError(400, "Problems parsing JSON")
            root = f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}"
            request = Request(
                sandbox,
                method,
                path,
                root,
                root + scope.get("root_path", ""),
                viewer,
                dict(parse_qsl(scope["query_string"].decode("latin-1"))),
                scope.get("path_params", {}),
                body,
            )
            reply = self._action(request)
        except RefusedError as refusal:
            return _refusal(refusal, limits)
        content = b"" if reply.payload is None else _json(reply.payload)
        more = [*reply.headers, *limits]
        if method in READS:
            tag = _etag(viewer.login, content)
            more.append(("ETag", tag))
            if _matches(tag, headers.get("if-none-match", "")):
                viewer.allowance.used -= path != "/rate_limit"
                return Wire(304, b"", (*reply.headers, *viewer.limit_headers(), ("ETag", tag), *_common()))
        return Wire(reply.status, content, (*more, *_common()))


_MALFORMED = object()
_REQUEST_IDS = itertools.count(0x5A00)


def _read_json(sent: bytes) -> object:
    """The JSON of a body; None where there is none, _MALFORMED where it is no JSON."""
    if not sent.strip():
        return None
    try:
        return json.loads(sent)
    except (ValueError, RecursionError):
        return _MALFORMED


def _login(sandbox: Sandbox, headers: Mapping[str, str]) -> str:
    try:
        return sandbox.viewer(headers.get("authorization", "")).login
    except RefusedError:
        return ""


def _refused_by(rule: Rule, kind: str) -> RefusedError:
    """The refusal that a rule stands for."""
    if rule.fault == "refused":
        if (rule.status or 403) == 403:
            return not_accessible()
        resource = "IssueComment" if "comment" in kind else "Label" if "label" in kind else "Issue"
        refusal = validation_failed(resource, "data", "unprocessable", "Refused by a rule of the sandbox")
        refusal.status = rule.status or 422
        return refusal
    if rule.fault in ("secondary_403", "rate_429"):
        return secondary_limit(rule.retry_after, 403 if rule.fault == "secondary_403" else 429)
    if rule.fault == "unauthorized_401":
        return bad_credentials()
    return unavailable() if rule.fault == "down" else server_error()


def _struck(wire: Wire, rule: Rule) -> Wire:
    """The answer as the fault leaves it."""
    if rule.fault == "applied_but_502":
        return _refusal(server_error(), ())
    if rule.fault == "stalled":
        return replace(wire, hold=STALL_SECONDS if rule.seconds is None else rule.seconds)
    if rule.fault == "applied_but_cut":
        return replace(wire, ending="cut")
    if rule.fault in ("applied_but_reset", "not_applied_reset"):
        return replace(wire, ending="reset")
    if rule.fault == "down" and rule.status is None:
        return replace(wire, ending="closed")
    return wire


def _refusal(refusal: RefusedError, limits: list[tuple[str, str]] | tuple[()]) -> Wire:
    return Wire(refusal.status, _json(refusal.payload()), (*refusal.headers, *limits, *_common()))


def _common() -> tuple[tuple[str, str], ...]:
    return (
        ("Content-Type", "application/json; charset=utf-8"),
        ("Cache-Control", "private, max-age=60, s-maxage=60"),
        ("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP"),
        ("Server", "github.com"),
        ("X-GitHub-Media-Type", "github.v3; format=json"),
        ("X-GitHub-Request-Id", f"5A4D:B0C5:{next(_REQUEST_IDS):X}"),
    )


def _json(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _etag(login: str, content: bytes) -> str:
    """Weak, and not the same for two people, as on GitHub."""
    return f'W/"{hashlib.blake2b(content, digest_size=16, key=login.encode()[:64]).hexdigest()}"'


def _matches(tag: str, condition: str) -> bool:
    return bool(condition) and tag[2:] in condition
