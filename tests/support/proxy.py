"""A TCP proxy that cuts connections: what stands between a client and a server in the real world."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator
from typing import Final

_MOST_BYTES: Final = 60_000
"""At most so much passes in either direction before a connection is cut: more than any one response has here."""


class CuttingProxy:
    """Forwards to a port of this machine, and cuts each connection after a random amount of bytes."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.port = 0
        self.cuts = 0
        self._to = port
        self._chance = chance

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator["CuttingProxy"]:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        # Both ends share an allowance, so that a cut falls anywhere: within a request, a response, or between.
        allowance = [self._chance.randrange(200, _MOST_BYTES)]
        ways = [
            asyncio.create_task(self._pass_on(reader, far_writer, allowance)),
            asyncio.create_task(self._pass_on(far_reader, writer, allowance)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            writer.transport.abort()
            far_writer.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowance: list[int]) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                writer.write(data[: allowance[0]])
                await writer.drain()
                allowance[0] -= len(data)
                if allowance[0] <= 0:
                    self.cuts += 1
                    return
