"""One log that several processes write to, on a real PostgreSQL: here as two logs over two sets of connections."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from skill_fleet_common.jobs import JobStatus
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.tables import EVENT
from skill_fleet_server.errors import CannotStart, JobOver, StorageUnavailable
from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.relay import Relay
from skill_fleet_server.events.tail import follow
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.fleet.members import new_executor
from tests.support import postgresql
from tests.support.api import running_api
from tests.support.events import created, endings, job_row, progress
from tests.support.server import eventually


@pytest.fixture
def url() -> Generator[str]:
    with postgresql.database() as url:
        yield url


@asynccontextmanager
async def instance(url: str, *, listens: bool = True) -> AsyncGenerator[EventLog]:
    """One process's view of the log."""
    database = Database(url)
    assert isinstance(database.backend, PostgreSQL)
    await asyncio.to_thread(upgrade, database)
    log = await EventLog.open(database)
    relay = Relay(LiveText(), new_executor(), database.backend.dsn)
    tail = asyncio.create_task(follow(log, database.backend, relay)) if listens else None
    try:
        yield log
    finally:
        if tail is not None:
            tail.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tail
        await log.close()
        database.close()


async def create(log: EventLog, job_id: str) -> None:
    await log.transact(lambda tx: tx.create(job_row(job_id), created(job_id)))


async def write(log: EventLog, job_id: str, times: int) -> None:
    for number in range(times):
        await log.transact(lambda tx, number=number: tx.append(progress(job_id, f"{number}")))


async def positions(log: EventLog) -> list[int]:
    page = await log.page(0, limit=100_000)
    return [frame.pos for frame in page.frames]


def test_a_migrated_database_is_what_the_tables_say(url: str) -> None:
    database = Database(url)
    upgrade(database)
    with database.reader.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    database.close()


async def test_what_one_process_commits_every_other_reads_in_the_same_order(url: str) -> None:
    async with instance(url) as one, instance(url) as other:
        await create(one, "a")
        await create(other, "b")
        await asyncio.gather(*(write(log, job, 50) for log in (one, other) for job in ("a", "b")))
        await eventually(lambda: one.head == other.head == 202, what="both at the head")
        assert await positions(one) == await positions(other) == list(range(1, 203))


async def test_a_follower_is_woken_without_waiting_for_its_next_look(url: str) -> None:
    async with instance(url) as writer, instance(url) as reader:
        await create(writer, "a")
        await eventually(lambda: reader.head == 1, what="the first event")
        wake = reader.wake()
        await writer.transact(lambda tx: tx.append(progress("a", "x")))
        await asyncio.wait_for(wake.wait(), 0.9)


