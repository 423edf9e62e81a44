"""Running the server: from settings to a process that listens, and back to nothing left behind."""

import asyncio
import errno
import math
import os
import signal
import socket
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError

from skill_fleet_common import __version__
from skill_fleet_common.jobs import JobStatus
from skill_fleet_server import logs, tracing
from skill_fleet_server.api.app import create_app
from skill_fleet_server.api.auth import is_loopback
from skill_fleet_server.api.passage import Activity
from skill_fleet_server.data_dir import DataDir, DataDirInUse, owned
from skill_fleet_server.errors import CannotStart, SkillFleetError
from skill_fleet_server.events.stream import Streams
from skill_fleet_server.http_server import HttpServer, loop_factory
from skill_fleet_server.jobs.jobs import Jobs
from skill_fleet_server.services import Services, open_services
from skill_fleet_server.settings import ServerSettings

EXIT_CANNOT_START: Final = 1
EXIT_DATA_DIR_IN_USE: Final = 3
EXIT_PORT_TAKEN: Final = 4
EXIT_FORCED: Final = 130

_THREADS: Final = 32
"""For everything that blocks: database reads, files, name look-ups."""

_MAX_AGE_S: Final = 900.0
"""Where there may be several servers: after about so long a client is asked to come back, to whichever has least to
do."""

_BUSY: Final = {JobStatus.PENDING, JobStatus.RUNNING, JobStatus.CANCELLING}
"""A job that waits for a person does not need a server meanwhile."""

_log = structlog.get_logger(__name__)


class PortTaken(CannotStart):
    """Another program listens there."""

    code = "port_taken"


def serve(settings: ServerSettings) -> int:
    """Run the server until a signal, or idleness, ends it; returns the process's exit code.

    What keeps it from starting is one line on stderr.
    """
    logs.configure(settings.log_level, settings.log_format)
    try:
        _refuse_open_door(settings)
        with (
            tracing.started(settings.otlp_endpoint, process="server", version=__version__),
            owned(settings.data_dir) as directory,
            _listening(settings) as listener,
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            runner.run(_Run(settings, directory, listener).until_stopped())
    except DataDirInUse as error:
        return _refusal(error.detail, EXIT_DATA_DIR_IN_USE)
    except PortTaken as error:
        return _refusal(error.detail, EXIT_PORT_TAKEN)
    except SkillFleetError as error:
        return _refusal(error.detail, EXIT_CANNOT_START)
    except (DatabaseError, sqlite3.Error, OSError) as error:
        reason = getattr(error, "orig", error)
        return _refusal(f"Something in the data directory {settings.data_dir} cannot be used: {reason}.")
    except KeyboardInterrupt:
        return EXIT_FORCED
    return 0


class _Run:
    """One run of the server, from open services to closed ones."""

    def __init__(self, settings: ServerSettings, directory: DataDir, listener: socket.socket) -> None:
        self._settings = settings
        self._directory = directory
        self._listener = listener
        self._activity = Activity()
        self._stop_asked = asyncio.Event()
        self._streams: Streams | None = None

    async def until_stopped(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="blocking"))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)
        async with open_services(self._settings) as services:
            with ExitStack() as announced:
                await self._listen(services, announced)

    async def _listen(self, services: Services, announced: ExitStack) -> None:
        explicit = self._settings.token
        token = explicit.get_secret_value() if explicit else self._directory.token()
        self._streams = Streams(
            services.log,
            services.live,
            model=services.models.default,
            demo=services.models.is_demo,
            max_age=_MAX_AGE_S if services.database.backend.shared else math.inf,
        )
        url = _url(self._settings.host, self._listener)

        def started() -> None:
            announced.enter_context(self._directory.announced(url))
            _say(url, services, "as it was set" if explicit else f"in {self._directory.token_file}")

        app = create_app(services, token=token, streams=self._streams, activity=self._activity)
        server = HttpServer(app, on_started=started)
        app.state.sever = server.sever
        tasks = [asyncio.create_task(self._pass_stop_on(server))]
        if self._settings.exit_when_idle is not None:
            tasks.append(asyncio.create_task(self._stop_when_idle(services.jobs, self._settings.exit_when_idle)))
        try:
            await server.serve(sockets=[self._listener])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _on_signal(self) -> None:
        if self._stop_asked.is_set():
            # The second time somebody means it. Everything accepted is in the database.
            self._directory.server_file.unlink(missing_ok=True)
            os._exit(EXIT_FORCED)
        self._stop_asked.set()

    async def _pass_stop_on(self, server: HttpServer) -> None:
        await self._stop_asked.wait()
        assert self._streams is not None
        self._streams.stop()
        server.should_exit = True

    async def _stop_when_idle(self, jobs: Jobs, seconds: float) -> None:
        step = min(max(seconds / 5, 0.05), 5.0)
        while True:
            await asyncio.sleep(step)
            if self._activity.open:
                continue
            if (await jobs.list(status=_BUSY, q="", limit=1, cursor=None)).jobs:
                self._activity.touch()
            elif self._activity.idle_seconds >= seconds:
                _log.info("idle", seconds=seconds)
                self._stop_asked.set()
                return


def _refuse_open_door(settings: ServerSettings) -> None:
    if not is_loopback(settings.host) and settings.token is None:
        raise CannotStart(
            f"{settings.host} may be reached from other machines, so a token must be set explicitly: put one into "
            "SKILL_FLEET_TOKEN. Or listen on 127.0.0.1."
        )


def _listening(settings: ServerSettings) -> socket.socket:
    """A listening socket.

    Raises:
        PortTaken: If another program listens there.
        CannotStart: If the address is none of this machine's, or not for us.
    """
    where = f"{settings.host}, port {settings.port}"
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Another program listens on {where}. Choose another with --port, or 0 for any that is free."
            ) from None
        raise CannotStart(f"Cannot listen on {where}: {error.strerror}.") from None


def _url(host: str, listener: socket.socket) -> str:
    """How clients on this machine reach the server."""
    port = listener.getsockname()[1]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where not to connect to
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _say(url: str, services: Services, token: str) -> None:
    model = services.models.default
    demo = ", a demo: no model is configured" if services.models.is_demo else ""
    sys.stdout.write(f"Skill Fleet {__version__} on {url} · model {model}{demo} · token {token}\n")
    sys.stdout.flush()


def _refusal(sentence: str, code: int = EXIT_CANNOT_START) -> int:
    sys.stderr.write(f"skill-fleet: {sentence}\n")
    return code
