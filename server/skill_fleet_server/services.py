"""The composition root: every part of the server, made in order and closed in reverse."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from skill_fleet_common.actions import DEFAULT_KEYWORDS, ActionKeywords
from skill_fleet_server.access.tokens import Tokens
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.database.schema import require_current, upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.database.tables import LOG
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.relay import Relay
from skill_fleet_server.events.tail import follow
from skill_fleet_server.fleet.census import Member, census
from skill_fleet_server.fleet.members import Duties, Members, new_executor
from skill_fleet_server.fleet.silence import SILENCE_S
from skill_fleet_server.hitl.prompts import Prompts
from skill_fleet_server.hitl.signals import Signals
from skill_fleet_server.jobs.jobs import Jobs
from skill_fleet_server.jobs.retention import Retention
from skill_fleet_server.library.catalog import Catalog
from skill_fleet_server.library.drafts import Drafts
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.taxonomy import Taxonomy
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.programs.runner import StepRunner
from skill_fleet_server.settings import ServerSettings
from skill_fleet_server.workflows.engine import Engine, Share
from skill_fleet_server.workflows.parts import Parts
from skill_fleet_server.workflows.stranded import sentence
from skill_fleet_server.workflows.versions import WORKFLOW_VERSION

DATABASE_FILE = "fleet.sqlite"
CHECKPOINTS_FILE = "checkpoints.sqlite"

_ANSWER_S: Final = 5.0
"""How long whoever asks whether this server is ready waits for the database."""


@dataclass(frozen=True)
class Services:
    """What the HTTP API stands on."""

    settings: ServerSettings
    database: Database
    log: EventLog
    live: LiveText
    jobs: Jobs
    prompts: Prompts
    models: ModelTable
    keywords: ActionKeywords
    engine: Engine
    runner: StepRunner
    library: Library
    tokens: Tokens
    retention: Retention
    members: Members | None
    """This process among the others of its fleet; `None` where it is alone."""

    @property
    def silent_s(self) -> float | None:
        """For how many seconds the fleet has not heard of this process; `None` where it is alone."""
        return self.members.silent_s if self.members is not None else None

    async def ready(self) -> dict[str, str]:
        """What must work for requests to be served: by name, `ok` or what is wrong."""
        checks: dict[str, str] = {}
        if self.members is not None:
            checks["fleet"] = "ok"
            if self.members.silent_s > SILENCE_S:
                checks["fleet"] = f"The others have not heard of this process for {self.members.silent_s:.0f} s."
        checks["database"] = await _said(
            self.database.read(lambda connection: connection.scalar(sa.select(LOG.c.head)))
        )
        if checks["database"] == "ok":
            checks["workflows"] = await _said(self.engine.check())
        return checks

    async def census(self) -> list[Member]:
        """The processes of the fleet; none where there is but this one.

        Raises:
            StorageUnavailable: If the database refused.
        """
        return await self.database.read(census) if self.members is not None else []

    async def notes(self) -> dict[str, str]:
        """What does not keep requests from being served, and somebody should know; by name, empty when all is well."""
        try:
            living = {WORKFLOW_VERSION}
            if self.members is not None:
                living = {member.version for member in await self.census() if member.is_alive and member.works}
            said = sentence(await self.engine.stranded(living))
        except StorageUnavailable:
            return {}
        return {"jobs": said} if said else {}


async def _said(question: Coroutine[Any, Any, object]) -> str:
    """`ok`, or why there was no answer."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            await question
    except StorageUnavailable as error:
        return error.detail
    except TimeoutError:
        return f"There was no answer within {_ANSWER_S:.0f} s."
    return "ok"


@asynccontextmanager
async def open_services(settings: ServerSettings) -> AsyncGenerator[Services]:
    """Open everything, and continue the jobs that were running when the last server stopped.

    Raises:
        CannotStart, StorageUnavailable: If the database cannot be used; says what to do.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url or sqlite_url(settings.data_dir / DATABASE_FILE))
        stack.callback(database.close)
        await asyncio.to_thread(upgrade if settings.migrate else require_current, database)
        log = await EventLog.open(database)
        stack.push_async_callback(log.close)
        live = LiveText()
        log.heeded_by(live.heed)
        share = _share(settings) if database.backend.shared else None
        if share is not None and isinstance(database.backend, PostgreSQL):
            relay = Relay(live, share.executor, database.backend.dsn)
            await stack.enter_async_context(_running(relay.run()))
            await stack.enter_async_context(_running(follow(log, database.backend, relay)))
        models = ModelTable(settings.models, demo_delay=settings.demo_delay)
        stack.push_async_callback(models.aclose)
        signals = Signals(log)
        await stack.enter_async_context(_running(signals.run()))
        prompts = Prompts(database, log, signals, DEFAULT_KEYWORDS)
        library = await asyncio.to_thread(_library, settings.shared_dir or settings.data_dir)
        parts = Parts(
            live=live,
            prompts=prompts,
            signals=signals,
            runner=StepRunner(models),
            catalog=library.catalog,
            taxonomy=library.taxonomy,
            drafts=library.drafts,
            is_fleet=share is not None,
            prompt_expiry=timedelta(hours=settings.prompt_expiry_hours) if settings.prompt_expiry_hours else None,
        )
        engine = Engine(database, log, parts, settings.data_dir / CHECKPOINTS_FILE, share)
        jobs = Jobs(database, log, engine, models, limit=settings.unfinished_jobs)
        members = _members(database, share, engine, jobs) if share is not None else None
        if members is not None:
            await members.join()
            # After the engine has closed: until then it may take up work, which must be seen to be left.
            stack.push_async_callback(members.leave)
        await engine.launch()
        stack.push_async_callback(engine.close)
        # Ends before the engine, which takes the loop's threads along when it closes.
        await stack.enter_async_context(_running(log.keep_note()))
        if members is not None:
            await stack.enter_async_context(_running(members.run()))
        await jobs.resume_interrupted()
        retention = Retention(log, engine.forget, timedelta(days=settings.retention_days))
        await stack.enter_async_context(_running(retention.run()))
        yield Services(
            settings=settings,
            database=database,
            log=log,
            live=live,
            jobs=jobs,
            prompts=prompts,
            models=models,
            keywords=DEFAULT_KEYWORDS,
            engine=engine,
            runner=parts.runner,
            library=library,
            tokens=Tokens(database),
            retention=retention,
            members=members,
        )


def _library(directory: Path) -> Library:
    """The library and the drafts beside it, after what a crash may have left half done."""
    library = Library(directory, Catalog(directory), Drafts(directory), lambda: Taxonomy.load(directory))
    library.recover()
    return library


def _share(settings: ServerSettings) -> Share:
    return Share(new_executor(), settings.works, settings.jobs_per_worker, settings.jobs_at_once)


def _members(database: Database, share: Share, engine: Engine, jobs: Jobs) -> Members:
    """This process as a member of the fleet."""

    async def hand_on(executor: str) -> int:
        handed_on = await engine.take_over(executor)
        await jobs.resume_interrupted()
        return handed_on

    duties = Duties(hand_on, engine.drop_all, engine.put_back_lost)
    return Members(database, share.executor, WORKFLOW_VERSION, duties, works=share.works)


@asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Run a background task for as long as the context is open."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
