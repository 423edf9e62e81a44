"""Heartbeats, and the judgement over those that stop.

A member says in the database that it lives, by the database's clock. One that has been silent too long is
taken for dead by the others, which hand its jobs on. It may merely be paused or cut off: so handing on is
safe to do to the living (see `Journal`), and a member that finds itself declared dead drops what it runs.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
import structlog

from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import MEMBER
from skill_fleet_server.errors import StorageUnavailable

BEAT_S: Final = 1.5
"""Between two heartbeats."""

SILENCE_S: Final = 8.0
"""After this long without a heartbeat a member is taken for dead. With `BEAT_S` and the queue's poll, its jobs go on
elsewhere within 15 s."""

_NOW: Final = sa.func.clock_timestamp()
IS_SILENT: Final = MEMBER.c.seen_at < _NOW - sa.func.make_interval(0, 0, 0, 0, 0, 0, SILENCE_S)
"""Of a member that is taken for dead."""

_log = structlog.get_logger(__name__)


def new_executor() -> str:
    """A name for this process that no other ever had, and that tells people where it runs."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Duties:
    """What a member does for the others, and when the others have given it up."""

    hand_on: Callable[[str], Awaitable[int]]
    """Hands on a dead member's jobs, and what it had accepted but not begun; returns how many it was at work on. May
    be called more than once."""
    drop_all: Callable[[], Awaitable[None]]
    """Ends all work here: it has been handed on."""


class Members:
    """This process as a member, and its view of the others. `run` is owned by the server's life cycle."""

    def __init__(self, database: Database, executor: str, version: str, duties: Duties, *, works: bool = True) -> None:
        self._database = database
        self._works = works
        self._executor = executor
        self._version = version
        self._duties = duties
        self._is_known = False
        self._judges_from = 0.0
        """By the loop's clock."""
        self._heard_at = 0.0
        """The last heartbeat that came through, by the loop's clock."""

    async def join(self) -> None:
        """Say for the first time that this process lives.

        Raises:
            StorageUnavailable: If the database refused.
        """
        await self._database.write_aside(self._beat)
        self._is_known = True
        self._heard_at = asyncio.get_running_loop().time()

    @property
    def silent_s(self) -> float:
        """For how many seconds the others have not heard of this process."""
        return asyncio.get_running_loop().time() - self._heard_at

    async def leave(self) -> None:
        """Say that this process has ended in good order; what it has not finished is handed on at once by another.

        Where the database does not hear it, the others find out by themselves.
        """
        gone = sa.update(MEMBER).where(MEMBER.c.executor == self._executor).values(seen_at=sa.func.to_timestamp(0))
        with contextlib.suppress(StorageUnavailable):
            await self._database.write_aside(lambda connection: connection.execute(gone).close())

    async def run(self) -> None:
        """Live, and watch the others, until cancelled."""
        while True:
            try:
                await self._once()
            except StorageUnavailable as error:
                # While the database was away nobody was heard of: that is no reason to bury anybody.
                self._judges_from = asyncio.get_running_loop().time() + SILENCE_S
                _log.warning("heartbeat_failed", detail=error.detail)
            await asyncio.sleep(BEAT_S)

    async def _once(self) -> None:
        if await self._database.write_aside(self._beat) and self._is_known:
            _log.warning("declared_dead", executor=self._executor)
            await self._duties.drop_all()
            # What it took up since it woke is its own in the eyes of the others, who see that it lives again.
            await self._duties.hand_on(self._executor)
        self._is_known = True
        self._heard_at = asyncio.get_running_loop().time()
        if asyncio.get_running_loop().time() >= self._judges_from:
            await self._bury()

    async def _bury(self) -> None:
        for executor in await self._database.write_aside(self._silent):
            jobs = await self._duties.hand_on(executor)
            _log.warning("member_died", executor=executor, jobs_handed_on=jobs)
            await self._database.write_aside(lambda connection, gone=executor: self._forget(connection, gone))

    def _beat(self, connection: sa.Connection) -> bool:
        """Say that this process lives; true if it had to introduce itself."""
        seen = sa.update(MEMBER).where(MEMBER.c.executor == self._executor).values(seen_at=_NOW)
        if connection.execute(seen).rowcount:
            return False
        me = sa.insert(MEMBER).values(
            executor=self._executor, version=self._version, works=self._works, since=_NOW, seen_at=_NOW
        )
        connection.execute(me)
        return True

    def _silent(self, connection: sa.Connection) -> list[str]:
        """Members of our version that have been silent too long: of another's jobs we cannot go on with any."""
        query = sa.select(MEMBER.c.executor).where(
            IS_SILENT, MEMBER.c.executor != self._executor, MEMBER.c.version == self._version
        )
        return list(connection.scalars(query))

    def _forget(self, connection: sa.Connection, executor: str) -> None:
        connection.execute(sa.delete(MEMBER).where(MEMBER.c.executor == executor, IS_SILENT))
