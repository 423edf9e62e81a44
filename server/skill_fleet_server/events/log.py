"""The event log: the one place where things that happened live.

Appending is a unit of work handed to the writer; reading is a page after a position, from the ring when it
is close to the head and from the table when it is not. A reader takes the wake handle before it reads, so
nothing can fall between a page and the wait for the next.

`head` is how far this process has followed the log. What it commits itself it knows at once; what others
commit to a shared log `catch_up` brings (`events.tail` says when).
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import sqlalchemy as sa

from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import EVENT, JOB, LOG, Log
from skill_fleet_server.events.ring import Ring
from skill_fleet_server.events.transaction import Encoded, Transaction, encoded
from skill_fleet_server.events.writer import Writer

T = TypeVar("T")

_EPOCH_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_CATCH_UP: Final = 1_000
"""Most events that are fetched at once from other processes."""

_NOTE_EVERY_S: Final = 1.0
"""How much of the log's growth a copy that is put back after a crash may hide."""

_TERMINAL: Final = [status for status in JobStatus if status.is_terminal]


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the log."""

    frames: list[Encoded]
    scanned: int
    """Everything that matches up to here is in `frames` or came before."""
    trimmed: int = 0
    """Highest position that was deleted when this was read: what came before it may be missing in `frames`."""


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
        """Position of the newest event that this process knows to be committed."""
        self.trimmed = row.trimmed
        """Highest position ever deleted."""
        self._database = database
        self._ring = Ring(row.head)
        self._wake = asyncio.Event()
        self._heeding: list[Callable[[list[Encoded]], None]] = []
        self._catching_up = asyncio.Lock()
        self._writer = Writer(database, epoch=row.epoch, head=row.head, loop=loop, on_commit=self._committed)

    @classmethod
    async def open(cls, database: Database) -> "EventLog":
        """Open the log, beginning it if there is none.

        Raises:
            StorageUnavailable: If the database cannot be written.
        """
        row = await asyncio.to_thread(_open_row, database)
        if database.backend.note is not None:
            await asyncio.to_thread(database.backend.note.write, row.epoch, row.head)
        return cls(database, row, asyncio.get_running_loop())

    async def close(self) -> None:
        """Commit what is queued and mark the log as closed cleanly."""
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(_close_row, self._database)

    async def keep_note(self) -> None:
        """Note now and then how far the log has come, where a copy of it could be put back, until cancelled."""
        note = self._database.backend.note
        noted = self.head
        while note is not None:
            await asyncio.sleep(_NOTE_EVERY_S)
            if self.head != noted:
                noted = self.head
                await asyncio.to_thread(note.write, self.epoch, noted)

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work and return what it returns, once it is committed.

        Raises:
            StorageUnavailable: If the database refused; then nothing of it is kept.
        """
        return await self._writer.submit(work)

    def wake(self) -> asyncio.Event:
        """The handle that the next commit sets. Take it before reading."""
        return self._wake

    def heeded_by(self, heed: Callable[[list[Encoded]], None]) -> None:
        """Call this with all events to come, in order, each before any reader has it."""
        self._heeding.append(heed)

    async def page(
        self, after: int, *, jobs: frozenset[str] | None = None, created_by: str | None = None, limit: int = 256
    ) -> Page:
        """Events after a position, in order; of these jobs only, and of this principal's, if any are named."""
        if self._ring.covers(after):
            frames = self._ring.after(after, limit)
            scanned = frames[-1].pos if frames else max(after, self.head)
            if jobs is not None:
                frames = [frame for frame in frames if frame.job_id in jobs]
            if created_by is not None:
                frames = [frame for frame in frames if frame.created_by == created_by]
            return Page(frames, scanned)
        page = await self._database.read(
            lambda connection: self._stored_page(connection, after, jobs, created_by, limit)
        )
        # Somebody may be trimming just now, or another process: what is missing in a page is known with it.
        self.trimmed = max(self.trimmed, page.trimmed)
        return page

    async def snapshot(
        self, *, jobs: frozenset[str] | None = None, created_by: str | None = None, finished: int = 50
    ) -> LogSnapshot:
        """The views of every job that is not over and of the `finished` that ended last, newest job first; of these
        jobs only, and of this principal's, if any are named."""

        def query(connection: sa.Connection) -> LogSnapshot:
            head = connection.scalar(sa.select(LOG.c.head)) or 0
            jobs_wanted = sa.true() if jobs is None else JOB.c.job_id.in_(jobs)
            if created_by is not None:
                jobs_wanted &= JOB.c.created_by == created_by
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

    async def catch_up(self) -> None:
        """Follow the log to where it ends now, whoever wrote it.

        Raises:
            StorageUnavailable: If the database cannot be read.
        """
        async with self._catching_up:
            while True:
                page = await self._database.read(
                    lambda connection: self._stored_page(connection, self.head, None, None, _CATCH_UP)
                )
                self.trimmed = max(self.trimmed, page.trimmed)
                self._publish([frame for frame in page.frames if frame.pos > self.head])
                if len(page.frames) < _CATCH_UP:
                    return

    def _stored_page(
        self, connection: sa.Connection, after: int, jobs: frozenset[str] | None, created_by: str | None, limit: int
    ) -> Page:  # fmt: skip
        head, trimmed = connection.execute(sa.select(LOG.c.head, LOG.c.trimmed)).one()
        query = (
            sa.select(EVENT.c.pos, EVENT.c.job_id, EVENT.c.type, EVENT.c.v, EVENT.c.body, JOB.c.created_by)
            .outerjoin_from(EVENT, JOB, EVENT.c.job_id == JOB.c.job_id)
            .where(EVENT.c.pos > after)
            .order_by(EVENT.c.pos)
            .limit(limit)
        )
        if jobs is not None:
            query = query.where(EVENT.c.job_id.in_(jobs))
        if created_by is not None:
            query = query.where(JOB.c.created_by == created_by)
        rows = connection.execute(query).all()
        frames = [
            encoded(self.epoch, row.pos, row.job_id, row.type, row.v, row.body, row.created_by or "") for row in rows
        ]
        return Page(frames, frames[-1].pos if len(frames) == limit else max(after, head), trimmed)

    def _committed(self, frames: list[Encoded]) -> None:
        # Where others have written in between, `catch_up` brings theirs and these in order.
        if frames and frames[0].pos == self.head + 1:
            self._publish(frames)

    def _publish(self, frames: list[Encoded]) -> None:
        """Let every reader have these events, which come after all it could have."""
        if not frames:
            return
        self._ring.extend(frames)
        self.head = frames[-1].pos
        for heed in self._heeding:
            heed(frames)
        woken, self._wake = self._wake, asyncio.Event()
        woken.set()


