"""What a unit of work may do to the log and the records beside it.

A unit of work is a plain function that gets a `Transaction`. It runs on the writer's thread, inside a
database transaction: reading, deciding and appending are one step, so a compare-and-set needs no more than
an `if`. Whatever it raises undoes all it did and nothing else.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from skill_fleet_common.events import DurableEvent
from skill_fleet_common.fold import apply
from skill_fleet_common.jobs import JobView
from skill_fleet_server.database.tables import EVENT, JOB, JobRow
from skill_fleet_server.errors import JobOver, NotFound
from skill_fleet_server.events.frames import Cursor, data_of, encode_json


@dataclass(frozen=True, slots=True)
class Encoded:
    """A committed event as every connection sends it."""

    pos: int
    job_id: str
    type: str
    created_by: str
    """Who asked for the job: who else may read it is the connection's affair."""
    frame: bytes
    """The whole server-sent event, with its `id`."""

    @property
    def data(self) -> bytes:
        """The event's envelope, as JSON."""
        return data_of(self.frame)


@dataclass
class JobState:
    """What the writer remembers of a job that is not over."""

    view: JobView
    keys: dict[str, int]
    """Positions of its events that have a key."""


@dataclass
class Appended:
    """What one unit of work adds to the batch it runs in."""

    rows: list[dict[str, object]] = field(default_factory=list)
    frames: list[Encoded] = field(default_factory=list)
    views: dict[str, JobView] = field(default_factory=dict)
    keys: dict[tuple[str, str], int] = field(default_factory=dict)


class Transaction:
    """One unit of work in progress."""

    def __init__(
        self,
        connection: sa.Connection,
        *,
        epoch: str,
        head: int,
        jobs: dict[str, JobState],
    ) -> None:
        self.connection = connection
        """For reading and changing records; commits and savepoints are the writer's."""
        self.now = datetime.now(UTC)
        self.appended = Appended()
        self._epoch = epoch
        self._head = head
        self._jobs = jobs

    @property
    def head(self) -> int:
        """Position of the newest event, this unit's own included."""
        return self._head

    def view(self, job_id: str) -> JobView:
        """The job as of now.

        Raises:
            NotFound: If there is no such job.
        """
        return self.appended.views.get(job_id) or self._state(job_id).view

    def create(self, job: JobRow, event: DurableEvent) -> JobView:
        """Begin a job with its first event; fills in what the row takes from it."""
        pos = self._append(None, event, None)
        view = self.appended.views[event.job_id]
        job.created_pos, job.status, job.view, job.updated_at = pos, view.status, view.model_dump_json(), self.now
        job.created_by = view.created_by
        self.connection.execute(sa.insert(JOB).values(**job.model_dump()))
        return view

    def append(self, event: DurableEvent, *, key: str | None = None) -> int:
        """Add an event to its job's log.

        Args:
            event: Without position, sequence number and time, which the log gives.
            key: Makes the event unique within its job: a second append with the same key does nothing.

        Returns:
            The event's position; with a known key, that of the event that was there already.

        Raises:
            JobOver: If the job has had its last event.
            NotFound: If there is no such job.
        """
        view = self.view(event.job_id)
        if key is not None and (known := self.position_of(event.job_id, key)):
            return known
        if view.status.is_terminal:
            raise JobOver(f"The job {event.job_id} is {view.status}.")
        return self._append(view, event, key)

    def position_of(self, job_id: str, key: str) -> int | None:
        """Where the job's event with this key is; `None` when there is none."""
        pending = self.appended.keys.get((job_id, key))
        if pending is not None or (job_id in self.appended.views and job_id not in self._jobs):
            return pending
        return self._state(job_id).keys.get(key)

    def seconds_since(self, pos: int) -> float:
        """How long ago the event at a position of an earlier commit was."""
        body = self.connection.scalar(sa.select(EVENT.c.body).where(EVENT.c.pos == pos))
        assert body is not None
        return (self.now - datetime.fromisoformat(json.loads(body)["ts"])).total_seconds()

    def _state(self, job_id: str) -> JobState:
        """The job before this unit of work, from memory or from the database."""
        if (known := self._jobs.get(job_id)) is not None:
            return known
        stored = self.connection.scalar(sa.select(JOB.c.view).where(JOB.c.job_id == job_id))
        if stored is None:
            raise NotFound(f"There is no job {job_id}.")
        query = sa.select(EVENT.c.key, EVENT.c.pos).where(EVENT.c.job_id == job_id, EVENT.c.key.is_not(None))
        keys = {row.key: row.pos for row in self.connection.execute(query)}
        state = JobState(JobView.model_validate_json(stored), keys)
        if not state.view.status.is_terminal:
            self._jobs[job_id] = state
        return state

    def _append(self, view: JobView | None, event: DurableEvent, key: str | None) -> int:
        pos = self._head + 1
        stamped = event.model_copy(
            update={"pos": pos, "seq": view.seq + 1 if view else 1, "ts": self.now},
        )
        body = stamped.model_dump_json(exclude={"v", "type", "pos"}, exclude_none=True)
        row = {"pos": pos, "job_id": event.job_id, "seq": stamped.seq, "v": event.v, "type": event.type, "key": key}
        self._head = pos
        self.appended.rows.append({**row, "body": body})
        after = self.appended.views[event.job_id] = apply(view, stamped)
        self.appended.frames.append(
            encoded(self._epoch, pos, event.job_id, event.type, event.v, body, after.created_by)
        )
        if key is not None:
            self.appended.keys[event.job_id, key] = pos
        return pos


def event_json(pos: int, kind: str, v: int, body: str) -> str:
    """A stored event's envelope."""
    return f'{{"v":{v},"type":"{kind}","pos":{pos},{body[1:]}'


def encoded(epoch: str, pos: int, job_id: str, kind: str, v: int, body: str, created_by: str) -> Encoded:
    """A stored event's frame."""
    frame = encode_json(kind, event_json(pos, kind, v, body), cursor=Cursor(epoch, pos))
    return Encoded(pos, job_id, kind, created_by, frame)
