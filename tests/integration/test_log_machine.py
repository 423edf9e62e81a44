"""The log as a state machine: in whatever order it is appended, read, trimmed and reopened, nobody misses a thing."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from skill_fleet_server.database.tables import JOB
from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.jobs.retention import Retention
from tests.support.events import endings, progress
from tests.support.streams import Bench, open_bench

A_MONTH = timedelta(days=30)


class Client:
    """What a client holds: its cursor, and the positions it was sent since it last began anew."""

    def __init__(self) -> None:
        self.cursor: Cursor | None = None
        self.start = 0
        self.held: list[int] = []


class Log(RuleBasedStateMachine):
    """Real log, real streams; beside them what must be in them."""

    running = Bundle("running")
    ended = Bundle("ended")
    clients = Bundle("clients")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory(prefix="sf-log-")
        self.stack = AsyncExitStack()
        self.bench: Bench
        self.log: list[tuple[int, str]] = []
        """Every event that is kept, and of which job it is."""
        self.head = 0
        self.trimmed = 0
        self.jobs = 0
        self.do(self._open())

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.do(self.stack.aclose())
        self.loop.close()
        self.directory.cleanup()

    async def _open(self) -> None:
        self.bench = await self.stack.enter_async_context(open_bench(Path(self.directory.name), keepalive=0.01))

    def appended(self, pos: int, job_id: str) -> None:
        assert pos == self.head + 1
        self.head = pos
        self.log.append((pos, job_id))

    # --- what happens -----------------------------------------------------------------------------

    @initialize(target=clients)
    def first_client(self) -> Client:
        return Client()

    @rule(target=clients)
    def another_client(self) -> Client:
        return Client()

    @rule(target=running)
    def create(self) -> str:
        self.jobs += 1
        job_id = f"job-{self.jobs}"
        self.do(self.bench.create(job_id))
        self.appended(self.head + 1, job_id)
        return job_id

    @rule(job_id=running, count=st.integers(1, 5))
    def append(self, job_id: str, count: int) -> None:
        for _ in range(count):
            self.appended(self.do(self.bench.append(progress(job_id))), job_id)

    @rule(job_id=consumes(running), target=ended)
    def end(self, job_id: str) -> str:
        self.appended(self.do(self.bench.append(endings(job_id)[0])), job_id)
        return job_id

    @rule(job_id=consumes(ended))
    def trim(self, job_id: str) -> None:
        async def trim() -> None:
            aged = sa.update(JOB).where(JOB.c.job_id == job_id).values(updated_at=sa.func.datetime("2020-01-01"))
            await self.bench.log.transact(lambda tx: tx.connection.execute(aged).close())
            assert await Retention(self.bench.log, _no_checkpoints, A_MONTH).trim(A_MONTH) == 1

        self.do(trim())
        self.trimmed = max(self.trimmed, *(pos for pos, of in self.log if of == job_id))
        self.log = [(pos, of) for pos, of in self.log if of != job_id]

    @rule()
    def restart(self) -> None:
        epoch = self.bench.log.epoch
        self.do(self.stack.aclose())
        self.do(self._open())
        assert self.bench.log.epoch == epoch

    @rule(client=clients, most=st.one_of(st.none(), st.integers(0, 6)))
    def read(self, client: Client, most: int | None) -> None:
        """Connect, take everything up to the head, or go away after some events."""
        self.do(self._read(client, most))

    @rule(client=clients, epoch=st.sampled_from(["another", ""]), ahead=st.integers(1, 1000))
    def come_with_a_cursor_that_is_not_ours(self, client: Client, epoch: str, ahead: int) -> None:
        here = self.bench.log.epoch
        client.cursor = Cursor(epoch or here, self.head + ahead)
        self.do(self._read(client, None))
        assert client.start == self.head

    async def _read(self, client: Client, most: int | None) -> None:
        before = client.cursor
        async with self.bench.watching(cursor=before) as watcher:
            await watcher.until_at(self.head) if self.head else await watcher.until("keepalive")
            frames = list(watcher.frames)
        ours = before is not None and before.epoch == self.bench.log.epoch and before.pos <= self.head
        must_begin_anew = before is not None and (not ours or before.pos < self.trimmed)
        assert bool([frame for frame in frames if frame.event == "reset"]) == must_begin_anew
        taken = 0
        for frame in frames:
            if frame.event == "snapshot_end":
                client.start, client.held = frame.json["pos"], []
            elif frame.id and "seq" in frame.json:
                if most is not None and taken >= most:
                    return
                client.held.append(frame.json["pos"])
                taken += 1
            if frame.id:
                client.cursor = Cursor.parse(frame.id)

    # --- what always holds ------------------------------------------------------------------------

    @rule(client=clients)
    def a_client_that_keeps_up_holds_everything(self, client: Client) -> None:
        self.do(self._read(client, None))
        kept = {pos for pos, _ in self.log}
        assert client.held == sorted(set(client.held))
        assert set(client.held) & kept == {pos for pos in kept if pos > client.start}

    @invariant()
    def the_log_says_where_it_ends(self) -> None:
        assert self.bench.log.head == self.head


async def _no_checkpoints(_job_id: str) -> None:
    """These jobs never ran."""


Log.TestCase.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLog = Log.TestCase
