"""Heartbeats, and the judgement over those that stop.

A member says in the database that it lives. One that has been silent too long, by the clock of who watches it
(see `silence`), is taken for dead by the others, which hand its jobs on. It may merely be paused or cut off: so
handing on is safe to do to the living (see `Journal`), and a member that finds itself declared dead drops what it runs.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
import structlog

from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import MEMBER
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.fleet.silence import LEFT, Watch

BEAT_S: Final = 1.5
"""Between two heartbeats."""

_NOW: Final = sa.func.clock_timestamp()

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
    look_after: Callable[[], Awaitable[None]]
    """Sees to it that what is this process's to do is done here, or by another."""


class Members:
    """This process as a member, and its view of the others. `run` is owned by the server's life cycle."""

    def __init__(self, database: Database, executor: str, version: str, duties: Duties, *, works: bool = True) -> None:
        self._database = database
        self._works = works
        self._executor = executor
        self._version = version
        self._duties = duties
        self._is_known = False
        self._watch = Watch()
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
        gone = sa.update(MEMBER).where(MEMBER.c.executor == self._executor).values(seen_at=LEFT)
        with contextlib.suppress(StorageUnavailable):
            await self._database.write_aside(lambda connection: connection.execute(gone).close())

    async def run(self) -> None:
        """Live, and watch the others, until cancelled."""
        while True:
            try:
                await self._once()
            except StorageUnavailable as error:
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
        await self._bury()
        await self._duties.look_after()

    async def _bury(self) -> None:
        beats = await self._database.write_aside(self._others)
        for executor in self._watch.look(beats, asyncio.get_running_loop().time()):
            jobs = await self._duties.hand_on(executor)
            _log.warning("member_died", executor=executor, jobs_handed_on=jobs)
            forget = _forgetting(executor, beats[executor])
            await self._database.write_aside(lambda connection, forget=forget: connection.execute(forget).close())

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

    def _others(self, connection: sa.Connection) -> dict[str, datetime]:
        """The last heartbeats of members of our version: of another's jobs we cannot go on with any."""
        query = sa.select(MEMBER.c.executor, MEMBER.c.seen_at).where(
            MEMBER.c.executor != self._executor, MEMBER.c.version == self._version
        )
        return {row.executor: row.seen_at for row in connection.execute(query)}


def _forgetting(executor: str, heard: datetime) -> sa.Delete:
    """Of a member that has not been heard of again meanwhile."""
    return sa.delete(MEMBER).where(MEMBER.c.executor == executor, MEMBER.c.seen_at == heard)
