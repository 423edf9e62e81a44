"""The response that carries a stream: a client that takes nothing loses its connection, and nothing else."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from starlette.types import Message, Scope

from skill_fleet_server.api.events import EventStream

SCOPE: Scope = {"type": "http", "client": ("127.0.0.1", 5), "asgi": {"spec_version": "2.3"}}


class Connection:
    """The server's end of a connection whose client takes so many chunks and then none."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.sent: list[bytes] = []
        self.is_complete = False
        self.closed_generators = 0
        self.severed: list[Any] = []

    async def chunks(self) -> AsyncGenerator[bytes]:
        try:
            for i in range(10):
                yield f"chunk {i}".encode()
        finally:
            self.closed_generators += 1

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            return
        if len(self.sent) == self.takes:
            await asyncio.Event().wait()
        if message["body"]:
            self.sent.append(message["body"])
        self.is_complete = not message["more_body"]

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def serve(self, *, send_seconds: float) -> None:
        def sever(scope: Scope) -> None:
            self.severed.append(scope["client"])

        response = EventStream(self.chunks(), sever=sever, send_seconds=send_seconds)
        await asyncio.wait_for(response(SCOPE, self.receive, self.send), 5)


async def test_who_takes_everything_gets_everything_and_an_end() -> None:
    connection = Connection(takes=100)
    await connection.serve(send_seconds=5)
    assert len(connection.sent) == 10
    assert connection.is_complete
    assert connection.severed == []
    assert connection.closed_generators == 1


@pytest.mark.parametrize("takes", [0, 4])
async def test_who_takes_nothing_for_too_long_is_severed(takes: int) -> None:
    connection = Connection(takes=takes)
    await connection.serve(send_seconds=0.05)
    assert len(connection.sent) == takes
    assert not connection.is_complete
    assert connection.severed == [("127.0.0.1", 5)]
    assert connection.closed_generators == 1
