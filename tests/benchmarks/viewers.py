"""200 viewers at 100 events a second: from an append to what each client receives, and what it costs the server.

The baseline is the bare `StreamingResponse` of the streams' benchmark, which stores nothing: it is told of an
event, and sends it. Ours appends each event, commits it, and sends it through the whole application: on SQLite
within one process; and as in a fleet, on PostgreSQL, where another process appends. Latency counts from when an
event was due, of every event at every client. CPU is all that the server takes meanwhile, over what it delivered.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from tests.benchmarks.measuring import Comparison, Say, in_turn
from tests.benchmarks.stream_clients import connected, delivered
from tests.benchmarks.told import Told, telling
from tests.support import postgresql

TITLE = "Fleet: 200 viewers at 100 events/s"

_VIEWERS = 200
_EVENTS = 400
_PAUSE_S = 0.01
_ROUNDS = 3


@dataclass(frozen=True)
class _Seen:
    median_ms: float
    worst_ms: float
    """Of 99 in 100."""
    cpu_us: float


def measure(say: Say) -> list[Comparison]:
    """Our two servers and the bare one, in turn."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgresql.database())
        writer = await stack.enter_async_context(telling("log_writer", "locked", url))
        alone = await stack.enter_async_context(telling("stream_servers", "ours"))
        beside = await stack.enter_async_context(telling("stream_servers", "ours", url))
        bare = await stack.enter_async_context(telling("stream_servers", "bare"))
        say(f"{_ROUNDS} rounds of {_EVENTS} events to {_VIEWERS} clients of three servers")
        one, other, baseline = await in_turn(
            _ROUNDS, lambda: _watched(alone), lambda: _watched(beside, writer), lambda: _watched(bare)
        )
    return [
        *_compared("one process, SQLite", one, baseline),
        *_compared("another appends, PostgreSQL", other, baseline),
    ]


def _compared(where: str, ours: list[_Seen], baseline: list[_Seen]) -> list[Comparison]:
    bare = "a bare StreamingResponse"
    return [
        Comparison(
            f"{where}: median", bare, "ms", [seen.median_ms for seen in ours], [seen.median_ms for seen in baseline]
        ),
        Comparison(
            f"{where}: 99th percentile", bare, "ms",
            [seen.worst_ms for seen in ours], [seen.worst_ms for seen in baseline],
        ),
        Comparison(
            f"{where}: CPU per event delivered", bare, "µs",
            [seen.cpu_us for seen in ours], [seen.cpu_us for seen in baseline],
        ),
    ]  # fmt: skip


async def _watched(server: Told, writer: Told | None = None) -> _Seen:
    """One round: clients that stay for all events, which the server appends unless another does."""
    path = (await server.ask("path"))["path"]
    clients = await connected(_VIEWERS, server.started["port"], path, server.started["token"])
    if writer is None:
        before = (await server.ask("pace", _EVENTS, _PAUSE_S))["cpu"]
        due = (await server.answer())["due"]
    else:
        before = (await server.ask("cpu"))["cpu"]
        due = (await writer.ask("pace", _EVENTS, _PAUSE_S))["due"]
    await delivered(clients, _EVENTS)
    after = (await server.ask("cpu"))["cpu"]
    for client in clients:
        client.leave()
    late = [
        (came - moment) * 1000 for client in clients for came, moment in zip(client.arrivals, due, strict=True)
    ]  # fmt: skip
    return _Seen(median(late), quantiles(late, n=100)[-1], (after - before) / len(late) * 1e6)
