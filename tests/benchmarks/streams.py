"""Server CPU per delivered event: the real event stream, and a bare `StreamingResponse` of pre-encoded bytes.

Both servers are processes of their own (`stream_servers`) that publish the same frames at the same pace;
what publishing costs without any client is measured, too, and taken off. CPU time counts, not the clock:
the clients share the machine. One event at a time is the stream's worst case; events that arrive together
are sent together, which the last row shows.
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.support.server import eventually

TITLE = "Stream: server CPU per delivered event"

_ROUNDS = 3
_DEADLINE_S = 30.0


@dataclass(frozen=True)
class Load:
    """How many clients, and what is published to them."""

    clients: int
    events: int
    pause_s: float
    burst: int = 1

    @property
    def publications(self) -> int:
        return self.events // self.burst

    def __str__(self) -> str:
        clients = "1 client" if self.clients == 1 else f"{self.clients} clients"
        return clients if self.burst == 1 else f"{clients}, {self.burst} events at once"


LOADS = (Load(1, 2000, 0.0005), Load(50, 300, 0.004), Load(200, 150, 0.01), Load(50, 1500, 0.01, burst=10))


def measure(say: Say) -> list[Comparison]:
    """Every load in every round, alternately on both servers."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    async with _running("ours") as ours, _running("bare") as bare:
        say(f"{_ROUNDS} rounds of {', '.join(map(str, LOADS))}")
        ours_by_round, bare_by_round = await alternate_async(_ROUNDS, lambda: _round(ours), lambda: _round(bare))
    return [
        Comparison(
            str(load),
            "a bare StreamingResponse",
            "µs",
            [by_load[load] for by_load in ours_by_round],
            [by_load[load] for by_load in bare_by_round],
        )
        for load in LOADS
    ]


async def _round(server: "_Server") -> dict[Load, float]:
    """Microseconds per delivered event, by load."""
    nobody = Load(0, 2000, 0.0005)
    publishing = await server.seconds(nobody) / nobody.publications
    values: dict[Load, float] = {}
    for load in LOADS:
        seconds = await server.seconds(load) - publishing * load.publications
        values[load] = seconds / (load.events * load.clients) * 1e6
    return values


class _Server:
    """One server process, told what to do by lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.port = 0
        self.token = ""

    async def ask(self, *command: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write((" ".join(map(str, command)) + "\n").encode())
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(_DEADLINE_S):
            return json.loads(await self._process.stdout.readline())

    async def seconds(self, load: Load) -> float:
        """CPU that the server takes for a load, from the first event published to the last one delivered."""
        path = (await self.ask("path"))["path"]
        clients = [await self._connected(path) for _ in range(load.clients)]
        await eventually(lambda: all(client.frames == 1 for client in clients), within=_DEADLINE_S)
        before = (await self.ask("publish", load.events, load.burst, load.pause_s))["cpu"]
        after = (await self.ask("cpu"))["cpu"]
        if clients:
            delivered = 1 + load.events
            await eventually(lambda: all(client.frames == delivered for client in clients), within=_DEADLINE_S)
            after = (await self.ask("cpu"))["cpu"]
        for client in clients:
            client.leave()
        return after - before

    async def _connected(self, path: str) -> "_Client":
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: _Client(request.encode()), "127.0.0.1", self.port)
        return client


class _Client(asyncio.Protocol):
    """A connection that counts frames and does no more, so that clients leave the machine to the servers."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._last = b""
        self.frames = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.frames += (self._last + data).count(b"\n\n")
        self._last = data[-1:]

    def leave(self) -> None:
        assert self._transport is not None
        self._transport.abort()


@asynccontextmanager
async def _running(kind: str) -> AsyncGenerator[_Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.stream_servers", kind,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    server = _Server(process)
    try:
        listening = await server.answer()
        server.port, server.token = listening["port"], listening["token"]
        yield server
        process.stdin.close()
        await asyncio.wait_for(process.wait(), _DEADLINE_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
