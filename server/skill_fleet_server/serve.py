"""Running the server: from settings to a process that listens, and back to nothing left behind."""

import asyncio
import math
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Final

import structlog

from skill_fleet_common.jobs import JobStatus
from skill_fleet_server.api.app import create_app
from skill_fleet_server.api.auth import is_loopback
from skill_fleet_server.api.passage import Activity
from skill_fleet_server.data_dir import DataDir, owned
from skill_fleet_server.errors import CannotStart
from skill_fleet_server.events.streams import Streams
from skill_fleet_server.http_server import HttpServer, address, listening
from skill_fleet_server.jobs.jobs import Jobs
from skill_fleet_server.process import Stop, Work, run, say
from skill_fleet_server.services import Services, open_services
from skill_fleet_server.settings import ServerSettings

_MAX_AGE_S: Final = 900.0
"""Where there may be several servers: after about so long a client is asked to come back, to whichever has least to
do."""

_BUSY: Final = {JobStatus.PENDING, JobStatus.RUNNING, JobStatus.CANCELLING}
"""A job that waits for a person does not need a server meanwhile."""

_log = structlog.get_logger(__name__)


def serve(settings: ServerSettings) -> int:
    """Run the server until a signal, or idleness, ends it; returns the process's exit code.

    What keeps it from starting is one line on stderr.
    """
    trouble = f"Something in the data directory {settings.data_dir} cannot be used"
    return run(settings, "server", _prepared(settings), trouble=trouble)


@contextmanager
def _prepared(settings: ServerSettings) -> Generator[Work]:
    """The data directory and the address, held."""
    _refuse_open_door(settings)
    with owned(settings.data_dir) as directory, listening(settings.host, settings.port, flag="--port") as listener:
        yield _Run(settings, directory, listener).until_stopped


class _Run:
    """One run of the server, from open services to closed ones."""

    def __init__(self, settings: ServerSettings, directory: DataDir, listener: socket.socket) -> None:
        self._settings = settings
        self._directory = directory
        self._listener = listener
        self._activity = Activity()

    async def until_stopped(self, stop: Stop) -> None:
        stop.last_act = lambda: self._directory.server_file.unlink(missing_ok=True)
        async with open_services(self._settings) as services:
            with ExitStack() as announced:
                await self._listen(services, announced, stop)

    async def _listen(self, services: Services, announced: ExitStack, stop: Stop) -> None:
        explicit = self._settings.token
        token = explicit.get_secret_value() if explicit else self._directory.token()
        streams = Streams(
            services.log,
            services.live,
            model=services.models.default,
            demo=services.models.is_demo,
            max_age=_MAX_AGE_S if services.database.backend.shared else math.inf,
        )
        url = address(self._settings.host, self._listener)

        def started() -> None:
            announced.enter_context(self._directory.announced(url))
            where = "as it was set" if explicit else f"in {self._directory.token_file}"
            say(f"on {url}", services.models, f"token {where}")

        app = create_app(services, token=token, streams=streams, activity=self._activity)
        server = HttpServer(app, on_started=started)
        app.state.sever = server.sever
        tasks = [asyncio.create_task(_pass_on(stop, streams, server))]
        if self._settings.exit_when_idle is not None:
            tasks.append(asyncio.create_task(self._stop_when_idle(services.jobs, self._settings.exit_when_idle, stop)))
        try:
            await server.serve(sockets=[self._listener])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _stop_when_idle(self, jobs: Jobs, seconds: float, stop: Stop) -> None:
        step = min(max(seconds / 5, 0.05), 5.0)
        while True:
            await asyncio.sleep(step)
            if self._activity.open:
                continue
            if (await jobs.list(status=_BUSY, q="", limit=1, cursor=None)).jobs:
                self._activity.touch()
            elif self._activity.idle_seconds >= seconds:
                _log.info("idle", seconds=seconds)
                stop.set()
                return


async def _pass_on(stop: Stop, streams: Streams, server: HttpServer) -> None:
    await stop.wait()
    streams.stop()
    server.should_exit = True


def _refuse_open_door(settings: ServerSettings) -> None:
    if not is_loopback(settings.host) and settings.token is None:
        raise CannotStart(
            f"{settings.host} may be reached from other machines, so a token must be set explicitly: put one into "
            "SKILL_FLEET_TOKEN. Or listen on 127.0.0.1."
        )
