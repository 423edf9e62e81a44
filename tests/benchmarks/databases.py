"""The same server on PostgreSQL and on SQLite: one job, many at once, and appends to the log alone.

Jobs are asked for over HTTP of a server that does them itself, with a demo model that takes no time. Appends are made
by the real writer in a process of its own. PostgreSQL puts every commit on the disk, and is another process; SQLite
leaves what a crash of the machine can lose to the system, and is a library. What is measured is what a fleet's
database costs where one process would do.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from skill_fleet_server.database.sqlite import sqlite_url
from tests.benchmarks.fleet_jobs import seconds_for
from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.benchmarks.told import Told, telling
from tests.support import postgresql
from tests.support.server import ServerProcess, running_server

TITLE = "Fleet: PostgreSQL against SQLite"

_ROUNDS = 4
_ALONE = 3
"""Jobs one after the other, per round."""
_TOGETHER = 16
_APPENDS = 300
_BURST = 200


@dataclass(frozen=True)
class _Contender:
    server: ServerProcess
    writer: Told

    async def one_job(self) -> float:
        """Milliseconds."""
        return sum([await seconds_for(self.server, 1) for _ in range(_ALONE)]) / _ALONE * 1000

    async def one_of_many(self) -> float:
        """Milliseconds."""
        return await seconds_for(self.server, _TOGETHER) / _TOGETHER * 1000

    async def append(self) -> float:
        """Milliseconds."""
        return (await self.writer.ask("append", _APPENDS))["seconds"] / _APPENDS * 1000

    async def one_of_burst(self) -> float:
        """Milliseconds."""
        return (await self.writer.ask("together", _BURST))["seconds"] / _BURST * 1000


def measure(say: Say) -> list[Comparison]:
    """Both, alternately."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    async with _contenders() as (ours, baseline):
        await asyncio.gather(ours.one_of_many(), baseline.one_of_many())
        say(f"{_ROUNDS} rounds of {_ALONE} jobs, one after the other")
        alone = await alternate_async(_ROUNDS, ours.one_job, baseline.one_job)
        say(f"{_ROUNDS} rounds of {_TOGETHER} jobs at once")
        together = await alternate_async(_ROUNDS, ours.one_of_many, baseline.one_of_many)
        say(f"{_ROUNDS} rounds of {_APPENDS} appends, and of {_BURST} at once")
        append = await alternate_async(_ROUNDS, ours.append, baseline.append)
        burst = await alternate_async(_ROUNDS, ours.one_of_burst, baseline.one_of_burst)
    return [
        Comparison("one job", "SQLite", "ms", *alone),
        Comparison(f"one of {_TOGETHER} jobs at once", "SQLite", "ms", *together),
        Comparison("appending an event", "SQLite", "ms", *append),
        Comparison(f"appending one of {_BURST} at once", "SQLite", "ms", *burst),
    ]


@asynccontextmanager
async def _contenders() -> AsyncGenerator[tuple[_Contender, _Contender]]:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = [stack.enter_context(postgresql.database()) for _ in range(2)]
        quiet = {"SKILL_FLEET_LOG_LEVEL": "error"}
        on_postgresql = running_server(
            directory / "postgresql" / "data", environment={**quiet, "SKILL_FLEET_DATABASE_URL": urls[0]}
        )
        on_sqlite = running_server(directory / "sqlite" / "data", environment=quiet)
        servers = [await stack.enter_async_context(server) for server in (on_postgresql, on_sqlite)]
        writers = [
            await stack.enter_async_context(telling("log_writer", "locked", url))
            for url in (urls[1], sqlite_url(directory / "alone.sqlite"))
        ]
        yield _Contender(servers[0], writers[0]), _Contender(servers[1], writers[1])
