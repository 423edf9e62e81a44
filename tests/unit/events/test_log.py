"""The event log: order, uniqueness, atomic units of work, and reading from any position."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from skill_fleet_common.events import DurableEvent, parse_event
from skill_fleet_common.fold import fold
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.errors import JobOver, StorageUnavailable
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Encoded, Transaction
from tests.support.events import created, endings, job_row, one_of_each, progress


@asynccontextmanager
async def open_log(directory: Path) -> AsyncGenerator[EventLog]:
    database = Database(sqlite_url(directory / "fleet.sqlite"))
    await asyncio.to_thread(upgrade, database)
    log = await EventLog.open(database)
    try:
        yield log
    finally:
        await log.close()
        database.close()


async def create(log: EventLog, job_id: str) -> None:
    await log.transact(lambda tx: tx.create(job_row(job_id), created(job_id)))


async def append(log: EventLog, event: DurableEvent, key: str | None = None) -> int:
    return await log.transact(lambda tx: tx.append(event, key=key))


async def everything(log: EventLog, after: int = 0, limit: int = 7) -> list[Encoded]:
    found: list[Encoded] = []
    while True:
        page = await log.page(after, limit=limit)
        found += page.frames
        if not page.frames:
            return found
        after = page.scanned


def durable(frames: list[Encoded]) -> list[DurableEvent]:
    parsed = [parse_event(frame.frame.split(b"data: ")[1]) for frame in frames]
    return [event for event in parsed if isinstance(event, DurableEvent)]


def positions(frames: list[Encoded]) -> list[int]:
    return [frame.pos for frame in frames]


async def test_concurrent_appends_get_contiguous_positions_and_contiguous_numbers_per_job(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        jobs = [f"job-{i}" for i in range(5)]
        for job_id in jobs:
            await create(log, job_id)
        await asyncio.gather(*(append(log, progress(job_id)) for _ in range(40) for job_id in jobs))
        frames = await everything(log)
        assert positions(frames) == list(range(1, 206))
        for job_id in jobs:
            events = durable([frame for frame in frames if frame.job_id == job_id])
            assert [event.seq for event in events] == list(range(1, 42))


async def test_every_position_can_be_resumed_from_the_ring_and_from_the_table(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")
        for event in one_of_each():
            await append(log, event)
        from_ring = await everything(log)
    async with open_log(tmp_path) as log:
        assert await everything(log) == from_ring
        for cut in range(len(from_ring) + 1):
            assert await everything(log, after=cut) == from_ring[cut:]


async def test_a_second_append_with_the_same_key_does_nothing(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")
        first, second = await asyncio.gather(append(log, progress(), "half"), append(log, progress(), "half"))
        assert first == second == log.head
        assert await append(log, progress(), "half") == first
    async with open_log(tmp_path) as log:
        assert await append(log, progress(), "half") == first


async def test_work_that_raises_leaves_nothing_and_harms_no_other(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")

        def half_done(tx: Transaction) -> None:
            tx.append(progress(text="never happened"))
            raise LookupError("no")

        outcomes = await asyncio.gather(
            append(log, progress(text="before")),
            log.transact(half_done),
            append(log, progress(text="after")),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], LookupError)
        told = b"".join(frame.frame for frame in await everything(log))
        assert b"before" in told
        assert b"after" in told
        assert b"never happened" not in told
        assert positions(await everything(log)) == [1, 2, 3]


@pytest.mark.parametrize("ending", endings(), ids=lambda event: event.type)
async def test_nothing_follows_a_jobs_last_event(tmp_path: Path, ending: DurableEvent) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")
        await append(log, ending)
        with pytest.raises(JobOver):
            await append(log, progress())
        outcomes = await asyncio.gather(*(append(log, e) for e in endings()), return_exceptions=True)
        assert all(isinstance(outcome, JobOver) for outcome in outcomes)


async def test_the_stored_view_is_the_fold_of_the_events(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")
        for event in one_of_each():
            await append(log, event)
            snapshot = await log.snapshot()
            assert snapshot.views == [fold(None, durable(await everything(log)))]
            assert snapshot.as_of == log.head


async def test_a_reader_that_took_its_wake_first_is_woken_by_the_next_commit(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")
        wake = log.wake()
        assert (await log.page(log.head)).frames == []
        await append(log, progress())
        assert wake.is_set()


async def test_a_filtered_page_moves_past_what_it_leaves_out(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")
        await create(log, "job-2")
        for _ in range(3):
            await append(log, progress("job-2"))
        page = await log.page(0, jobs=frozenset({"job-1"}))
        assert positions(page.frames) == [1]
        assert page.scanned == log.head


async def test_the_log_keeps_its_identity_over_restarts_and_crashes_but_not_over_a_machine_that_died(
    tmp_path: Path,
) -> None:
    async with open_log(tmp_path) as log:
        epoch = log.epoch
    async with open_log(tmp_path) as log:
        assert log.epoch == epoch
        await log.transact(lambda tx: tx.connection.execute(sa.text("UPDATE log SET boot = 'another boot'")).close())
        crashed = Database(sqlite_url(tmp_path / "fleet.sqlite"))
        reopened = await EventLog.open(crashed)
        assert reopened.epoch != epoch
        await reopened.close()
        crashed.close()


async def test_a_full_disk_says_so_keeps_nothing_and_is_over_when_there_is_room(tmp_path: Path) -> None:
    async with open_log(tmp_path) as log:
        await create(log, "job-1")

        def limit_pages(count: int) -> Callable[[Transaction], None]:
            return lambda tx: tx.connection.exec_driver_sql(f"PRAGMA max_page_count={count}").close()

        await log.transact(limit_pages(1))
        with pytest.raises(StorageUnavailable, match="disk is full"):
            await append(log, progress(text="x" * 100_000))
        assert log.head == 1
        await log.transact(limit_pages(1_000_000))
        assert await append(log, progress()) == 2
        assert [event.pos for event in await everything(log)] == [1, 2]
