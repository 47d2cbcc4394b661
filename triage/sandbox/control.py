"""The sandbox's own switches under `/_sandbox`: reset, faults, state, clock, rate limit. GitHub has none of these."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, NonNegativeFloat, NonNegativeInt, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from triage.sandbox.faults import read_rules
from triage.sandbox.sandbox import Sandbox

Switch = Callable[[Sandbox, Any], object]


class ClockOrder(BaseModel, strict=True):
    """Puts sandbox time forward; the replies that are due by then are there at once."""

    advance_minutes: NonNegativeFloat


class LimitOrder(BaseModel, strict=True):
    """Every token has `remaining` requests left until `seconds` from now."""

    remaining: NonNegativeInt
    seconds: int = 3600


def control_routes(sandbox: Sandbox) -> list[Route]:
    """The switches of this sandbox; a switch that cannot make sense of what it was sent answers 422 with a sentence."""

    def route(method: str, path: str, switch: Switch) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                sent = await request.body()
                payload = json.loads(sent) if sent.strip() else {}
                with sandbox.lock:
                    return JSONResponse(switch(sandbox, payload))
            except ValidationError as error:
                problem = error.errors(include_url=False)[0]
                message = f"{'.'.join(map(str, problem['loc'])) or 'the body'}: {problem['msg']}"
                return JSONResponse({"message": message}, 422)
            except (ValueError, RecursionError) as error:
                return JSONResponse({"message": str(error)}, 422)

        return Route(f"/_sandbox/{path}", endpoint, methods=[method])

    return [
        route("POST", "reset", _reset),
        route("GET", "state", lambda sandbox, _: sandbox.to_json()),
        route("GET", "faults", lambda sandbox, _: sandbox.faults.to_json()),
        route("PUT", "faults", lambda sandbox, rules: sandbox.faults.replace(read_rules(rules))),
        route("POST", "faults", lambda sandbox, rules: sandbox.faults.add(read_rules(rules))),
        route("DELETE", "faults", lambda sandbox, _: sandbox.faults.replace([])),
        route("POST", "clock", _advance),
        route("POST", "limit", _limit),
    ]


def _reset(sandbox: Sandbox, payload: Any) -> object:
    """Everything as on the first day."""
    sandbox.reset()
    return {"issues": sum(len(repository.issues) for repository in sandbox.world.repositories.values())}


def _advance(sandbox: Sandbox, payload: Any) -> object:
    sandbox.advance(ClockOrder.model_validate(payload).advance_minutes)
    return {"now": sandbox.now().isoformat(), "minute": sandbox.minute, "pending": len(sandbox.world.pending)}


def _limit(sandbox: Sandbox, payload: Any) -> object:
    order = LimitOrder.model_validate(payload)
    sandbox.hold_limit(order.remaining, sandbox.now() + timedelta(seconds=order.seconds))
    return order.model_dump()
