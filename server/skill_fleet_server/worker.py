"""Running a worker: a process that does a fleet's jobs and takes none. It listens only to those who watch it."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext

from skill_fleet_server.errors import CannotStart
from skill_fleet_server.http_server import HttpServer, address, listening
from skill_fleet_server.process import Stop, Work, run, say
from skill_fleet_server.services import Services, open_services
from skill_fleet_server.settings import ServerSettings


def work(settings: ServerSettings) -> int:
    """Do jobs until a signal ends it; returns the process's exit code.

    What keeps it from starting is one line on stderr.
    """
    return run(settings, "worker", _prepared(settings), trouble="The worker cannot run")


@contextmanager
def _prepared(settings: ServerSettings) -> Generator[Work]:
    """The address for those who watch it, held, if it has one."""
    _refuse_without_fleet(settings)
    host, port = settings.metrics_host, settings.metrics_port
    with nullcontext() if port is None else listening(host, port, flag="--metrics-port") as listener:

        async def until_stopped(stop: Stop) -> None:
            # Whoever asks is told that it stops for as long as that takes.
            async with _watched(settings, listener, stop) as has_opened, open_services(settings) as services:
                has_opened(services)
                where = [f"metrics on {address(host, listener)}/metrics"] if listener else []
                say("worker", services.models, *where)
                await stop.wait()

        yield until_stopped


@asynccontextmanager
async def _watched(
    settings: ServerSettings, listener: socket.socket | None, stop: Stop
) -> AsyncGenerator[Callable[[Services], None]]:
    """Answer those who watch the worker; call what is given once its parts are open."""
    if listener is None:
        yield lambda _services: None
        return
    # Only now: a worker that nobody watches need not wait for what servers are made of.
    from skill_fleet_server.api.worker import create_worker_app

    app = create_worker_app(stop, token=settings.token.get_secret_value() if settings.token else None)
    server = HttpServer(app, on_started=lambda: None)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield lambda services: setattr(app.state, "services", services)
    finally:
        server.should_exit = True
        await serving


def _refuse_without_fleet(settings: ServerSettings) -> None:
    if not (settings.database_url or "").startswith("postgres"):
        raise CannotStart(
            "A worker shares the jobs of servers through PostgreSQL: set SKILL_FLEET_DATABASE_URL, or --database-url, "
            "to the database that the servers use. With SQLite the server does all the work itself."
        )
    if not settings.works:
        raise CannotStart("SKILL_FLEET_WORKS is off, so this worker would do nothing. Leave it out for workers.")
