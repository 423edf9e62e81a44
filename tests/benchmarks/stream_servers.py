"""The servers of the streams' benchmarks, each a process of its own: `stream_servers ours|bare [DATABASE_URL]`.

Both run under the same uvicorn settings and publish the same frames at the same pace. Ours is the whole
application: every layer that a real connection passes. The bare one is a `StreamingResponse` over a list of
frames that are bytes already, one bell for all connections: the least that can do the job. Publishing in
ours begins where a commit ends, so that appending and committing are not counted as streaming; what is paced is
appended, as a job's events are. With a database of PostgreSQL ours runs no jobs, as a server beside workers.

Told by lines, and answers with lines of JSON (`told`).
"""

import asyncio
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from skill_fleet_common.events import Progress, ProgressData
from skill_fleet_common.jobs import Phase
from skill_fleet_server import logs
from skill_fleet_server.api.app import create_app
from skill_fleet_server.events.frames import MEDIA_TYPE
from skill_fleet_server.events.transaction import Encoded, encoded
from skill_fleet_server.http_server import HttpServer, loop_factory
from skill_fleet_server.services import Services, open_services
from skill_fleet_server.settings import ServerSettings
from tests.benchmarks.log_writer import Append, at_pace, own_job
from tests.benchmarks.told import answer, commands

TOKEN = "a-token-for-benchmarks"
_STREAMS = 1_000


class Source(Protocol):
    """What a server publishes through."""

    @property
    def head(self) -> int:
        """Position of the newest frame."""
        ...

    def path(self) -> str:
        """Where a client asks for everything from now on."""
        ...

    def publish(self, frames: list[Encoded]) -> None:
        """Hand frames to every connection."""
        ...

    async def appender(self, text: str) -> Append:
        """What lets an event with this text happen."""
        ...


class OurLog:
    """The real event log. What is published is published as from the commit on."""

    def __init__(self, services: Services) -> None:
        self._log = services.log

    @property
    def head(self) -> int:
        return self._log.head

    def path(self) -> str:
        return f"/api/v1/events?from={self._log.epoch}.{self.head}"

    def publish(self, frames: list[Encoded]) -> None:
        self._log._committed(frames)

    async def appender(self, text: str) -> Append:
        return partial(self._log.transact, await own_job(self._log, text))


class BareFrames:
    """A list of bytes and a bell."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.bell = asyncio.Event()

    @property
    def head(self) -> int:
        return len(self.frames)

    def path(self) -> str:
        return "/"

    def publish(self, frames: list[Encoded]) -> None:
        self.frames.extend(frame.frame for frame in frames)
        rung, self.bell = self.bell, asyncio.Event()
        rung.set()

    async def appender(self, text: str) -> Append:
        async def append() -> None:
            self.publish([frame])

        frame = _frame(1, text)
        return append

    async def stream(self, _request: Request) -> StreamingResponse:
        return StreamingResponse(self._chunks(len(self.frames)), media_type=MEDIA_TYPE)

    async def _chunks(self, at: int) -> AsyncGenerator[bytes]:
        yield b"event: hello\ndata: {}\n\n"
        while True:
            bell = self.bell
            while at < len(self.frames):
                yield self.frames[at]
                at += 1
                await asyncio.sleep(0)
            await bell.wait()


async def run(kind: str, url: str | None) -> None:
    """Serve, and obey until nobody tells anything any more."""
    async with AsyncExitStack() as stack:
        if kind == "ours":
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = ServerSettings(
                data_dir=directory, demo_delay=0, streams_per_principal=_STREAMS, database_url=url, works=url is None
            )
            services = await stack.enter_async_context(open_services(settings))
            source: Source = OurLog(services)
            app: Any = create_app(services, token=TOKEN)
        else:
            source = bare = BareFrames()
            app = Starlette(routes=[Route("/", bare.stream)])
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512))
        server = HttpServer(app, on_started=lambda: answer(port=listener.getsockname()[1], token=TOKEN))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await _obey(source)
        server.should_exit = True
        server._abort_all()
        await serving


async def _obey(source: Source) -> None:
    append = await source.appender("Writing SKILL.md")
    async for command in commands():
        match command:
            case ["size", size]:
                append = await source.appender("x" * int(size))
                answer(size=int(size))
            case ["path"]:
                answer(path=source.path())
            case ["publish", count, burst, pause]:
                await _publish(source, int(count), int(burst), float(pause))
            case ["pace", count, pause]:
                answer(cpu=time.process_time())
                answer(due=await at_pace(append, int(count), float(pause)))
            case ["cpu"]:
                answer(cpu=time.process_time())


async def _publish(source: Source, count: int, burst: int, pause: float) -> None:
    frames = [_frame(source.head + number, "Writing SKILL.md") for number in range(1, count + 1)]
    answer(cpu=time.process_time())
    loop = asyncio.get_running_loop()
    due = loop.time()
    for at in range(0, count, burst):
        source.publish(frames[at : at + burst])
        due += pause
        await asyncio.sleep(max(due - loop.time(), 0))


def _frame(pos: int, text: str) -> Encoded:
    event = Progress(job_id="0123456789ab", seq=pos, phase=Phase.GENERATION, data=ProgressData(text=text))
    body = event.model_dump_json(exclude={"v", "type", "pos"}, exclude_none=True)
    return encoded("benchmar", pos, event.job_id, event.type, event.v, body, "")


def main(kind: str, url: str | None = None) -> None:
    logs.configure("error", "console")
    factory: Callable[[], asyncio.AbstractEventLoop] | None = loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(run(kind, url))


if __name__ == "__main__":
    main(*sys.argv[1:])
