"""A process that appends to a log as a worker does: `log_writer locked|unlocked DATABASE_URL`.

The writer is the real one. Unlocked, it is made to leave out what orders the commits of several: the lock, and
the row that says where the log ends. Its positions come from a sequence, so that they are unique and nothing more;
the statements that store an event and tell of it stay the same.

Told by lines, and answers with lines of JSON (`told`): `append COUNT` one after the other, `together COUNT` all at
once, `pace COUNT PAUSE` each when it is due.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa

from skill_fleet_common.events import Progress, ProgressData
from skill_fleet_common.jobs import JobView, Phase
from skill_fleet_server import logs
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.events.writer import _ADD_EVENTS, _BATCH, _SET_VIEW, Writer
from skill_fleet_server.http_server import loop_factory
from tests.benchmarks.told import answer, commands
from tests.support.events import created, job_row

Append = Callable[[], Awaitable[Any]]
"""Appends one event."""

_SEQUENCE = "benchmark_positions"


class UnlockedWriter(Writer):
    """The writer without what makes positions come in the order of commits."""

    def _begin(self, connection: sa.Connection) -> int:
        # One number stands for as many positions as a batch can need.
        return connection.scalar(sa.text(f"SELECT nextval('{_SEQUENCE}')")) or 0

    def _store(
        self, connection: sa.Connection, rows: list[dict[str, object]], views: dict[str, JobView], head: int
    ) -> str:  # fmt: skip
        connection.execute(_ADD_EVENTS, rows)
        told = [
            {"of": job_id, "view": view.model_dump_json(), "status": view.status, "updated_at": view.updated_at}
            for job_id, view in views.items()
        ]
        connection.execute(_SET_VIEW, told)
        return self._database.backend.announce(connection)


async def own_job(log: EventLog, text: str = "Writing SKILL.md") -> Callable[[Transaction], int]:
    """Begin a job; returns the unit of work that appends an event to it."""
    job_id = secrets.token_hex(6)
    await log.transact(lambda tx: tx.create(job_row(job_id), created(job_id)))
    event = Progress(job_id=job_id, phase=Phase.GENERATION, data=ProgressData(text=text))
    return lambda tx: tx.append(event)


async def at_pace(append: Append, count: int, pause_s: float) -> list[float]:
    """Append events when they are due, whatever has become of the ones before; returns when each was due, by the
    clock that all processes of a machine share. Counting from then, a busy process cannot hide its delay."""
    due = [time.monotonic() + number * pause_s for number in range(count)]
    async with asyncio.TaskGroup() as group:
        for moment in due:
            await asyncio.sleep(max(moment - time.monotonic(), 0))
            group.create_task(_done(append))
    return due


async def _done(append: Append) -> None:
    await append()


@asynccontextmanager
async def _appending(kind: str, database: Database) -> AsyncGenerator[Append]:
    log = await EventLog.open(database)
    work = await own_job(log)
    if kind == "locked":
        yield partial(log.transact, work)
        await log.close()
        return
    await log.close()
    with database.writer.begin() as connection:
        connection.execute(
            sa.text(f"CREATE SEQUENCE IF NOT EXISTS {_SEQUENCE} START 1000000 INCREMENT {_BATCH * 2}")
        )  # fmt: skip
    loop = asyncio.get_running_loop()
    writer = UnlockedWriter(database, epoch=log.epoch, head=log.head, loop=loop, on_commit=lambda frames: None)
    yield partial(writer.submit, work)
    writer.close()


async def run(kind: str, url: str) -> None:
    """Obey until nobody tells anything any more."""
    database = Database(url)
    await asyncio.to_thread(upgrade, database)
    async with _appending(kind, database) as append:
        answer(ready=True)
        async for command in commands():
            match command:
                case ["append", count]:
                    began = time.perf_counter()
                    for _ in range(int(count)):
                        await append()
                    answer(seconds=time.perf_counter() - began)
                case ["together", count]:
                    began = time.perf_counter()
                    await asyncio.gather(*(append() for _ in range(int(count))))
                    answer(seconds=time.perf_counter() - began)
                case ["pace", count, pause]:
                    answer(due=await at_pace(append, int(count), float(pause)))
    database.close()


def main(kind: str, url: str) -> None:
    logs.configure("error", "console")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(kind, url))


if __name__ == "__main__":
    main(*sys.argv[1:])
