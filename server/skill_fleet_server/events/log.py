"""The event log: the one place where things that happened live.

Appending is a unit of work handed to the writer; reading is a page after a position, from the ring when it
is close to the head and from the table when it is not. A reader takes the wake handle before it reads, so
nothing can fall between a page and the wait for the next.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa

from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_server.database.engine import Database, translated
from skill_fleet_server.database.tables import EVENT, JOB, LOG, Log
from skill_fleet_server.events.ring import Ring
from skill_fleet_server.events.transaction import Encoded, Transaction, encoded
from skill_fleet_server.events.writer import Writer

T = TypeVar("T")

_EPOCH_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_TERMINAL: Final = [status for status in JobStatus if status.is_terminal]


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the log."""

    frames: list[Encoded]
    scanned: int
    """Everything that matches up to here is in `frames` or came before."""


@dataclass(frozen=True, slots=True)
class LogSnapshot:
    """The views of jobs, all true at one position."""

    as_of: int
    views: list[JobView]


class EventLog:
    """The log of one database. `open` makes one; `close` ends it."""

    def __init__(self, database: Database, row: Log, loop: asyncio.AbstractEventLoop) -> None:
        self.epoch = row.epoch
        self.head = row.head
        """Position of the newest committed event."""
        self.trimmed = row.trimmed
        """Highest position ever deleted."""
        self._database = database
        self._ring = Ring(row.head)
        self._wake = asyncio.Event()
        self._writer = Writer(database, epoch=row.epoch, loop=loop, on_commit=self._committed)

    @classmethod
    async def open(cls, database: Database) -> "EventLog":
        """Open the log, beginning it if there is none.

        Raises:
            StorageUnavailable: If the database cannot be written.
        """
        row = await asyncio.to_thread(_open_row, database)
        return cls(database, row, asyncio.get_running_loop())

    async def close(self) -> None:
        """Commit what is queued and mark the log as closed cleanly."""
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(_close_row, self._database)

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work and return what it returns, once it is committed.

        Raises:
            StorageUnavailable: If the database refused; then nothing of it is kept.
        """
        return await self._writer.submit(work)

    def wake(self) -> asyncio.Event:
        """The handle that the next commit sets. Take it before reading."""
        return self._wake

    async def page(self, after: int, *, jobs: frozenset[str] | None = None, limit: int = 256) -> Page:
        """Events after a position, in order; of these jobs only, if any are named."""
        if self._ring.covers(after):
            frames = self._ring.after(after, limit)
            scanned = frames[-1].pos if frames else max(after, self.head)
            return Page(frames if jobs is None else [f for f in frames if f.job_id in jobs], scanned)
        return await self._database.read(lambda connection: self._stored_page(connection, after, jobs, limit))

    async def snapshot(self, *, jobs: frozenset[str] | None = None, finished: int = 50) -> LogSnapshot:
        """The views of every job that is not over and of the `finished` that ended last, newest job first."""

        def query(connection: sa.Connection) -> LogSnapshot:
            head = connection.scalar(sa.select(LOG.c.head)) or 0
            jobs_wanted = sa.true() if jobs is None else JOB.c.job_id.in_(jobs)
            over = JOB.c.status.in_(_TERMINAL)
            going = sa.select(JOB.c.created_pos, JOB.c.view).where(jobs_wanted, ~over)
            ended = (
                sa.select(JOB.c.created_pos, JOB.c.view)
                .where(jobs_wanted, over)
                .order_by(JOB.c.updated_at.desc())
                .limit(finished)
            )
            rows = [*connection.execute(going), *connection.execute(ended)]
            rows.sort(key=lambda row: row.created_pos, reverse=True)
            return LogSnapshot(head, [JobView.model_validate_json(row.view) for row in rows])

        return await self._database.read(query)

    def _stored_page(
        self, connection: sa.Connection, after: int, jobs: frozenset[str] | None, limit: int
    ) -> Page:  # fmt: skip
        head = connection.scalar(sa.select(LOG.c.head)) or 0
        query = (
            sa.select(EVENT.c.pos, EVENT.c.job_id, EVENT.c.type, EVENT.c.v, EVENT.c.body)
            .where(EVENT.c.pos > after)
            .order_by(EVENT.c.pos)
            .limit(limit)
        )
        if jobs is not None:
            query = query.where(EVENT.c.job_id.in_(jobs))
        rows = connection.execute(query).all()
        frames = [encoded(self.epoch, row.pos, row.job_id, row.type, row.v, row.body) for row in rows]
        return Page(frames, frames[-1].pos if len(frames) == limit else max(after, head))

    def _committed(self, frames: list[Encoded], head: int) -> None:
        if not frames:
            return
        self._ring.extend(frames)
        self.head = head
        woken, self._wake = self._wake, asyncio.Event()
        woken.set()


def _open_row(database: Database) -> Log:
    """Read the log's row, and decide whether history may have been lost since it was last closed.

    With `synchronous=NORMAL` a committed event survives a crash of the process but not of the machine: then
    positions that clients have seen may be given again, so the log gets a new identity.
    """
    boot = _boot_id()
    with translated(), database.writer.begin() as connection:
        found = connection.execute(sa.select(LOG)).mappings().one_or_none()
        if found is None:
            row = Log(epoch=_new_epoch(), boot=boot)
            connection.execute(sa.insert(LOG).values(**row.model_dump()))
            return row
        row = Log(**found)
        if row.boot not in ("", boot):
            row.epoch = _new_epoch()
        connection.execute(sa.update(LOG).values(epoch=row.epoch, boot=boot))
        return row


def _close_row(database: Database) -> None:
    with translated(), database.writer.begin() as connection:
        connection.execute(sa.update(LOG).values(boot=""))


def _new_epoch() -> str:
    return "".join(secrets.choice(_EPOCH_ALPHABET) for _ in range(8))


def _boot_id() -> str:
    """The machine's boot, or a constant where the system does not tell."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return "unknown"
