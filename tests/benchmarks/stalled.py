"""Memory of a server with 200 viewers that take nothing, against one without viewers and one whose viewers read.

Three servers of the same kind append the same events, in process and through the whole application. The stalled
viewers have been greeted and then take nothing: their sockets' buffers fill, and what they miss stays in the log.
Kept for each of them, it would be gigabytes. Each round misses more, and counts the largest memory during it: what
grew with what is missed would show from round to round.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from typing import Literal

import psutil

from tests.benchmarks.measuring import Comparison, Say, in_turn
from tests.benchmarks.stream_clients import Client, connected, delivered
from tests.benchmarks.told import Told, telling

TITLE = "Fleet: memory of a server with 200 stalled viewers"

_VIEWERS = 200
_EVENTS = 2_000
"""Per round. With those before it, less than the ring of encoded frames holds, which grows alike in all three."""
_SIZE = 1_000
"""Characters of an event's text."""
_PAUSE_S = 0.001
_ROUNDS = 4
_LOOK_S = 0.05
_MB = 1 << 20

What = Literal["nobody", "reading", "stalled"]


def measure(say: Say) -> list[Comparison]:
    """The three in turn."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    async with AsyncExitStack() as stack:
        stalling, reading, lonely = [
            await stack.enter_async_context(telling("stream_servers", "ours")) for _ in range(3)
        ]  # fmt: skip
        for server in (stalling, reading, lonely):
            await server.ask("size", _SIZE)
        say(f"{_ROUNDS} rounds of {_EVENTS:,} events of {_SIZE:,} characters, on three servers")
        stalled, read, none = await in_turn(
            _ROUNDS,
            lambda: _largest(stalling, "stalled"),
            lambda: _largest(reading, "reading"),
            lambda: _largest(lonely, "nobody"),
        )
    missed = _VIEWERS * _EVENTS * _SIZE / _MB / 1024
    each = median(more - less for more, less in zip(stalled, none, strict=True)) / _VIEWERS * 1024
    return [
        Comparison(
            f"{_VIEWERS} stalled", "no viewer", "MB", stalled, none,
            note=f"{each:.0f} kB for each; {missed:.1f} GB are missed in a round",
        ),
        Comparison(f"{_VIEWERS} stalled", f"{_VIEWERS} that read", "MB", stalled, read),
        Comparison(f"{_VIEWERS} stalled, last round", "the first round", "MB", stalled[-1:], stalled[:1]),
    ]  # fmt: skip


async def _largest(server: Told, viewers: What) -> float:
    """The server's largest memory in a round."""
    async with _viewing(server, viewers) as clients:
        load = asyncio.create_task(_loaded(server, clients if viewers == "reading" else []))
        process, largest = psutil.Process(server.pid), 0
        while not load.done():
            await asyncio.wait([load], timeout=_LOOK_S)
            largest = max(largest, process.memory_info().rss)
        await load
    return largest / _MB


async def _loaded(server: Told, readers: list[Client]) -> None:
    """Until all of a round's events are appended, and read where somebody reads."""
    await server.ask("pace", _EVENTS, _PAUSE_S)
    await server.answer()
    if readers:
        await delivered(readers, _EVENTS)


@asynccontextmanager
async def _viewing(server: Told, viewers: What) -> AsyncGenerator[list[Client]]:
    path = (await server.ask("path"))["path"]
    count = 0 if viewers == "nobody" else _VIEWERS
    small = viewers == "stalled"
    clients = await connected(count, server.started["port"], path, server.started["token"], small=small)
    try:
        if viewers == "stalled":
            for client in clients:
                client.stall()
        yield clients
    finally:
        for client in clients:
            client.leave()
