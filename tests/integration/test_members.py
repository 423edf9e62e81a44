"""Who is in a fleet, and what becomes of what a member had, on a real PostgreSQL."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.tables import MEMBER
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.fleet.members import Duties, Members
from tests.support import postgresql
from tests.support.server import eventually


@pytest.fixture
async def database() -> AsyncGenerator[Database]:
    with postgresql.database() as url:
        database = Database(url)
        await asyncio.to_thread(upgrade, database)
        yield database
        database.close()


class Done:
    """What a member did for others, in order."""

    def __init__(self, refuse: int = 0) -> None:
        self.duties: list[str] = []
        self._refuse = refuse

    async def hand_on(self, executor: str) -> int:
        self.duties.append(f"hand on {executor}")
        if self._refuse:
            self._refuse -= 1
            raise StorageUnavailable("The checkpoints cannot be reached.")
        return 1

    async def drop_all(self) -> None:
        self.duties.append("drop all")

    async def look_after(self) -> None:
        """What a member does for itself is not told of here."""

    @property
    def all(self) -> Duties:
        return Duties(self.hand_on, self.drop_all, self.look_after)


@asynccontextmanager
async def member(database: Database, executor: str, done: Done) -> AsyncGenerator[Members]:
    members = Members(database, executor, "1", done.all)
    await members.join()
    task = asyncio.create_task(members.run())
    try:
        yield members
        assert not task.done(), task.result()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def executors(database: Database) -> list[str]:
    return list(await database.read(lambda c: c.scalars(sa.select(MEMBER.c.executor)).all()))


async def test_who_was_declared_dead_gives_back_what_it_took_up_since(database: Database) -> None:
    done = Done()
    async with member(database, "sleeper", done):
        await database.write_aside(lambda connection: connection.execute(sa.delete(MEMBER)).close())
        await eventually(lambda: len(done.duties) == 2, what="the sleeper's waking")
        assert done.duties == ["drop all", "hand on sleeper"]
        assert await executors(database) == ["sleeper"]


async def test_the_jobs_of_one_that_left_are_handed_on_though_the_database_refuses_at_first(database: Database) -> None:
    done = Done(refuse=1)
    async with member(database, "stays", done):
        leaver = Members(database, "leaves", "1", done.all)
        await leaver.join()
        await leaver.leave()

        async def alone() -> bool:
            return await executors(database) == ["stays"]

        await eventually(alone, within=20, what="the leaver's burial", every=0.2)
    assert done.duties == ["hand on leaves", "hand on leaves"]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_database_whose_clock_jumps_hides_no_death_and_buries_nobody(database: Database, hours: int) -> None:
    """The last heartbeats then lie an hour ahead, or an hour back."""
    done = Done()
    async with member(database, "stays", done), member(database, "stays too", done):
        dead = Members(database, "died", "1", done.all)
        await dead.join()
        jump = sa.update(MEMBER).values(seen_at=sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, 0, hours))
        await database.write_aside(lambda connection: connection.execute(jump).close())

        async def alone() -> bool:
            return set(await executors(database)) == {"stays", "stays too"}

        await eventually(alone, within=20, what="the burial of the dead", every=0.2)
    assert set(done.duties) == {"hand on died"}


async def test_leaving_a_database_that_is_away_is_no_error(database: Database) -> None:
    away = Database(sa.make_url(str(database.url)).set(host="127.0.0.1", port=9, query={}).render_as_string(False))
    await Members(away, "leaves", "1", Done().all).leave()
    away.close()
