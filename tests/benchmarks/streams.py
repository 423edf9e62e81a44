"""Server CPU per delivered event: the real event stream, and a bare `StreamingResponse` of pre-encoded bytes.

Both servers are processes of their own (`stream_servers`) that publish the same frames at the same pace;
what publishing costs without any client is measured, too, and taken off. CPU time counts, not the clock:
the clients share the machine. One event at a time is the stream's worst case; events that arrive together
are sent together, which the last row shows.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.benchmarks.stream_clients import connected, delivered
from tests.benchmarks.told import Told, telling

TITLE = "Stream: server CPU per delivered event"

_ROUNDS = 3


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

    def __init__(self, told: Told) -> None:
        self._told = told

    async def seconds(self, load: Load) -> float:
        """CPU that the server takes for a load, from the first event published to the last one delivered."""
        path = (await self._told.ask("path"))["path"]
        clients = await connected(load.clients, self._told.started["port"], path, self._told.started["token"])
        before = (await self._told.ask("publish", load.events, load.burst, load.pause_s))["cpu"]
        # Answered when everything is published.
        after = (await self._told.ask("cpu"))["cpu"]
        if clients:
            await delivered(clients, load.events)
            after = (await self._told.ask("cpu"))["cpu"]
        for client in clients:
            client.leave()
        return after - before


@asynccontextmanager
async def _running(kind: str) -> AsyncGenerator[_Server]:
    async with telling("stream_servers", kind) as told:
        yield _Server(told)
