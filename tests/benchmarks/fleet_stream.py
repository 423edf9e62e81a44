"""The least server that the dashboard can be connected to: one event stream, whose pace the benchmark sets.

Costs its process next to nothing, so that the program which reads has the machine to itself.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

from skill_fleet_common.events import Keepalive
from tests.benchmarks.traffic import EVENTS_PER_SECOND, as_json
from tests.support.server import eventually
from tests.unit.store.builders import hello

_EVERY_S = 0.005
_KEEPALIVE_S = 1.0


class FleetStream:
    """Serves `beginning` to a connection without a cursor, and to all what is fed."""

    def __init__(self, beginning: Sequence[str]) -> None:
        self._beginning = b"".join(map(_frame, beginning))
        self.url = ""
        self.writers: set[asyncio.StreamWriter] = set()
        """Of the connections that stream."""

    async def feed(self, frames: Sequence[str]) -> None:
        """Send frames at the pace of the load, a few at a time."""
        blocks = [*map(_frame, frames)]
        loop = asyncio.get_running_loop()
        began, fed = loop.time(), 0
        while fed < len(blocks):
            due = int((loop.time() - began) * EVENTS_PER_SECOND)
            for writer in self.writers:
                writer.write(b"".join(blocks[fed:due]))
            fed = max(due, fed)
            await asyncio.sleep(_EVERY_S)

    async def keep_alive(self) -> None:
        """Say now and then that all is well: a silent connection is given up."""
        while True:
            await asyncio.sleep(_KEEPALIVE_S)
            for writer in self.writers:
                writer.write(_frame(as_json(Keepalive(pos=0))))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: the stream, or nothing."""
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        if not request.startswith("GET /api/v1/events"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            resumed = "from=" in request or "last-event-id:" in request.lower()
            writer.write(_frame(as_json(hello("resumed"))) if resumed else self._beginning)
            self.writers.add(writer)
            with suppress(ConnectionError):
                await reader.read()
            self.writers.discard(writer)
        writer.close()


@asynccontextmanager
async def serving(beginning: Sequence[str]) -> AsyncGenerator[FleetStream]:
    """A server for the length of a measurement."""
    stream = FleetStream(beginning)
    server = await asyncio.start_server(stream.answer, "127.0.0.1", 0)
    stream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    breathing = asyncio.create_task(stream.keep_alive())
    try:
        yield stream
    finally:
        breathing.cancel()
        server.close()
        for writer in stream.writers:
            writer.close()
        await eventually(lambda: not stream.writers, what="the end of the connections")


def _frame(body: str) -> bytes:
    frame = json.loads(body)
    place = f"id: e1.{frame['pos']}\n" if frame.get("pos") else ""
    return f"{place}event: {frame['type']}\ndata: {body}\n\n".encode()
