"""uvicorn, made to end: it would wait for open streams forever, and for connections that take nothing any more."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Scope

_PATIENCE: Final = 0.5
"""How long connections get to take their last bytes at shutdown, in seconds."""

_BACKSTOP: Final = 5
"""After so many seconds whatever still runs is cancelled."""

_KEEP_ALIVE: Final = 30
"""How long an idle connection stays, in seconds: longer than HTTP clients keep one, so that none sends into its end."""


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
