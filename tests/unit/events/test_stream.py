"""A connection: what it begins with, what it sends, how it ends. Byte by byte where clients depend on it."""

import asyncio
from pathlib import Path

import pytest

from skill_fleet_common import __version__
from skill_fleet_common.events import DurableEvent
from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.events.stream import Stream
from skill_fleet_server.events.subscription import Subscription
from tests.support.events import endings, one_of_each, progress
from tests.support.server import eventually
from tests.support.streams import Bench, open_bench


def story(job_id: str = "job-1") -> list[DurableEvent]:
    return [*one_of_each(job_id), endings(job_id)[0]]


def at(bench: Bench, pos: int) -> Cursor:
    return Cursor(bench.log.epoch, pos)


async def test_an_empty_log_begins_with_these_bytes(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench, bench.watching() as client:
        await client.until("snapshot_end")
        epoch = bench.log.epoch
        assert b"".join(client.chunks).decode() == (
            "event: hello\n"
            "retry: 1000\n"
            'data: {"v":1,"type":"hello","data":'
            f'{{"epoch":"{epoch}","head":0,"oldest":1,"resume":"snapshot","keepalive_s":30.0,'
            f'"server":"skill-fleet/{__version__}","model":"","demo":false}}}}\n'
            "\n"
            f"id: {epoch}.0\n"
            "event: snapshot_end\n"
            'data: {"v":1,"type":"snapshot_end","pos":0,"data":{"jobs":0}}\n'
            "\n"
        )


async def test_a_durable_event_is_these_bytes(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        async with bench.watching() as client:
            await client.until("snapshot_end")
            await bench.append(progress("job-1", "half\r\nway \u2028 é"))
            (event,) = await client.until("progress")
            when = event.json["ts"]
            assert when.endswith("Z")
            assert client.chunks[-1].decode() == (
                f"id: {bench.log.epoch}.2\n"
                "event: progress\n"
                'data: {"v":1,"type":"progress","pos":2,"job_id":"job-1","seq":2,'
                f'"ts":"{when}","data":{{"text":"half\\r\\nway \u2028 é","name":""}}}}\n'
                "\n"
            )


async def test_only_frames_after_which_it_is_safe_to_resume_have_an_id(tmp_path: Path) -> None:
    async with open_bench(tmp_path, keepalive=0.05) as bench:
        await bench.create("job-1", "job-2")
        async with bench.watching() as client:
            await client.until("snapshot_end")
            await bench.append(*one_of_each("job-2"))
            step = bench.live.begin(job_id="job-1", phase=None, module="m", step="m", attempt=1, after=0)
            step.write(1, "f", "text")
            await client.until("token")
            await client.until("keepalive")
            bench.streams.stop()
            await client.until("bye")
        async with bench.watching(cursor=Cursor("foreign", 1)) as other:
            await other.until("reset")
        frames = [*client.frames, *other.frames]
        with_id = {frame.event for frame in frames if frame.id}
        without = {frame.event for frame in frames if not frame.id}
        assert with_id == {"snapshot_end", "keepalive", *(event.type for event in one_of_each())}
        assert without == {"hello", "snapshot", "token", "token_sync", "reset", "bye"}


async def test_the_snapshot_holds_every_job_and_what_comes_after_follows_it_without_a_gap(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1", "job-2")
        as_of = await bench.append(*one_of_each("job-1"))
        async with bench.watching() as client:
            (end,) = await client.until("snapshot_end")
            assert {frame.json["job_id"]: frame.json["seq"] for frame in client.of("snapshot")} == {
                "job-1": 1 + len(one_of_each()),
                "job-2": 1,
            }
            assert end.json["pos"] == as_of
            await bench.create("job-3")
            await client.until_at(as_of + 1)
            assert client.kinds[-1] == "job_created"
            assert client.positions == [as_of + 1]


async def test_every_position_resumes_with_exactly_what_came_after_it(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        head = await bench.append(*story())
        for pos in range(head + 1):
            async with bench.watching(cursor=at(bench, pos)) as client:
                await client.until("hello")
                await eventually(lambda c=client, p=pos: c.positions == list(range(p + 1, head + 1)))
                assert client.frames[0].data["resume"] == "resumed"
                assert not client.of("snapshot", "snapshot_end", "reset")


@pytest.mark.parametrize(
    ("epoch", "pos", "reason"),
    [("foreign", 1, "epoch"), (None, 99, "ahead"), (None, 10**30, "ahead"), (None, 1, "trimmed")],
)
async def test_a_cursor_that_cannot_be_honoured_resets_and_snapshots_on_the_same_connection(
    tmp_path: Path, epoch: str | None, pos: int, reason: str
) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        head = await bench.append(*one_of_each())
        if reason == "trimmed":
            bench.log.trimmed = 2
        asked = Cursor(epoch or bench.log.epoch, pos)
        async with bench.watching(cursor=asked) as client:
            await client.until("snapshot_end")
            assert client.kinds == ["hello", "reset", "snapshot", "snapshot_end"]
            assert client.frames[0].data["resume"] == "reset"
            assert client.frames[1].data == {
                "reason": reason,
                "requested": str(asked),
                "oldest": bench.log.trimmed + 1,
                "head": head,
            }
            await bench.append(progress())
            await client.until_at(head + 1)
        assert dict(bench.streams.resets) == {reason: 1}


async def test_a_connection_that_falls_behind_what_was_trimmed_is_reset_not_left_with_a_gap(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        async with bench.watching() as client:
            await client.until("snapshot_end")
            bench.log.trimmed = 5
            await bench.append(*one_of_each())
            await client.until("snapshot_end", count=2)
            assert client.of("reset")[0].data["reason"] == "trimmed"


async def test_a_second_and_a_third_client_get_everything_too(tmp_path: Path) -> None:
    async with (
        open_bench(tmp_path) as bench,
        bench.watching() as first,
        bench.watching() as second,
        bench.watching(cursor=Cursor(bench.log.epoch, 0)) as third,
    ):
        for client in (first, second):
            await client.until("snapshot_end")
        await bench.create("job-1", "job-2")
        head = await bench.append(*story("job-1"), *one_of_each("job-2"))
        for client in (first, second, third):
            await client.until_at(head)
            assert client.positions == list(range(1, head + 1))
        assert bench.streams.open == 3
    assert bench.streams.open == 0


async def test_a_filter_shows_its_jobs_only_and_its_cursor_does_not_rot(tmp_path: Path) -> None:
    async with open_bench(tmp_path, keepalive=0.05) as bench:
        await bench.create("job-1", "job-2")
        async with bench.watching(jobs=frozenset({"job-2"})) as client:
            await client.until("snapshot_end")
            head = await bench.append(*one_of_each("job-1"))
            await eventually(lambda: any(frame.json["pos"] == head for frame in client.of("keepalive")))
            assert client.of("keepalive")[-1].id == str(at(bench, head))
            assert {frame.json["job_id"] for frame in client.of("snapshot")} == {"job-2"}
            assert client.durable == []


async def test_wake_ups_for_other_jobs_do_not_put_the_keepalive_off(tmp_path: Path) -> None:
    async with open_bench(tmp_path, keepalive=0.05) as bench:
        await bench.create("job-1", "job-2")
        async with bench.watching(jobs=frozenset({"job-2"})) as client:

            async def chatter() -> None:
                while True:
                    await bench.append(progress("job-1"))
                    await asyncio.sleep(0.005)

            task = asyncio.create_task(chatter())
            try:
                await client.until("keepalive", count=3)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


async def test_a_jobs_own_stream_ends_after_its_last_event(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1", "job-2")
        async with bench.watching(jobs=frozenset({"job-1"}), until="job-1") as client:
            await client.until("snapshot_end")
            await bench.append(endings("job-2")[1], *story("job-1"))
            await eventually(lambda: client.ended)
            assert client.kinds[-2:] == ["completed", "bye"]
            assert client.frames[-1].data == {"reason": "complete", "retry_ms": 0}


@pytest.mark.parametrize("seen", ["nothing", "half", "all"])
async def test_the_stream_of_a_job_that_is_over_gives_what_is_missing_and_ends(tmp_path: Path, seen: str) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1", "job-2")
        head = await bench.append(*story("job-1"))
        cursor = {"nothing": None, "half": at(bench, head - 2), "all": at(bench, head)}[seen]
        async with bench.watching(jobs=frozenset({"job-1"}), until="job-1", cursor=cursor) as client:
            await eventually(lambda: client.ended)
            expected = {"nothing": ["snapshot", "snapshot_end"], "half": ["progress", "completed"], "all": []}[seen]
            assert client.kinds == ["hello", *expected, "bye"]


async def test_stopping_says_goodbye_to_every_stream_and_when_to_come_back(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench, bench.watching() as first, bench.watching() as second:
        await first.until("snapshot_end")
        await second.until("snapshot_end")
        bench.streams.stop()
        for client in (first, second):
            await eventually(lambda c=client: c.ended)
            assert client.frames[-1].data["reason"] == "shutdown"
            assert 0 < client.frames[-1].data["retry_ms"] <= 1000


async def test_an_error_inside_ends_with_goodbye_and_never_with_an_exception(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        await asyncio.to_thread(_break_reading, bench)
        async with bench.watching() as client:
            await eventually(lambda: client.ended)
            assert client.kinds == ["hello", "bye"]
            assert client.frames[-1].data["reason"] == "error"


async def test_a_long_history_comes_in_few_large_chunks(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        head = await bench.append(*(progress(text="x" * 400) for _ in range(600)))
        async with bench.watching(cursor=at(bench, 0)) as client:
            await client.until_at(head)
            assert client.positions == list(range(1, head + 1))
            assert max(map(len, client.chunks)) <= FRAME_BYTES
            assert len(client.chunks) < 20


async def test_a_client_that_takes_nothing_costs_a_place_and_no_memory(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        stalled = Stream(bench.streams, Subscription())
        chunks = stalled.chunks()
        await anext(chunks)
        head = await bench.append(*(progress(text="x" * 400) for _ in range(300)))
        received = b""
        while f"id: {at(bench, head)}\n".encode() not in received:
            received += await anext(chunks)
        await chunks.aclose()
        assert bench.streams.open == 0


def _break_reading(bench: Bench) -> None:
    database = bench.log._database
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE job RENAME TO gone")
