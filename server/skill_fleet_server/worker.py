"""Running a worker: a process that does a fleet's jobs and takes none."""

from collections.abc import Generator
from contextlib import contextmanager

from skill_fleet_server.errors import CannotStart
from skill_fleet_server.process import Stop, Work, run, say
from skill_fleet_server.services import open_services
from skill_fleet_server.settings import ServerSettings


def work(settings: ServerSettings) -> int:
    """Do jobs until a signal ends it; returns the process's exit code.

    What keeps it from starting is one line on stderr.
    """
    return run(settings, "worker", _prepared(settings), trouble="The worker cannot run")


@contextmanager
def _prepared(settings: ServerSettings) -> Generator[Work]:
    _refuse_without_fleet(settings)

    async def until_stopped(stop: Stop) -> None:
        async with open_services(settings) as services:
            say("worker", services.models)
            await stop.wait()

    yield until_stopped


def _refuse_without_fleet(settings: ServerSettings) -> None:
    if not (settings.database_url or "").startswith("postgres"):
        raise CannotStart(
            "A worker shares the jobs of servers through PostgreSQL: set SKILL_FLEET_DATABASE_URL, or --database-url, "
            "to the database that the servers use. With SQLite the server does all the work itself."
        )
    if not settings.works:
        raise CannotStart("SKILL_FLEET_WORKS is off, so this worker would do nothing. Leave it out for workers.")
