"""What a fault does to an answer: refuses in its place, holds it, breaks it off, or drops the connection."""

import asyncio
import socket
import struct
from typing import Any, Literal

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from triage.sandbox.api_request import refusal_response
from triage.sandbox.errors import RefusedError, not_accessible, validation_failed
from triage.sandbox.faults import Attempt, Rule

STALL_SECONDS = 30.0

Ending = Literal["cut", "reset", "closed"]
"""`cut` breaks off in the middle of the body; `reset` and `closed` end the connection without a word."""

_ENDINGS: dict[str, Ending] = {
    "applied_but_cut": "cut",
    "applied_but_reset": "reset",
    "not_applied_reset": "reset",
    "down": "closed",
}
_STATUS = {"secondary_403": 403, "rate_429": 429, "unauthorized_401": 401, "down": 503}


def stand_in(rule: Rule, attempt: Attempt) -> Response:
    """The answer to a request that a rule keeps from being carried out."""
    if rule.fault == "refused":
        if rule.status in (None, 403):
            return refusal_response(not_accessible())
        resource = "IssueComment" if "comment" in attempt.kind else "Label" if "label" in attempt.kind else "Issue"
        why = "Refused by a rule of the sandbox"
        return refusal_response(validation_failed(resource, "data", "unprocessable", why, status=rule.status or 422))
    status = _STATUS.get(rule.fault, 502)
    if rule.fault in ("secondary_403", "rate_429"):
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return refusal_response(RefusedError(status, message, headers={"Retry-After": str(rule.retry_after)}))
    return refusal_response(RefusedError(status))


def strike(response: Response, rule: Rule) -> Response:
    """The answer as the fault leaves it."""
    if rule.fault == "applied_but_502":
        return refusal_response(RefusedError(502))
    if rule.fault == "stalled":
        return HeldResponse(response, STALL_SECONDS if rule.seconds is None else rule.seconds)
    ending = _ENDINGS.get(rule.fault)
    if ending is None or (ending == "closed" and rule.status is not None):
        return response
    return BrokenResponse(response, ending)


class HeldResponse(Response):
    """An answer that is sent after so many seconds, where the client is still there."""

    def __init__(self, response: Response, seconds: float) -> None:
        super().__init__(response.body, response.status_code)
        self.raw_headers = response.raw_headers
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                await _disconnected(receive)
        except TimeoutError:
            await super().__call__(scope, receive, send)


class BrokenResponse(Response):
    """An answer that breaks off or never comes; raises ConnectionResetError where there is no connection to end."""

    def __init__(self, response: Response, ending: Ending) -> None:
        super().__init__(response.body, response.status_code)
        self.raw_headers = response.raw_headers
        self.ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.ending == "cut":
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.body", "body": half, "more_body": True})
        transport: Any = scope.get("state", {}).get("transport")
        if transport is None:  # called in process, without a connection
            raise ConnectionResetError("The sandbox dropped the connection.")
        if self.ending == "reset":
            # A reset (RST) where a plain close would end in order (FIN).
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await _disconnected(receive)  # the server has noticed and says nothing


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
