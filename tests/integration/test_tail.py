"""Following a log costs little, and ends when it is told to, whatever else happens then; on a real PostgreSQL."""

import asyncio
import time
from collections.abc import Callable, Generator

import psycopg
import pytest
import sqlalchemy as sa

from skill_fleet_server.database.postgresql import CHANNEL, PostgreSQL
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.relay import Relay
from skill_fleet_server.events.tail import REST_S, follow, told_or_due
from tests.support import postgresql
from tests.support.server import eventually


@pytest.fixture
def backend() -> Generator[PostgreSQL]:
    with postgresql.database() as url:
        backend = PostgreSQL(sa.make_url(url))
        yield backend
        backend.close()


class Followed:
    """A log of which nothing is kept: it does something each time it is caught up."""

    def __init__(self) -> None:
        self.looks = 0
        self.at_look: Callable[[int], None] = lambda _number: None

    async def catch_up(self) -> None:
        self.looks += 1
        self.at_look(self.looks)


def following(backend: PostgreSQL, log: Followed) -> asyncio.Task[None]:
    relay = Relay(LiveText(), "here", backend.dsn)
    return asyncio.create_task(follow(log, backend, relay))  # ty: ignore[invalid-argument-type] - all it asks of a log


async def test_it_ends_though_something_fails_as_it_is_told_to(backend: PostgreSQL) -> None:
    log = Followed()

    def fail(_number: int) -> None:
        task.cancel()
        raise StorageUnavailable("The database is away.")

    log.at_look = fail
    task = following(backend, log)
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(10):
            await task
    assert log.looks == 1


async def test_many_commits_of_others_are_few_looks(backend: PostgreSQL) -> None:
    log = Followed()
    task = following(backend, log)
    try:
        await eventually(lambda: log.looks > 0, what="the first look")
        before, began = log.looks, time.monotonic()
        async with await psycopg.AsyncConnection.connect(backend.dsn, autocommit=True) as other:
            for _ in range(300):
                await other.execute("SELECT pg_notify(%s, '')", [CHANNEL])
        await eventually(lambda: log.looks > before, what="a look at what was told")
        assert log.looks - before <= (time.monotonic() - began) / REST_S + 1
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_it_ends_though_there_is_news_as_it_is_told_to() -> None:
    grown = asyncio.Event()
    task = asyncio.create_task(told_or_due(grown))
    await asyncio.sleep(0)
    grown.set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
