"""The sandbox on a port of 127.0.0.1: in a thread beside a program, or by itself on the command line."""

import asyncio
import contextlib
import socket
import sys
import threading
from pathlib import Path
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from triage.sandbox.app import ENTERPRISE, create_app
from triage.sandbox.errors import SandboxError
from triage.sandbox.samples import REPOSITORY
from triage.sandbox.sandbox import Clock, Sandbox, system_clock

HOST = "127.0.0.1"


class SandboxServer:
    """A running sandbox.

    with SandboxServer() as sandbox:
        GitHub("any-token", sandbox.url)

    `port` 0 takes a free one; the other arguments are the Sandbox's. Raises SandboxError, one sentence.
    """

    repository = REPOSITORY

    def __init__(
        self,
        port: int = 0,
        state_file: Path | str | None = None,
        issues_file: Path | str | None = None,
        *,
        clock: Clock = system_clock,
        reporters_answer: bool = True,
        old: bool = False,
    ) -> None:
        self.sandbox = Sandbox(
            state_file=Path(state_file) if state_file else None,
            issues_file=Path(issues_file) if issues_file else None,
            clock=clock,
            reporters_answer=reporters_answer,
            old=old,
        )
        try:
            self._socket = _listen(port)
        except SandboxError:
            self.sandbox.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._server = _Server(create_app(self.sandbox))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """The API root, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    @property
    def enterprise_url(self) -> str:
        """The same API where an Enterprise Server has it."""
        return self.url + ENTERPRISE

    def start(self) -> Self:
        """Serves from a thread of its own; returns when requests are answered."""
        self._thread.start()
        self._server.ready.wait()
        return self

    def stop(self) -> None:
        """Ends all connections and the thread, and lets go of port and state file. Stopping twice is no error."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self.sandbox.close()

    def run(self) -> None:
        """Serves from this thread until Ctrl+C or a signal to end."""
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self._server.run([self._socket])
        finally:
            self.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()


def serve(port: int = 0, issues_file: Path | None = None, state_file: Path | None = None) -> int:
    """Serves until Ctrl+C, and says where; returns the exit status: 1 where lines of the issues file were left out.

    Each of those is a `FILE:LINE: message` on standard error. Raises SandboxError.
    """
    server = SandboxServer(port, state_file, issues_file)
    for problem in server.sandbox.problems:
        sys.stderr.write(f"{problem}\n")
    sys.stdout.write(f"The sandbox answers at {server.url} (repository {server.repository}). Ctrl+C ends it.\n")
    sys.stdout.flush()
    server.run()
    return 1 if server.sandbox.problems else 0


def _listen(port: int) -> socket.socket:
    # The protocol by its name: asyncio turns Nagle's algorithm off only then, and every answer would take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or "it must be 0 to 65535"
        raise SandboxError(f"The sandbox cannot use port {port} ({why}): choose another port.") from None
    return listener


class _Protocol(H11Protocol):
    """Shows the application the connection under a request, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Says when it is ready, and at the end waits for nobody: a client that keeps its connection, or a held answer."""

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,  # the program around decides about logging
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,
            )
        )
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)
