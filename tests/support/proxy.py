"""A TCP proxy that does to connections what networks do, between a client and a server."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

_READ: Final = 4096
_SHAPED: Final = 2_000
"""So many bytes of each way are cut into pieces or delayed, the rest passes whole: tens of thousands of tiny writes
would measure this machine and nothing else."""

_HOLE_S: Final = 2.5
"""How long a connection into a black hole stays open."""

_NO_LINGER: Final = struct.pack("ii", 1, 0)


class End(StrEnum):
    """How a connection is cut."""

    FIN = "fin"
    RST = "rst"
    HOLE = "hole"
    """Nothing passes any more, and nobody is told; after a while it is reset."""


@dataclass(frozen=True)
class Weather:
    """What becomes of one connection."""

    allowance: int | None = None
    """After so many bytes, in both directions together, it is cut; `None` means never."""
    end: End = End.RST
    piece: int | None = None
    """In what pieces its bytes are passed on."""
    delay: float = 0.0
    """Seconds before each piece."""


CALM: Final = Weather()

Forecast = Callable[[random.Random], Weather]


def foul(chance: random.Random) -> Weather:
    """Any weather: every connection comes to an end before long."""
    return Weather(
        allowance=chance.randrange(200, 60_000),
        end=chance.choice(list(End)),
        piece=chance.choice([None, None, 1, 7, 100]),
        delay=chance.choice([0.0, 0.0, 0.001]),
    )


def rough(chance: random.Random) -> Weather:
    """Pieces and delays, but no end."""
    return Weather(piece=chance.choice([None, 1, 7, 100]), delay=chance.choice([0.0, 0.001]))


class _Connection:
    """A client's connection and the one made for it."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter, weather: Weather) -> None:
        self.near, self.far = near, far
        self.weather = weather
        self.allowance = weather.allowance
        self.cut = asyncio.Event()
        self.end = weather.end


class FaultyProxy:
    """Forwards to a port of this machine, or to a socket in its file system, through some weather.

    Args:
        to: The port, or the socket's path.
        chance: From which the weather of each connection is drawn.
        weather: How it is drawn.
    """

    def __init__(self, to: int | Path, chance: random.Random, weather: Forecast = foul) -> None:
        self.port = 0
        self.to = to
        self.weather = weather
        self.cuts = 0
        self._chance = chance
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator["FaultyProxy"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def clear_up(self) -> None:
        """From now on connections pass unharmed; those that there are keep their weather."""
        self.weather = lambda _chance: CALM

    def cut_some(self, end: End, share: float) -> int:
        """Cut a share of the open connections at once; returns how many."""
        chosen = [connection for connection in self._open if self._chance.random() < share]
        for connection in chosen:
            connection.end = end
            connection.cut.set()
        return len(chosen)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connection(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._far()
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(writer, far_writer, self.weather(self._chance))
        self._open.add(connection)
        ways = [
            asyncio.create_task(self._pass_on(reader, far_writer, connection)),
            asyncio.create_task(self._pass_on(far_reader, writer, connection)),
            asyncio.create_task(connection.cut.wait()),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            if connection.cut.is_set():
                await self._cut(connection)
        finally:
            self._open.discard(connection)
            for way in ways:
                way.cancel()
            for end in (writer, far_writer):
                end.close()

    async def _far(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.to, Path):
            return await asyncio.open_unix_connection(str(self.to))
        return await asyncio.open_connection("127.0.0.1", self.to)

    async def _cut(self, connection: _Connection) -> None:
        self.cuts += 1
        if connection.end is End.HOLE:
            # Nobody reads and nobody writes: to both sides it looks like a cable that was pulled.
            await asyncio.sleep(_HOLE_S)
        if connection.end is not End.FIN:
            for writer in (connection.near, connection.far):
                plug = writer.get_extra_info("socket")
                if plug is not None and plug.family != socket.AF_UNIX:
                    with contextlib.suppress(OSError):
                        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                writer.transport.abort()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: _Connection
    ) -> None:
        shaped = _SHAPED if connection.weather.piece or connection.weather.delay else 0
        with contextlib.suppress(OSError):
            while data := await reader.read(_READ):
                if connection.allowance is not None:
                    data = data[: connection.allowance]
                    connection.allowance -= len(data)
                for piece in self._pieces(data, connection.weather, shaped):
                    writer.write(piece)
                    await writer.drain()
                    if shaped > 0:
                        await asyncio.sleep(connection.weather.delay)
                shaped -= len(data)
                if connection.allowance == 0:
                    connection.cut.set()
                    return

    @staticmethod
    def _pieces(data: bytes, weather: Weather, shaped: int) -> list[bytes]:
        size = weather.piece
        if not size or shaped <= 0:
            return [data]
        fine, rest = data[:shaped], data[shaped:]
        return [*(fine[at : at + size] for at in range(0, len(fine), size)), *([rest] if rest else [])]
