"""Following a log ends when it is told to, whatever else happens at that moment; on a real PostgreSQL."""

import asyncio
from collections.abc import Callable, Generator

import pytest
import sqlalchemy as sa

from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.relay import Relay
from skill_fleet_server.events.tail import follow, told_or_due
from tests.support import postgresql


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


async def test_it_ends_though_there_is_news_as_it_is_told_to() -> None:
    grown = asyncio.Event()
    task = asyncio.create_task(told_or_due(grown))
    await asyncio.sleep(0)
    grown.set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
