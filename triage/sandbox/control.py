"""The sandbox's own switches under `/_sandbox`: reset, faults, state, clock, rate limit. GitHub has none of these."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from triage.sandbox.core import Sandbox
from triage.sandbox.faults import RuleError, read_rules

Switch = Callable[[Sandbox, Any], object]


def control_routes(sandbox: Sandbox) -> list[Route]:
    """The switches of this sandbox; a switch that cannot make sense of what it was sent answers 422 with a sentence."""

    def route(method: str, path: str, switch: Switch) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                sent = await request.body()
                payload = json.loads(sent) if sent.strip() else {}
                with sandbox.lock:
                    return JSONResponse(switch(sandbox, payload))
            except (ValueError, TypeError, AttributeError, RecursionError) as error:
                return JSONResponse({"message": str(error)}, 422)

        return Route(f"/_sandbox/{path}", endpoint, methods=[method])

    return [
        route("POST", "reset", _reset),
        route("GET", "state", lambda sandbox, _: sandbox.to_json()),
        route("GET", "faults", lambda sandbox, _: sandbox.faults.to_json()),
        route("PUT", "faults", _replace_faults),
        route("POST", "faults", _add_faults),
        route("DELETE", "faults", _clear_faults),
        route("POST", "clock", _advance),
        route("POST", "limit", _limit),
    ]


def _reset(sandbox: Sandbox, payload: Any) -> object:
    """Everything as on the first day."""
    sandbox.reset()
    return {"issues": sum(len(repository.issues) for repository in sandbox.world.repositories.values())}


def _replace_faults(sandbox: Sandbox, payload: Any) -> object:
    sandbox.faults.replace(read_rules(payload))
    return sandbox.faults.to_json()


def _add_faults(sandbox: Sandbox, payload: Any) -> object:
    sandbox.faults.add(read_rules(payload))
    return sandbox.faults.to_json()


def _clear_faults(sandbox: Sandbox, payload: Any) -> object:
    sandbox.faults.replace([])
    return []


def _advance(sandbox: Sandbox, payload: Any) -> object:
    """`{"advance_minutes": N}` puts sandbox time forward; the answers that are due by then are there at once."""
    minutes = payload.get("advance_minutes")
    if not isinstance(minutes, int | float) or isinstance(minutes, bool) or minutes < 0:
        raise RuleError("Send advance_minutes, a number that is not negative.")
    sandbox.advance(minutes)
    return {"now": sandbox.now().isoformat(), "minute": sandbox.minute, "pending": len(sandbox.world.pending)}


def _limit(sandbox: Sandbox, payload: Any) -> object:
    """`{"remaining": N, "seconds": S}`: every token has N requests left until S seconds from now."""
    remaining, seconds = payload.get("remaining"), payload.get("seconds", 3600)
    if not isinstance(remaining, int) or not isinstance(seconds, int) or remaining < 0:
        raise RuleError("Send remaining and seconds, whole numbers.")
    sandbox.hold_limit(remaining, sandbox.now() + timedelta(seconds=seconds))
    return {"remaining": remaining, "seconds": seconds}
