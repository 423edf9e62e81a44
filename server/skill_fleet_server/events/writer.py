"""The one thread that writes: it commits together whatever has queued while the last commit ran.

No timer decides a batch's size, so a lone event commits at once and a burst commits in few transactions.
A batch holds the log's lock from its first statement to its commit: what a unit of work reads and decides is
as true when it is committed, whichever process had the lock before.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from skill_fleet_common.jobs import JobView
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import EVENT, JOB, LOG
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.transaction import Appended, Encoded, JobState, Transaction
from skill_fleet_server.instruments import COMMIT_SECONDS, COMMIT_UNITS

_BATCH: Final = 256
"""Most units of work in one commit: bounds how long the first of them waits for the last."""

_DOUBT_S: Final = 0.5
"""Before a database that did not answer is asked again what became of a commit."""

# Built once: putting a statement together and finding its compiled form cost more than SQLite takes to run it.
_HEAD: Final = sa.select(LOG.c.head)
_ADD_EVENTS: Final = sa.insert(EVENT)
_JOBS_SINCE: Final = sa.select(EVENT.c.job_id).where(EVENT.c.pos > sa.bindparam("after")).distinct()
_BODY_AT: Final = sa.select(EVENT.c.body).where(EVENT.c.pos == sa.bindparam("at"))
_SET_HEAD: Final = sa.update(LOG).values(head=sa.bindparam("to"))
_SET_VIEW: Final = (
    sa.update(JOB)
    .where(JOB.c.job_id == sa.bindparam("of"))
    .values({name: sa.bindparam(name) for name in ("view", "status", "updated_at")})
)

_log = structlog.get_logger(__name__)

Work = Callable[[Transaction], Any]


@dataclass(frozen=True, slots=True)
class _Filled:
    """A transaction that is ready to be committed."""

    frames: list[Encoded]
    views: dict[str, JobView]
    head: int
    receipt: str
    """What its fate can be asked by; nothing where a commit that fails has failed."""
    last: dict[str, object]
    """The last event's row; nothing where there is none."""


