"""Memory stays bounded when many take nothing, when one job says too much, and when a model does not stop writing.

Each test compares one process with itself: how much it grew under the load, after a smaller one of the same kind.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import psutil
import pytest

from skill_fleet_common.jobs import Phase
from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.events.stream import Stream
from skill_fleet_server.events.subscription import Subscription
from tests.support.events import progress
from tests.support.server import ServerProcess, eventually, running_server
from tests.support.streams import Bench, open_bench

STALLED = 200
MB = 1 << 20


def memory(server: ServerProcess) -> int:
    """Bytes of the process now."""
    assert server.process is not None
    return psutil.Process(server.process.pid).memory_info().rss


def stall(server: ServerProcess, stack: ExitStack) -> None:
    """A client that asks for everything and takes nothing."""
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    one = stack.enter_context(socket.socket())
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.connect(("127.0.0.1", server.port))
    one.sendall(request.encode())


async def some_jobs(server: ServerProcess, count: int) -> None:
    """Jobs from beginning to end, some at a time."""
    async with server.client() as client:
        for _ in range(count):
            response = await client.post("jobs", json={"task_description": "a skill", "auto_approve": True})
            job_id = response.json()["job"]["job_id"]

            async def over(job_id: str = job_id) -> bool:
                return (await client.get(f"jobs/{job_id}")).json()["status"] in ("completed", "failed")

            await eventually(over, within=60, what=job_id)


@asynccontextmanager
async def warm_server(directory: Path) -> AsyncGenerator[ServerProcess]:
    """One that has done everything once, so that it has what it needs for that."""
    environment = {"SKILL_FLEET_STREAMS_PER_PRINCIPAL": str(STALLED + 10)}
    async with running_server(directory / "data", environment=environment) as server:
        await some_jobs(server, 3)
        yield server


@pytest.mark.alone
async def test_two_hundred_clients_that_take_nothing_cost_little_however_much_they_miss(tmp_path: Path) -> None:
    async with warm_server(tmp_path) as server, server.client() as client:
        with ExitStack() as stack:
            for _ in range(STALLED):
                stall(server, stack)

            async def all_open() -> bool:
                return f"skill_fleet_streams {STALLED}.0" in (await client.get("metrics")).text

            await eventually(all_open, within=30, what="200 streams")
            connected = memory(server)
            await some_jobs(server, 10)
            missed = memory(server) - connected
        # Ten jobs are a third of a megabyte of events alone: kept for each who misses them, they would be 60 MB.
        assert missed < 20 * MB, f"{missed / MB:.0f} MB for what {STALLED} clients missed"


async def test_ten_thousand_events_at_once_are_delivered_whole_and_kept_once(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        stalled = [Stream(bench.streams, Subscription()).chunks() for _ in range(STALLED)]
        for chunks in stalled:
            await anext(chunks)
        process = psutil.Process()
        before = process.memory_info().rss
        await asyncio.gather(*(burst(bench, 100) for _ in range(100)))
        await eventually(lambda: bench.log.head == 10_001, within=60, what="the burst")
        grown = process.memory_info().rss - before
        async with bench.watching(cursor=Cursor(bench.log.epoch, 1)) as late:
            await eventually(lambda: len(late.positions) == 10_000, within=60, what="the last of it", every=0.2)
            assert late.positions == list(range(2, 10_002))
        for chunks in stalled:
            await chunks.aclose()
        # Four megabytes of frames: kept once, not 200 times.
        assert grown < 40 * MB, f"{grown / MB:.0f} MB for 4 MB of events"


async def burst(bench: Bench, count: int) -> None:
    for _ in range(count):
        await bench.log.transact(lambda tx: tx.append(progress(text="x" * 200)))


async def test_a_reply_of_a_megabyte_is_shown_whole_and_costs_each_client_nothing(tmp_path: Path) -> None:
    text = "a word or two " * (MB // 14)
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        stalled = [Stream(bench.streams, Subscription()).chunks() for _ in range(STALLED)]
        for chunks in stalled:
            await anext(chunks)
        step = bench.live.begin(
            job_id="job-1", phase=Phase.GENERATION, module="write", step="write", attempt=1, after=1
        )  # fmt: skip
        process = psutil.Process()
        before = process.memory_info().rss
        async with bench.watching() as keen:
            await keen.until("snapshot_end")
            for at in range(0, len(text), 40):
                step.write(256, "body", text[at : at + 40])
                if at % 40_000 == 0:
                    await asyncio.sleep(0)
            step.flush()

            def shown() -> bool:
                return held(keen.of("token", "token_sync")) == text

            await eventually(shown, within=60, what="the whole reply", every=0.2)
        grown = process.memory_info().rss - before
        for chunks in stalled:
            await chunks.aclose()
        assert grown < 30 * MB, f"{grown / MB:.0f} MB for a reply of 1 MB"


def held(frames: list) -> str:
    """The text that a client has after these frames."""
    text = ""
    for frame in frames:
        if frame.event == "token_sync":
            text = frame.data["text"]
        else:
            assert frame.data["off"] == len(text)
            text += frame.data["text"]
    return text
