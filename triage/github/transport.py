"""The one connection under all calls to GitHub: counts requests, reads the rate limit, keeps answers to revalidate."""

import socket
import struct
import threading
import urllib.request
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from triage.github import refusals
from triage.models import RateLimit

DROP_UNSENT = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""What a closed connection has not delivered yet is dropped. By default the system goes on delivering it, for a minute
or two where the network is down: a write that was given up would then arrive after it was looked for in vain."""

BYTES_KEPT = 16 * 1024 * 1024
"""How many bytes of answers are kept for revalidation, the least recently used going first."""


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """What a GET brought: good for as long as its ETag is. `next_query` asks for the next page, {} at the last.

    `scopes` is the header `x-oauth-scopes`, None where the server sends none.
    """

    etag: str
    content: bytes
    next_query: Mapping[str, str]
    scopes: str | None


class ResponseCache:
    """Answers by address, to be revalidated: a 304 costs nothing of the rate limit. Bounded, and thread-safe."""

    def __init__(self, limit: int = BYTES_KEPT) -> None:
        self._limit = limit
        self._size = 0
        self._answers: OrderedDict[str, KeptResponse] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: str) -> KeptResponse | None:
        """The answer kept under `key`, if it is still there."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, key: str, answer: KeptResponse) -> None:
        """Keeps an answer that has an ETag in place of the one before, dropping the least recently used for room."""
        with self._lock:
            self._drop(key)
            if answer.etag:
                self._answers[key] = answer
                self._size += len(answer.content)
            while self._size > self._limit:
                self._drop(next(iter(self._answers)))

    def _drop(self, key: str) -> None:
        if dropped := self._answers.pop(key, None):
            self._size -= len(dropped.content)


class MeteredTransport(httpx.BaseTransport):
    """A transport that outlives the clients on it, and notes what passes. Thread-safe."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self.requests = 0
        self.rate_limit: RateLimit | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.requests += 1
        response = self._transport.handle_request(request)
        headers = response.headers
        if "retry-after" in headers:
            # githubkit reads whole seconds only, and fails on a date.
            wait = refusals.read_wait(headers["retry-after"], refusals.read_clock(headers, datetime.now(UTC)))
            headers["retry-after"] = str(wait // timedelta(seconds=1))
        if not _is_moment(headers.get("x-ratelimit-reset", "0")):
            del headers["x-ratelimit-reset"]
        limit = read_rate_limit(headers)
        if limit is not None:
            with self._lock:
                self.rate_limit = limit
        return response

    def close(self) -> None:
        """Does nothing: githubkit closes its client, and with it the transport, after every call."""


def read_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The primary limit as the headers of an answer tell it; None where they do not, or tell of another one."""
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    numbers = [int(headers[name]) for name in names if _is_moment(headers.get(name, ""))]
    if len(numbers) < len(names) or headers.get("x-ratelimit-resource", "core") != "core":
        return None
    return RateLimit(numbers[0], numbers[1], datetime.fromtimestamp(numbers[2], UTC))


def _is_moment(text: str) -> bool:
    """Whether it is a Unix time, and none so late that nothing can read it."""
    return text.isascii() and text.isdecimal() and len(text) <= 11


def make_transport(api_url: str) -> httpx.BaseTransport:
    """A pool of connections; with the proxy of the environment, which httpx leaves out where a transport is given."""
    address = urlsplit(api_url)
    host = address.hostname or ""
    direct = host in ("localhost", "127.0.0.1", "::1") or urllib.request.proxy_bypass(host)
    proxies = {} if direct else urllib.request.getproxies()
    return httpx.HTTPTransport(proxy=proxies.get(address.scheme) or proxies.get("all"), socket_options=[DROP_UNSENT])
