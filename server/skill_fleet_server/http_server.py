"""Listening, and uvicorn made to end: it would wait for open streams forever, and for connections that take nothing
any more."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Generator
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Scope

from skill_fleet_server.errors import CannotStart

_PATIENCE: Final = 0.5
"""How long connections get to take their last bytes at shutdown, in seconds."""

_BACKSTOP: Final = 5
"""After so many seconds whatever still runs is cancelled."""

_KEEP_ALIVE: Final = 30
"""How long an idle connection stays, in seconds: longer than HTTP clients keep one, so that none sends into its end."""

_BACKLOG: Final = 2048


class PortTaken(CannotStart):
    """Another program listens there."""

    code = "port_taken"
    exit_code = 4


def listening(host: str, port: int, *, flag: str) -> socket.socket:
    """A listening socket.

    Args:
        host: A name or address of this machine.
        port: 0 for any that is free.
        flag: By which another port is chosen.

    Raises:
        PortTaken: If another program listens there.
        CannotStart: If the address is none of this machine's, or not for us.
    """
    where = f"{host}, port {port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, place = found[0]
        return socket.create_server(place[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Another program listens on {where}. Choose another with {flag}, or 0 for any that is free."
            ) from None
        raise CannotStart(f"Cannot listen on {where}: {error.strerror}.") from None


def address(host: str, listener: socket.socket) -> str:
    """How programs on this machine reach what listens there."""
    port = listener.getsockname()[1]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where not to connect to
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the fastest event loop there is; `None` for asyncio's own."""
    return uvicorn.Config("", log_config=None).get_loop_factory()


class HttpServer(uvicorn.Server):
    """Serves one app. Signals are the caller's business: it sets `should_exit`."""

    def __init__(self, app: ASGIApp, *, on_started: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_BACKSTOP,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections, and say so."""
        await super().startup(sockets=sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let what is being sent end, and end what does not."""
        impatience = asyncio.get_running_loop().call_later(_PATIENCE, self._abort_all)
        try:
            await super().shutdown(sockets=sockets)
        finally:
            impatience.cancel()

    def sever(self, scope: Scope) -> None:
        """End a request's connection at once, whatever it has not taken yet."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == scope.get("client"):
                connection.transport.abort()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone: uvicorn would raise them again before everything is closed."""
        yield

    def _abort_all(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
