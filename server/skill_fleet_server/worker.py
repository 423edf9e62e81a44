"""Running a worker: a process that does a fleet's jobs and listens to nobody."""

import asyncio
import os
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy.exc import DatabaseError

from skill_fleet_common import __version__
from skill_fleet_server import logs, tracing
from skill_fleet_server.errors import CannotStart, SkillFleetError
from skill_fleet_server.http_server import loop_factory
from skill_fleet_server.services import open_services
from skill_fleet_server.settings import ServerSettings

EXIT_CANNOT_START: Final = 1
EXIT_FORCED: Final = 130
_THREADS: Final = 32


def work(settings: ServerSettings) -> int:
    """Do jobs until a signal ends it; returns the process's exit code.

    What keeps it from starting is one line on stderr.
    """
    logs.configure(settings.log_level, settings.log_format)
    try:
        _refuse_without_fleet(settings)
        with (
            tracing.started(settings.otlp_endpoint, process="worker", version=__version__),
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            runner.run(_until_stopped(settings))
    except SkillFleetError as error:
        return _refusal(error.detail)
    except (DatabaseError, sqlite3.Error, OSError) as error:
        return _refusal(f"The worker cannot run: {getattr(error, 'orig', error)}.")
    except KeyboardInterrupt:
        return EXIT_FORCED
    return 0


async def _until_stopped(settings: ServerSettings) -> None:
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            # The second time somebody means it. Everything that happened is in the database.
            os._exit(EXIT_FORCED)
        stop.set()

    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="blocking"))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    async with open_services(settings) as services:
        demo = ", a demo: no model is configured" if services.models.is_demo else ""
        sys.stdout.write(f"Skill Fleet {__version__} worker · model {services.models.default}{demo}\n")
        sys.stdout.flush()
        await stop.wait()


def _refuse_without_fleet(settings: ServerSettings) -> None:
    if not (settings.database_url or "").startswith("postgres"):
        raise CannotStart(
            "A worker shares the jobs of servers through PostgreSQL: set SKILL_FLEET_DATABASE_URL, or --database-url, "
            "to the database that the servers use. With SQLite the server does all the work itself."
        )
    if not settings.works:
        raise CannotStart("SKILL_FLEET_WORKS is off, so this worker would do nothing. Leave it out for workers.")


def _refusal(sentence: str) -> int:
    sys.stderr.write(f"skill-fleet: {sentence}\n")
    return EXIT_CANNOT_START
