"""Old finished jobs are forgotten, with all their records; a cursor from before gets a reset, not silence."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from skill_fleet_common.jobs import JobStatus
from skill_fleet_server.database.tables import EVENT, JOB, LOG
from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.jobs.retention import Retention
from tests.support.events import endings, one_of_each, progress
from tests.support.streams import Bench, open_bench

AGES_AGO = timedelta(days=100)
A_MONTH = timedelta(days=30)


async def age(bench: Bench, job_id: str) -> None:
    """Let a job have ended ages ago."""
    await bench.log.transact(
        lambda tx: tx.connection.execute(
            sa.update(JOB).where(JOB.c.job_id == job_id).values(updated_at=tx.now - AGES_AGO)
        ).close()
    )


async def trim(bench: Bench) -> int:
    async def no_checkpoints(_job_id: str) -> None:
        """These jobs never ran."""

    return await Retention(bench.log, no_checkpoints, A_MONTH).trim(A_MONTH)


async def jobs_with_events(bench: Bench) -> set[str]:
    page = await bench.log.page(0, limit=1_000)
    return {frame.job_id for frame in page.frames}


async def test_only_finished_jobs_past_the_retention_are_forgotten(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("old", "recent", "running")
        await bench.append(*one_of_each("old"), endings("old")[0], endings("recent")[1], progress("running"))
        for job_id in ("old", "running"):
            await age(bench, job_id)
        assert await trim(bench) == 1
        assert await trim(bench) == 0
    async with open_bench(tmp_path) as bench:
        assert await jobs_with_events(bench) == {"recent", "running"}
        views = (await bench.log.snapshot()).views
        assert {view.job_id: view.status for view in views} == {
            "recent": JobStatus.FAILED,
            "running": JobStatus.PENDING,
        }


async def test_a_cursor_before_what_was_trimmed_gets_a_reset_and_a_snapshot(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("running", "old")
        last = await bench.append(*one_of_each("old"), endings("old")[0])
        await age(bench, "old")
        await trim(bench)
        async with bench.watching(cursor=Cursor(bench.log.epoch, last - 1)) as late:
            await late.until("snapshot_end")
            assert late.kinds == ["hello", "reset", "snapshot", "snapshot_end"]
        async with bench.watching(cursor=Cursor(bench.log.epoch, last)) as in_time:
            await bench.append(progress("running"))
            await in_time.until("progress")
            assert in_time.kinds == ["hello", "progress"]


async def test_positions_are_never_given_twice_even_when_the_newest_were_trimmed(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("old")
        last = await bench.append(endings("old")[2])
        await age(bench, "old")
        await trim(bench)
    async with open_bench(tmp_path) as bench:
        await bench.create("new")
        first = await bench.log.transact(lambda tx: tx.connection.scalar(sa.select(sa.func.min(EVENT.c.pos))))
        assert first == last + 1


async def test_who_reads_while_a_job_is_half_forgotten_is_told_so(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("old")
        await bench.append(*one_of_each("old"), endings("old")[0])
    async with open_bench(tmp_path) as bench:
        # As between two batches of a trim, or while another process trims.
        await bench.log.transact(
            lambda tx: (
                tx.connection.execute(sa.delete(EVENT).where(EVENT.c.pos <= 5)),
                tx.connection.execute(sa.update(LOG).values(trimmed=5)),
            )
        )
        assert bench.log.trimmed == 0
        async with bench.watching(cursor=Cursor(bench.log.epoch, 2)) as behind:
            await behind.until("reset")
            await behind.until("snapshot_end")
