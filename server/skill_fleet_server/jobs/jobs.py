"""Creating, reading, cancelling, retrying and forking jobs."""

import hashlib
import json
import secrets
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa
from pydantic import BaseModel

from skill_fleet_common.actions import DEFAULT_KEYWORDS
from skill_fleet_common.api import CreateJob, EventPage, ForkJob, JobAccepted, JobPage
from skill_fleet_common.events import ByData, JobCancelling, JobCreated, JobCreatedData, SourceSummary
from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import EVENT, FILE, IDEMPOTENCY, JOB, LOG, JobRow
from skill_fleet_server.errors import IdempotencyKeyReused, Invalid, JobStateConflict, NotFound, TooMany
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Transaction, event_json
from skill_fleet_server.hitl.prepared import prepare
from skill_fleet_server.hitl.prompts import resolve_prompt
from skill_fleet_server.jobs.origin import Origin
from skill_fleet_server.lm.config import DEMO_MODEL
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.workflows.checkpoints import checkpoint_of, failed_checkpoint
from skill_fleet_server.workflows.engine import Engine
from skill_fleet_server.workflows.job_run import QUESTION

_ID_BYTES: Final = 6
_FULL_S: Final = 15
"""When to ask again that found too many jobs, in seconds."""
_OVER: Final = [status for status in JobStatus if status.is_terminal]


