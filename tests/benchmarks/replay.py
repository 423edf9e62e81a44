"""Reading 100,000 events back: a stream's chunks, and sqlite3 alone reading the same rows of the same file.

In this process and without HTTP: what is measured is the way from the table, or from the ring, to the bytes
that a connection would be handed. The ring holds the newest 16 MiB of frames, so its 100,000 are the newest
50,000 twice. The log that is read was appended by the real writer.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from skill_fleet_common.events import Progress, ProgressData
from skill_fleet_common.jobs import Phase
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.stream import Stream
from skill_fleet_server.events.streams import Streams
from skill_fleet_server.events.subscription import Subscription
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.http_server import loop_factory
from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.support.events import created, job_row

TITLE = "Replay of 100,000 events: time per event"

_EVENTS = 100_000
_IN_RING = 50_000
_JOBS = 100
_ROUNDS = 3
_ROWS = "SELECT pos, job_id, type, v, body FROM event WHERE pos > ? ORDER BY pos"


def measure(say: Say) -> list[Comparison]:
    """The ring while the log that wrote it is open; the table when it has been opened anew and the ring is empty."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "fleet.sqlite"
        async with _open(file) as log:
            say(f"appending {_EVENTS:,} events")
            await _append(log)
            say(f"from the ring, {_ROUNDS} rounds")
            after = log.head - _IN_RING
            ring = await alternate_async(_ROUNDS, lambda: _replayed(log, after, 2), lambda: _read(file, after, 2))
        async with _open(file) as log:
            say(f"from the table, {_ROUNDS} rounds")
            after = log.head - _EVENTS
            table = await alternate_async(_ROUNDS, lambda: _replayed(log, after, 1), lambda: _read(file, after, 1))
    return [_comparison("from the table", table), _comparison("from the ring", ring)]


def _comparison(what: str, seconds: tuple[list[float], list[float]]) -> Comparison:
    ours, baseline = ([value / _EVENTS * 1e6 for value in values] for values in seconds)
    speed = f"{_EVENTS / sorted(seconds[0])[len(seconds[0]) // 2]:,.0f} events/s"
    return Comparison(what, "sqlite3 reading the rows", "µs", ours, baseline, note=speed)


@asynccontextmanager
async def _open(file: Path) -> AsyncGenerator[EventLog]:
    database = Database(sqlite_url(file))
    await asyncio.to_thread(upgrade, database)
    log = await EventLog.open(database)
    try:
        yield log
    finally:
        await log.close()
        database.close()


async def _append(log: EventLog) -> None:
    jobs = [f"job-{number:08}" for number in range(_JOBS)]
    for job in jobs:
        await log.transact(lambda tx, job=job: tx.create(job_row(job), created(job)))

    def work(tx: Transaction) -> None:
        for number in range(_JOBS * 10):
            data = ProgressData(text="Writing SKILL.md")
            tx.append(Progress(job_id=jobs[number % _JOBS], phase=Phase.GENERATION, data=data))

    for _ in range(_EVENTS // (_JOBS * 10)):
        await log.transact(work)


async def _replayed(log: EventLog, after: int, times: int) -> float:
    """Seconds until a stream has handed out everything after a position."""
    streams = Streams(log, LiveText())
    began = time.perf_counter()
    for number in range(1, times + 1):
        asked = Subscription(cursor=Cursor(log.epoch, after))
        async with aclosing(Stream(streams, asked).chunks()) as chunks:
            async for _ in chunks:
                if streams.sent_events == (log.head - after) * number:
                    break
    return time.perf_counter() - began


async def _read(file: Path, after: int, times: int) -> float:
    """Seconds until sqlite3 has handed out the same rows."""
    connection = sqlite3.connect(file)
    began = time.perf_counter()
    for _ in range(times):
        rows = connection.execute(_ROWS, (after,)).fetchall()
        assert len(rows) * times == _EVENTS
    took = time.perf_counter() - began
    connection.close()
    return took