@dataclass(slots=True)
class _Request:
    work: Work
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs units of work in transactions, on a thread of its own."""

    def __init__(
        self,
        database: Database,
        *,
        epoch: str,
        head: int,
        loop: asyncio.AbstractEventLoop,
        on_commit: Callable[[list[Encoded]], None],
    ) -> None:
        self._database = database
        self._epoch = epoch
        self._head = head
        """Where this writer has seen the log end."""
        self._loop = loop
        self._on_commit = on_commit
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._jobs: dict[str, JobState] = {}
        """Jobs that are not over, true at `_head`: what others have written about since is forgotten first."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="event-writer")
        self._thread.start()

    async def submit(self, work: Work) -> Any:
        """Run a unit of work; returns what it returns once that is committed.

        Raises:
            StorageUnavailable: If the database refused; then nothing of it is kept.
            Exception: Whatever the work raised; then nothing of it is kept.
        """
        request = _Request(work, self._loop.create_future())
        # Of a caller that has left nobody asks how its work ended.
        request.future.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._queue.put(request)
        # A commit cannot be called back: a caller that is cancelled leaves, the work is done all the same.
        return await asyncio.shield(request.future)

    def close(self) -> None:
        """Commit what has queued, and end the thread."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            batch: list[_Request] = []
            open_ = self._collect(batch)
            if batch:
                self._commit(batch)

    def _collect(self, batch: list[_Request]) -> bool:
        """Fill the batch with what has queued, waiting for the first; false when the writer is to end."""
        request = self._queue.get()
        while request is not None:
            batch.append(request)
            if len(batch) == _BATCH:
                return True
            try:
                request = self._queue.get_nowait()
            except queue.Empty:
                return True
        return False

    def _commit(self, batch: list[_Request]) -> None:
        began = time.monotonic()
        try:
            with self._database.translated():
                frames = self._execute(batch)
        except Exception as error:
            _log.exception("commit_failed", units=len(batch))
            self._jobs.clear()
            frames = []
            for request in batch:
                request.error = error if isinstance(error, StorageUnavailable) else _unexpected(error)
        else:
            COMMIT_UNITS.observe(len(batch))
            COMMIT_SECONDS.observe(time.monotonic() - began)
        self._loop.call_soon_threadsafe(self._deliver, batch, frames)

    def _execute(self, batch: list[_Request]) -> list[Encoded]:
        filled: _Filled | None = None
        try:
            with self._database.writer.begin() as connection:
                filled = self._fill(connection, batch)
        except DBAPIError as error:
            # Only the commit itself can fail after the transaction was filled: then it may have happened.
            if filled is None or not filled.receipt or not self._came_through(filled, error):
                raise
        self._head = filled.head
        for job_id, view in filled.views.items():
            if view.status.is_terminal:
                self._jobs.pop(job_id, None)
        return filled.frames

    def _came_through(self, filled: _Filled, error: DBAPIError) -> bool:
        """Whether a transaction was committed of whose commit no answer came. Told that it was not, a caller would
        do again what is done; so this waits for a database that can tell.

        The transaction's number alone does not tell: after a crash PostgreSQL gives numbers again that it had not made
        durable. So its last event is looked for, too.
        """
        _log.warning("commit_in_doubt", error=type(error.orig).__name__)
        while True:
            try:
                with self._database.writer.begin() as connection:
                    self._database.backend.lock_log(connection)
                    if not self._database.backend.was_committed(connection, filled.receipt):
                        return False
                    return connection.scalar(_BODY_AT, {"at": filled.last["pos"]}) == filled.last["body"]
            except (DBAPIError, NoConnectionFree) as refusal:
                self._refuse_waiting(refusal)
                if self._closing.wait(_DOUBT_S):
                    return False

    def _refuse_waiting(self, refusal: Exception) -> None:
        """Let nobody who came since wait for a database that is away."""
        late: list[_Request] = []
        while not self._closing.is_set():
            try:
                request = self._queue.get_nowait()
            except queue.Empty:
                break
            if request is None:
                self._queue.put(None)
                break
            request.error = self._database.unavailable(refusal)
            late.append(request)
        if late:
            self._loop.call_soon_threadsafe(self._deliver, late, [])

    def _fill(self, connection: sa.Connection, batch: list[_Request]) -> _Filled:
        rows: list[dict[str, object]] = []
        frames: list[Encoded] = []
        views: dict[str, JobView] = {}
        head = self._begin(connection)
        for request in batch:
            transaction = Transaction(connection, epoch=self._epoch, head=head, jobs=self._jobs)
            connection.exec_driver_sql("SAVEPOINT work")
            try:
                request.result = request.work(transaction)
            except DBAPIError:
                raise
            except Exception as error:
                connection.exec_driver_sql("ROLLBACK TO work")
                connection.exec_driver_sql("RELEASE work")
                request.error = error
                continue
            connection.exec_driver_sql("RELEASE work")
            head = transaction.head
            added = transaction.appended
            rows += added.rows
            frames += added.frames
            views |= added.views
            self._remember(added)
        receipt = self._store(connection, rows, views, head)
        return _Filled(frames, views, head, receipt, rows[-1] if rows else {})

    def _remember(self, added: Appended) -> None:
        for job_id, view in added.views.items():
            self._jobs.setdefault(job_id, JobState(view, {})).view = view
        for (job_id, key), pos in added.keys.items():
            self._jobs[job_id].keys[key] = pos

    def _begin(self, connection: sa.Connection) -> int:
        self._database.backend.lock_log(connection)
        head = connection.scalar(_HEAD)
        assert head is not None
        if head != self._head:
            for job_id in connection.scalars(_JOBS_SINCE, {"after": self._head}):
                self._jobs.pop(job_id, None)
            self._head = head
        return head

    def _store(
        self, connection: sa.Connection, rows: list[dict[str, object]], views: dict[str, JobView], head: int
    ) -> str:
        if not rows:
            return ""
        connection.execute(_ADD_EVENTS, rows)
        connection.execute(_SET_HEAD, {"to": head})
        connection.execute(
            _SET_VIEW,
            [
                {"of": job_id, "view": view.model_dump_json(), "status": view.status, "updated_at": view.updated_at}
                for job_id, view in views.items()
            ],
        )
        return self._database.backend.announce(connection)

    def _deliver(self, batch: list[_Request], frames: list[Encoded]) -> None:
        self._on_commit(frames)
        for request in batch:
            if request.future.cancelled():
                continue
            if request.error is not None:
                request.future.set_exception(request.error)
            else:
                request.future.set_result(request.result)


def _unexpected(error: Exception) -> StorageUnavailable:
    unavailable = StorageUnavailable("The event log could not be written. The server's log says why.")
    unavailable.__cause__ = error
    return unavailable