def _open_row(database: Database) -> Log:
    """Read the log's row, and decide whether history may have been lost since it was last open.

    Then positions that clients have seen may be given again, so the log gets a new identity.
    """
    with database.translated(), database.writer.begin() as connection:
        database.backend.lock_log(connection)
        mark = database.backend.history_mark(connection)
        found = connection.execute(sa.select(LOG)).mappings().one_or_none()
        if found is None:
            row = Log(epoch=new_epoch(), boot=mark)
            connection.execute(sa.insert(LOG).values(**row.model_dump()))
            return row
        row = Log(**found)
        note = database.backend.note
        if row.boot not in ("", mark) or (note is not None and note.contradicts(row.epoch, row.head)):
            row.epoch = new_epoch()
        connection.execute(sa.update(LOG).values(epoch=row.epoch, boot=mark))
        return row


def _close_row(database: Database) -> None:
    """Mark a clean end, unless others may have the log open."""
    if database.backend.shared:
        return
    with database.translated(), database.writer.begin() as connection:
        connection.execute(sa.update(LOG).values(boot=""))
        row = connection.execute(sa.select(LOG.c.epoch, LOG.c.head)).one()
    if database.backend.note is not None:
        database.backend.note.write(row.epoch, row.head)


def new_epoch() -> str:
    """A new identity for a log."""
    return "".join(secrets.choice(_EPOCH_ALPHABET) for _ in range(8))