async def test_a_decision_is_made_on_what_another_process_has_committed(url: str) -> None:
    def end(tx: Transaction) -> JobStatus:
        before = tx.view("a").status
        tx.append(endings("a")[0])
        return before

    async with instance(url, listens=False) as one, instance(url, listens=False) as other:
        await create(one, "a")
        await write(other, "a", 1)
        await write(one, "a", 1)
        outcomes = await asyncio.gather(one.transact(end), other.transact(end), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {JobStatus, JobOver}


async def test_a_listener_that_loses_its_connection_misses_nothing(url: str) -> None:
    async with instance(url) as writer, instance(url) as reader:
        await create(writer, "a")
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        await write(writer, "a", 20)
        await eventually(lambda: reader.head == 21, what="the reader at the head")


async def test_writing_goes_on_after_its_connection_was_ended(url: str) -> None:
    async with instance(url) as log:
        await create(log, "a")
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await write(log, "a", 2)
        await eventually(lambda: log.head == 3, what="the log at the head")


async def test_a_session_that_is_idle_in_a_transaction_delays_nobody(url: str) -> None:
    with psycopg.connect(url) as idle:
        idle.execute("SELECT pg_current_xact_id()")
        async with instance(url) as writer, instance(url) as reader:
            await create(writer, "a")
            await eventually(lambda: reader.head == 1, within=0.9, what="the event")


async def test_a_writer_that_stands_still_with_the_lock_loses_it_and_nothing_of_its_is_kept(url: str) -> None:
    async with instance(url) as living, instance(url) as paused:
        await create(living, "a")

        def stand_still(tx: Transaction) -> None:
            tx.append(progress("a", "never seen"))
            # The server ends a transaction that says nothing for five seconds.
            tx.connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = '200ms'"))
            time.sleep(0.6)

        stuck = asyncio.create_task(paused.transact(stand_still))
        await asyncio.sleep(0)
        await write(living, "a", 3)
        with pytest.raises(StorageUnavailable):
            await stuck
        await eventually(lambda: living.head == paused.head == 4, what="both at the head")
        page = await living.page(0)
        assert all(b"never seen" not in frame.frame for frame in page.frames)


async def test_a_restored_cluster_is_another_log(url: str) -> None:
    async with instance(url) as log:
        await create(log, "a")
        before = log.epoch
    async with instance(url) as again:
        assert again.epoch == before
        await again.transact(lambda tx: tx.connection.execute(sa.text("UPDATE log SET boot = '7/1'")).close())
    async with instance(url) as elsewhere:
        assert elsewhere.epoch != before


async def test_a_gap_left_by_trimming_does_not_confuse_who_catches_up_over_it(url: str) -> None:
    async with instance(url, listens=False) as writer, instance(url, listens=False) as reader:
        await create(writer, "a")
        await write(writer, "a", 9)
        await reader.catch_up()
        await write(writer, "a", 10)
        await writer.transact(lambda tx: tx.connection.execute(sa.delete(EVENT).where(EVENT.c.pos.between(12, 15))))
        await reader.catch_up()
        assert reader.head == 20
        assert (await positions(reader))[9:] == [10, 11, 16, 17, 18, 19, 20]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"database": "not_there"}, "There is no database not_there"),
        ({"username": "nobody_known"}, "has no user nobody_known"),
        ({"host": "127.0.0.1", "port": 9, "query": {}}, "cannot be reached on 127.0.0.1, port 9"),
    ],
)
def test_a_database_that_cannot_be_used_says_which_setting_to_mend(url: str, change: dict, said: str) -> None:
    database = Database(sa.make_url(url).set(**change).render_as_string(hide_password=False))
    with pytest.raises(StorageUnavailable, match=said):
        upgrade(database)
    database.close()


def test_another_make_of_database_is_refused() -> None:
    with pytest.raises(CannotStart, match="mysql"):
        Database("mysql://localhost/x")


async def test_what_no_database_takes_does_not_stop_a_job(url: str, tmp_path: Path) -> None:
    async with running_api(tmp_path, database_url=url) as api:
        job_id = await api.create("a skill\0 for nothing \0 at all", auto_approve=True)
        job = await api.until_status(job_id, "completed", "failed", "pending_review")
        assert job["task_description"] == "a skill for nothing  at all"
        assert job["status"] == "completed"
        found = (await api.client.get("jobs", params={"q": "FOR nothing"})).json()["jobs"]
        assert [each["job_id"] for each in found] == [job_id]


@pytest.mark.parametrize("came_through", [True, False])
async def test_a_commit_of_which_no_answer_came_is_neither_lost_nor_done_again(url: str, came_through: bool) -> None:
    async with instance(url) as log, instance(url) as other:
        await create(log, "a")
        dialect = log_database(log).writer.dialect
        commit = dialect.do_commit

        def connection_lost(connection: Any) -> None:
            dialect.do_commit = commit
            if came_through:
                commit(connection)
            connection.driver_connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        dialect.do_commit = connection_lost
        appended = log.transact(lambda tx: tx.append(progress("a", "once")))
        if came_through:
            assert await appended == 2
        else:
            with pytest.raises(StorageUnavailable):
                await appended
        await write(other, "a", 1)
        await write(log, "a", 1)
        page = await log.page(0)
        assert sum(b"once" in frame.frame for frame in page.frames) == int(came_through)
        await eventually(lambda: log.head == other.head == 3 + came_through, what="both at the head")


