"""A job's hand on the log: it outlives a full disk, and learns that the job is not wanted any more."""

import asyncio
import gc
import threading
from pathlib import Path

import pytest

from skill_fleet_common.events import ByData, JobCancelling
from skill_fleet_common.jobs import JobStatus
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.hitl.signals import Signals
from skill_fleet_server.workflows.journal import JobCancelledError, Journal
from tests.support.events import endings, progress
from tests.support.streams import Bench, open_bench


async def limit_pages(bench: Bench, count: int) -> None:
    def work(tx: Transaction) -> None:
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count={count}").close()

    await bench.log.transact(work)


async def test_what_happens_while_the_disk_is_full_is_told_when_there_is_room(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        journal = Journal(bench.log, "job-1")
        await limit_pages(bench, 1)
        telling = asyncio.create_task(journal.emit(progress(text="x" * 100_000)))
        done, _ = await asyncio.wait({telling}, timeout=0.1)
        assert not done
        await limit_pages(bench, 1_000_000)
        async with asyncio.timeout(10):
            assert await telling == 2
        assert bench.log.head == 2


async def test_a_job_that_is_being_cancelled_is_told_so_whatever_it_says_next(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        journal = Journal(bench.log, "job-1")
        await bench.append(JobCancelling(job_id="job-1", data=ByData(by="ada")))
        with pytest.raises(JobCancelledError):
            await journal.emit(progress())
        with pytest.raises(JobCancelledError):
            await journal.check()


async def test_a_cancelled_job_ends_once_and_says_by_whom(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        journal = Journal(bench.log, "job-1")
        await bench.append(JobCancelling(job_id="job-1", data=ByData(by="ada")))
        await asyncio.gather(journal.end_cancelled(), journal.end_cancelled(), journal.end(endings()[0]))
        assert (await journal.view()).status is JobStatus.CANCELLED
        frames = (await bench.log.page(0)).frames
        assert [frame.type for frame in frames] == ["job_created", "job_cancelling", "cancelled"]
        assert b'"by":"ada"' in frames[-1].frame


async def test_whoever_waits_is_woken_by_the_log_and_only_by_what_concerns_them(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1", "job-2")
        signals = Signals(bench.log)
        following = asyncio.create_task(signals.run())
        with signals.cancelling("job-1") as first, signals.cancelling("job-2") as second:
            await bench.append(JobCancelling(job_id="job-2", data=ByData(by="ada")))
            async with asyncio.timeout(10):
                await second.wait()
            assert not first.is_set()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_work_that_fails_after_its_caller_has_left_is_nobodys_news(tmp_path: Path) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["message"]))
    async with open_bench(tmp_path) as bench:
        at_work, go_on = threading.Event(), threading.Event()

        def fail(_tx: Transaction) -> None:
            at_work.set()
            assert go_on.wait(10)
            raise LookupError

        caller = asyncio.create_task(bench.log.transact(fail))
        await asyncio.to_thread(at_work.wait, 10)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        go_on.set()
        await bench.create("job-1")  # committed after it
    del caller
    gc.collect()
    assert told == []
