"""Bytes to and from a client: read all of a request, send an answer whole or broken, hold it, drop the connection."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Any, Literal

from starlette.types import Receive, Scope, Send

Ending = Literal["whole", "cut", "reset", "closed"]
"""`cut` breaks off in the middle of the body; `reset` and `closed` end the connection without a word."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What goes over the wire: an answer, held back for `hold` seconds, and how it ends."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    hold: float = 0.0
    ending: Ending = "whole"


async def read_body(receive: Receive) -> bytes | None:
    """All that was sent; None where the client left before it was through."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def gone_within(seconds: float, receive: Receive) -> bool:
    """Waits; whether the client left meanwhile."""
    try:
        async with asyncio.timeout(seconds):
            await _disconnected(receive)
    except TimeoutError:
        return False
    return True


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_answer(wire: Wire, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the answer as it is to end; raises ConnectionResetError in its place where there is no connection."""
    if wire.ending in ("whole", "cut"):
        headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in wire.headers]
        if wire.status not in (204, 304):
            headers.append((b"content-length", str(len(wire.body)).encode()))
        await send({"type": "http.response.start", "status": wire.status, "headers": headers})
        whole = wire.ending == "whole"
        part = wire.body if whole else wire.body[: len(wire.body) // 2]
        await send({"type": "http.response.body", "body": part, "more_body": not whole})
    if wire.ending != "whole":
        await _drop(scope, receive, reset=wire.ending == "reset")


async def _drop(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Ends the connection under the client's feet, and waits until the server has noticed, so that it says nothing."""
    transport: Any = scope.get("state", {}).get("transport")
    if transport is None:  # called in process, without a connection
        raise ConnectionResetError("The sandbox dropped the connection.")
    if reset:
        # A reset (RST) where a plain close would end in order (FIN).
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _disconnected(receive)