class Jobs:
    """All jobs of this server's database."""

    def __init__(self, database: Database, log: EventLog, engine: Engine, models: ModelTable, *, limit: int) -> None:
        """`limit` is how many jobs there may be that are not over."""
        self._limit = limit
        self._database = database
        self._log = log
        self._engine = engine
        self._models = models

    async def create(
        self, request: CreateJob, *, idempotency_key: str | None, by: str
    ) -> tuple[JobAccepted, bool]:  # fmt: skip
        """Accept a job and begin it; returns it and whether it is new.

        Raises:
            IdempotencyKeyReused: If the key came with another request before.
            ModelNotConfigured: If the request names a model that cannot be used.
        """
        if request.model is not None:
            self._models.check(request.model)
        accepted, is_new = await self._log.transact(
            lambda tx: self._accept(tx, request, None, idempotency_key, _digest(f"create {by}", request), by)
        )
        if is_new:
            self._engine.own(self._engine.start(accepted.job.job_id))
        return accepted, is_new

    async def retry(
        self, job_id: str, *, by: str, idempotency_key: str | None = None
    ) -> tuple[JobAccepted, bool]:  # fmt: skip
        """Begin a failed job again, as a job of its own that shares every checkpoint before the failure.

        A job's log ends with its last event for good, so another try is another job.

        Raises:
            NotFound: If there is no such job.
            JobStateConflict: If it has not failed.
        """
        view, _ = await self.get(job_id)
        if view.status is not JobStatus.FAILED:
            raise JobStateConflict(f"The job is {view.status}; only a failed job can be retried.")
        failed_at = view.error.step if view.error else ""
        step = await failed_checkpoint(job_id, failed_at)
        return await self._begin_from(Origin(job_id, step, failed_at, retried=True), None, idempotency_key, by)

    async def fork(
        self, job_id: str, wish: ForkJob, *, by: str, idempotency_key: str | None = None
    ) -> tuple[JobAccepted, bool]:  # fmt: skip
        """Begin a job that shares another's steps up to one of them, and from there is asked or told otherwise.

        Raises:
            NotFound: If there is no such job.
            JobStateConflict: If it has not come to that step.
            Invalid: If the answer does not fit the question.
        """
        await self.get(job_id)
        step = await checkpoint_of(job_id, wish.from_step)
        prepared = None
        if (answer := wish.answer) is not None:
            at = wish.from_step.removeprefix(QUESTION)
            prepared = await self._database.read(lambda c: prepare(c, job_id, at, answer, by, DEFAULT_KEYWORDS))
        origin = Origin(job_id, step, wish.from_step, answer=prepared)
        return await self._begin_from(origin, wish.task_description, idempotency_key, by)

    async def _begin_from(
        self, origin: Origin, task: str | None, key: str | None, by: str
    ) -> tuple[JobAccepted, bool]:  # fmt: skip
        accepted, is_new = await self._log.transact(lambda tx: self._accept_fork(tx, origin, task, key, by))
        if is_new:
            self._engine.own(self._engine.fork(origin.job_id, origin.checkpoint, accepted.job.job_id))
        return accepted, is_new

    async def cancel(self, job_id: str, *, by: str) -> JobStatus:
        """Ask for a job to end; returns its status, which is terminal if it is over already.

        Raises:
            NotFound: If there is no such job.
        """

        def work(tx: Transaction) -> JobStatus:
            view = tx.view(job_id)
            if view.status.is_terminal or view.status is JobStatus.CANCELLING:
                return view.status
            tx.append(JobCancelling(job_id=job_id, phase=view.phase, data=ByData(by=by)))
            if view.prompt is not None:
                resolve_prompt(tx, view.prompt.prompt_id, "withdrawn", by=by)
            return JobStatus.CANCELLING

        status = await self._log.transact(work)
        if status is JobStatus.CANCELLING:
            self._engine.end_cancelled(job_id)
        return status

    async def get(self, job_id: str) -> tuple[JobView, int]:
        """A job's view and the position it is true at.

        Raises:
            NotFound: If there is no such job.
        """

        def query(connection: sa.Connection) -> tuple[str | None, int]:
            view = connection.scalar(sa.select(JOB.c.view).where(JOB.c.job_id == job_id))
            return view, connection.scalar(sa.select(LOG.c.head)) or 0

        stored, as_of = await self._database.read(query)
        if stored is None:
            raise NotFound(f"There is no job {job_id}. `GET /api/v1/jobs` lists them.")
        return JobView.model_validate_json(stored), as_of

    async def list(
        self,
        *,
        status: Collection[JobStatus],
        q: str,
        limit: int,
        cursor: str | None,
        created_by: str | None = None,
    ) -> JobPage:
        """Jobs, newest first, of these statuses, with this text in their description or name, of this principal.

        Raises:
            Invalid: If `cursor` is not one that a page gave.
        """
        query = sa.select(JOB.c.created_pos, JOB.c.view).order_by(JOB.c.created_pos.desc()).limit(limit + 1)
        if status:
            query = query.where(JOB.c.status.in_(status))
        if created_by is not None:
            query = query.where(JOB.c.created_by == created_by)
        if q:
            pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            field = self._database.backend.json_text
            text = field(JOB.c.view, "task_description") + " " + field(JOB.c.view, "name")
            query = query.where(text.ilike(pattern, escape="\\"))
        if cursor is not None:
            if not (cursor.isascii() and cursor.isdigit()):
                raise Invalid("`cursor` is the `next` of the page before.")
            query = query.where(JOB.c.created_pos < int(cursor))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        jobs = [JobView.model_validate_json(row.view) for row in rows[:limit]]
        return JobPage(jobs=jobs, next=str(rows[limit - 1].created_pos) if len(rows) > limit else None)

    async def events(self, job_id: str, *, after: int, limit: int) -> EventPage:
        """A job's events after a position, oldest first.

        Raises:
            NotFound: If there is no such job.
        """
        await self.get(job_id)
        query = (
            sa.select(EVENT.c.pos, EVENT.c.type, EVENT.c.v, EVENT.c.body)
            .where(EVENT.c.job_id == job_id, EVENT.c.pos > after)
            .order_by(EVENT.c.seq)
            .limit(limit + 1)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        events = [json.loads(event_json(row.pos, row.type, row.v, row.body)) for row in rows[:limit]]
        return EventPage(events=events, after=events[-1]["pos"] if events else after, more=len(rows) > limit)

    async def file(self, job_id: str, path: str, revision: int | None) -> str:
        """The text of one file of a job's skill, as it was at a revision or as it is now.

        A file that a revision did not change is what it was at the last one that did.

        Raises:
            NotFound: If the job has no such file, or had none at that revision.
        """

        def query(connection: sa.Connection) -> tuple[str | None, int, int]:
            mine = FILE.c.job_id == job_id
            text = sa.select(FILE.c.text).where(mine, FILE.c.path == path).order_by(FILE.c.revision.desc()).limit(1)
            first = sa.select(sa.func.min(FILE.c.revision)).where(mine, FILE.c.path == path)
            newest = sa.select(sa.func.max(FILE.c.revision)).where(mine)
            if revision is not None:
                text = text.where(FILE.c.revision <= revision)
            return connection.scalar(text), connection.scalar(first) or 0, connection.scalar(newest) or 0

        text, first, newest = await self._database.read(query)
        if not first:
            raise NotFound(f"The job {job_id} has no file {path!r}.")
        if text is None:
            raise NotFound(f"{path!r} is there from revision {first} on; revision {revision} does not have it.")
        if revision is not None and revision > newest:
            raise NotFound(f"The job {job_id} has no revision {revision}; its newest is {newest}.")
        return text

    async def source(self, job_id: str, name: str) -> str:
        """The text of one source that a job was given.

        Raises:
            NotFound: If there is no such job, or it was given no such source.
        """
        query = sa.select(JOB.c.request).where(JOB.c.job_id == job_id)
        stored = await self._database.read(lambda connection: connection.scalar(query))
        if stored is None:
            raise NotFound(f"There is no job {job_id}. `GET /api/v1/jobs` lists them.")
        for source in stored.get("sources", []):
            if source["name"] == name:
                return source["text"]
        raise NotFound(f"The job {job_id} was given no source {name!r}; `source_names` of the job names them.")

    async def resume_interrupted(self) -> None:
        """Begin what was accepted but not begun, and end what was being cancelled, when a server starts."""
        query = sa.select(JOB.c.job_id, JOB.c.status, JOB.c.forked_from, JOB.c.fork_step).where(
            JOB.c.status.in_([JobStatus.PENDING, JobStatus.CANCELLING])
        )
        for row in await self._database.read(lambda connection: connection.execute(query).all()):
            if row.status == JobStatus.CANCELLING:
                self._engine.end_cancelled(row.job_id)
            elif row.forked_from is not None:
                self._engine.own(self._engine.fork(row.forked_from, row.fork_step, row.job_id))
            else:
                self._engine.own(self._engine.start(row.job_id))

    def _accept_fork(
        self, tx: Transaction, origin: Origin, task: str | None, key: str | None, by: str
    ) -> tuple[JobAccepted, bool]:  # fmt: skip
        stored = tx.connection.scalar(sa.select(JOB.c.request).where(JOB.c.job_id == origin.job_id))
        request = CreateJob.model_validate(stored)
        if task is not None:
            request = request.model_copy(update={"task_description": task})
        return self._accept(tx, request, origin, key, _digest(f"fork {by} {origin}", request), by)

    def _accept(
        self, tx: Transaction, request: CreateJob, origin: Origin | None, key: str | None, digest: str, by: str
    ) -> tuple[JobAccepted, bool]:  # fmt: skip
        if key is not None and (known := _known(tx, key, digest)):
            return known, False
        self._refuse_beyond_limit(tx)
        job_id = secrets.token_hex(_ID_BYTES)
        model = request.model or self._models.default
        created = JobCreatedData(
            task_description=request.task_description,
            sources=[
                SourceSummary(name=s.name, characters=len(s.text), lines=s.text.count("\n") + 1)
                for s in request.sources
            ],
            auto_approve=request.auto_approve,
            checkpoints=request.checkpoints,
            model=model,
            demo=model == DEMO_MODEL,
            by=by,
            forked_from=origin.job_id if origin else None,
            fork_step=origin.step if origin else "",
            retried=origin.retried if origin else False,
        )
        row = JobRow(
            job_id=job_id,
            request=request.model_dump(mode="json"),
            forked_from=origin.job_id if origin else None,
            fork_step=origin.checkpoint if origin else None,
            fork_answer=origin.answer.model_dump(mode="json") if origin and origin.answer else None,
            created_pos=0,
            status="",
            view="",
            updated_at=tx.now,
        )
        view = tx.create(row, JobCreated(job_id=job_id, data=created))
        if key is not None:
            kept = {"key": key, "digest": digest, "job_id": job_id, "created_at": tx.now}
            tx.connection.execute(sa.insert(IDEMPOTENCY).values(**kept))
        return JobAccepted(job=view, position=view.pos), True

    def _refuse_beyond_limit(self, tx: Transaction) -> None:
        going = sa.select(sa.func.count()).select_from(JOB).where(JOB.c.status.not_in(_OVER))
        if (tx.connection.scalar(going) or 0) >= self._limit:
            raise TooMany(
                f"As many jobs are unfinished as there may be: {self._limit:,}. Answer or cancel some, or raise "
                "SKILL_FLEET_UNFINISHED_JOBS.",
                retry_after_s=_FULL_S,
            )


def _known(tx: Transaction, key: str, digest: str) -> JobAccepted | None:
    found = tx.connection.execute(sa.select(IDEMPOTENCY).where(IDEMPOTENCY.c.key == key)).one_or_none()
    if found is None:
        return None
    if found.digest != digest:
        raise IdempotencyKeyReused("This key came with another request. Use a new key for a new job.")
    created_pos = tx.connection.scalar(sa.select(JOB.c.created_pos).where(JOB.c.job_id == found.job_id))
    return JobAccepted(job=tx.view(found.job_id), position=created_pos or 0)


def _digest(purpose: str, request: BaseModel) -> str:
    return hashlib.sha256(f"{purpose}\n{request.model_dump_json()}".encode()).hexdigest()
