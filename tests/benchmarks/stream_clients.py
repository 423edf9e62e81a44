"""Connections to an event stream that do next to nothing with it, so that they leave the machine to the servers."""

import asyncio
import socket
import time
from collections.abc import Callable

from tests.support.server import eventually

_DEADLINE_S = 60.0
_SMALL_BUFFER = 4096
"""Of a socket that is to take nothing: what the system takes for it is kept small."""


class Client(asyncio.Protocol):
    """A connection that counts the events of one kind that it is sent, and notes when they came."""

    def __init__(self, request: bytes, kind: str) -> None:
        self._request = request
        self._counted = f"event: {kind}\n".encode()
        self._transport: asyncio.Transport | None = None
        self._last = b""
        self.greeted = False
        self.lost = False
        self.events = 0
        self.arrivals: list[float] = []
        """When each event came, by the clock that all processes of a machine share."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.greeted = True
        came = (self._last + data).count(self._counted)
        self._last = data[1 - len(self._counted) :]
        self.events += came
        now = time.monotonic()
        self.arrivals.extend([now] * came)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def stall(self) -> None:
        """Take nothing any more."""
        assert self._transport is not None
        self._transport.pause_reading()

    def leave(self) -> None:
        assert self._transport is not None
        self._transport.abort()


async def connected(
    count: int, port: int, path: str, token: str, *, kind: str = "progress", small: bool = False
) -> list[Client]:
    """Clients that have been greeted. `kind` is what they count; `small` ones take little when they stall."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    clients = [await _connected(port, lambda: Client(request, kind), small) for _ in range(count)]
    await eventually(lambda: all(client.greeted for client in clients), within=_DEADLINE_S, what="every greeting")
    return clients


async def delivered(clients: list[Client], events: int) -> None:
    """Wait until every client has had so many events."""

    def all_had() -> bool:
        assert not any(client.lost for client in clients), "the server ended a connection"
        return all(client.events == events for client in clients)

    await eventually(all_had, within=_DEADLINE_S, what="every event")


async def _connected(port: int, make: Callable[[], Client], small: bool) -> Client:
    loop = asyncio.get_running_loop()
    one = socket.socket()
    one.setblocking(False)
    if small:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
    await loop.sock_connect(one, ("127.0.0.1", port))
    _, client = await loop.create_connection(make, sock=one)
    return client