async def test_a_commit_that_was_lost_is_not_taken_for_another_that_has_its_number(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash PostgreSQL gives numbers again that it had not made durable, and that other one is committed."""
    monkeypatch.setattr(PostgreSQL, "was_committed", lambda *_: True)
    async with instance(url) as log:
        await create(log, "a")
        dialect = log_database(log).writer.dialect
        commit = dialect.do_commit

        def connection_lost(connection: Any) -> None:
            dialect.do_commit = commit
            connection.driver_connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        dialect.do_commit = connection_lost
        with pytest.raises(StorageUnavailable):
            await log.transact(lambda tx: tx.append(progress("a", "lost")))
        await write(log, "a", 1)
        assert await positions(log) == [1, 2]


async def test_who_comes_while_a_commit_is_in_doubt_is_told_that_the_database_is_away(url: str) -> None:
    async with instance(url) as log:
        await create(log, "a")
        database = log_database(log)
        dialect, commit, connect = (
            database.writer.dialect,
            database.writer.dialect.do_commit,
            database.writer.pool._creator,
        )
        away = asyncio.Event()

        def nobody_there(*_: object) -> psycopg.Connection:
            raise psycopg.OperationalError("connection refused")

        def connection_lost(connection: Any) -> None:
            dialect.do_commit, database.writer.pool._creator = commit, nobody_there
            commit(connection)
            connection.driver_connection.close()
            log_loop.call_soon_threadsafe(away.set)
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        log_loop = asyncio.get_running_loop()
        dialect.do_commit = connection_lost
        first = asyncio.create_task(log.transact(lambda tx: tx.append(progress("a", "once"))))
        await asyncio.wait_for(away.wait(), 10)
        with pytest.raises(StorageUnavailable, match="cannot be reached"):
            await log.transact(lambda tx: tx.append(progress("a", "late")))
        assert not first.done()
        database.writer.pool._creator = connect
        assert await asyncio.wait_for(first, 10) == 2


async def test_several_that_start_at_once_on_an_empty_database_all_start(url: str) -> None:
    databases = [Database(url) for _ in range(3)]
    try:
        await asyncio.gather(*(asyncio.to_thread(upgrade, database) for database in databases))
    finally:
        for database in databases:
            database.close()


async def test_every_way_of_having_no_connection_is_a_storage_that_is_unavailable(url: str) -> None:
    database = Database(url)
    database.reader = sa.create_engine(
        database.url.set(drivername="postgresql+psycopg"), pool_size=1, max_overflow=0, pool_timeout=0.01
    )
    try:
        with database.reader.connect(), pytest.raises(StorageUnavailable):
            await database.read(lambda connection: connection.scalar(sa.text("SELECT 1")))

        def on_a_closed_connection(connection: Any) -> None:
            connection.connection.driver_connection.close()
            connection.execute(sa.text("SELECT 1"))

        with pytest.raises(StorageUnavailable):
            await database.read(on_a_closed_connection)
    finally:
        database.reader.dispose()
        database.close()


def log_database(log: EventLog) -> Any:
    return log._database


@pytest.mark.parametrize("locked", [True, False])
async def test_without_the_lock_a_reader_loses_events_and_with_it_none(url: str, locked: bool) -> None:
    """Why there is a lock: positions from a sequence, as many logs have them, are not committed in their order."""
    lock = "SELECT pg_advisory_xact_lock(7)" if locked else "SELECT 1"
    append = f"{lock}; INSERT INTO naive (text) VALUES ('x')"
    read: list[int] = []

    async def reader(connection: psycopg.AsyncConnection) -> None:
        rows = await connection.execute("SELECT pos FROM naive WHERE pos > %s ORDER BY pos", (read[-1] if read else 0,))
        read.extend([row[0] for row in await rows.fetchall()])

    async def late(connection: psycopg.AsyncConnection) -> None:
        await connection.execute(append)
        await connection.commit()

    connect = psycopg.AsyncConnection.connect
    async with await connect(url) as early, await connect(url) as other, await connect(url, autocommit=True) as reads:
        await reads.execute("CREATE TABLE naive (pos bigserial PRIMARY KEY, text text)")
        await early.execute(append)  # has its position, and takes its time
        second = asyncio.create_task(late(other))
        await asyncio.wait({second}, timeout=0.3)
        await reader(reads)
        await early.commit()
        await second
        await reader(reads)
    assert read == ([1, 2] if locked else [2])
