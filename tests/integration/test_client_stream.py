"""The stream over real HTTP: a server of a few lines plays a script of bytes and pauses."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from skill_fleet_common.events import Bye, ByeData, Event, Hello, HelloData, Progress, ProgressData
from skill_fleet_server.events.frames import Cursor, encode
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.states import ConnectionState, Live, Waiting
from skill_fleet_tui.client.stream import EventStream
from tests.support.server import eventually

Script = Sequence[bytes | float]
"""Bytes to send, and seconds to be silent."""


class Server:
    """An ASGI application that plays one script per connection, and cuts the connection where a script is negative."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self._scripts = list(scripts)
        self.cursors: list[str | None] = []

    async def __call__(self, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            return
        self.cursors.append(dict(scope["headers"]).get(b"last-event-id", b"").decode() or None)
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in self._scripts.pop(0):
            if isinstance(part, bytes):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            elif part < 0:
                raise ConnectionAbortedError
            else:
                await asyncio.sleep(part)
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving(app: Server) -> AsyncGenerator[str]:
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started, what="the server's start")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def hello(resume: str, keepalive: float = 3.0) -> bytes:
    data = HelloData.model_validate({"epoch": "e", "head": 9, "oldest": 0, "resume": resume, "keepalive_s": keepalive})
    return encode(Hello(data=data), retry_ms=10)


def event(number: int) -> bytes:
    frame = Progress(pos=number, job_id="j", seq=number, data=ProgressData(text="naïve 日本"))
    return encode(frame, cursor=Cursor("e", number))


COMPLETE = encode(Bye(data=ByeData(reason="complete")))


async def play(*scripts: Script) -> tuple[Server, list[int], list[ConnectionState]]:
    app = Server(scripts)
    heard: list[Event] = []
    states: list[ConnectionState] = []
    async with serving(app) as url, ApiClient(url) as api, asyncio.timeout(20):
        await EventStream(api, job="j").run(heard.append, states.append)
    return app, [frame.seq for frame in heard if isinstance(frame, Progress)], states


async def test_every_event_arrives_once_over_ends_cuts_and_silence() -> None:
    whole = b"".join(event(number) for number in range(1, 5))
    app, seqs, states = await play(
        [hello("snapshot"), whole[:100], 0.01, whole[100:], b": comment\n\n"],
        [hello("resumed"), event(5), event(6)[:40], -1],
        [hello("resumed", keepalive=0.1), event(6), 30.0],
        [hello("resumed"), event(7), COMPLETE],
    )

    assert seqs == [1, 2, 3, 4, 5, 6, 7]
    assert app.cursors == [None, "e.4", "e.5", "e.6"]
    assert sum(isinstance(state, Live) for state in states) == 4
    assert any(isinstance(state, Waiting) and "silent" in state.reason for state in states)


async def test_one_byte_at_a_time() -> None:
    whole = hello("snapshot") + event(1) + event(2) + COMPLETE
    _, seqs, _ = await play([whole[at : at + 1] for at in range(len(whole))])

    assert seqs == [1, 2]
