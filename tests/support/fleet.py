"""Several servers and workers on one PostgreSQL: a team's installation, as plain processes."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.server import START_SECONDS, ServerProcess

TOKEN = "the-token-of-the-whole-fleet"


class WorkerProcess(ServerProcess):
    """A worker. It need not listen to anybody, so it is ready when it says so."""

    said = ""
    """Its line on stdout."""

    @property
    def command(self) -> list[str]:
        """What the program is told to be."""
        return ["worker"]

    async def start(self) -> "WorkerProcess":
        """Start, and wait until it works."""
        process = self.launch()
        assert process.stdout is not None
        self.said = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), START_SECONDS)
        if not self.said:
            # It is about to end, and is not to be taken for one that runs.
            await self.wait()
        assert "worker" in self.said, self.log[-4000:]
        return self


@dataclass(frozen=True)
class Fleet:
    """What runs."""

    directory: Path
    settings: Mapping[str, str]
    servers: list[ServerProcess]
    workers: list[WorkerProcess]

    async def add_worker(self) -> WorkerProcess:
        """Another one, beside those that run."""
        worker = WorkerProcess(self.directory / f"worker{len(self.workers) + 1}", environment=self.settings)
        self.workers.append(worker)
        return await worker.start()

    async def add_server(self) -> ServerProcess:
        """Another one, that runs no jobs."""
        server = ServerProcess(
            self.directory / f"server{len(self.servers) + 1}", "--no-works", environment=self.settings
        )
        self.servers.append(server)
        return await server.start()

    @property
    def processes(self) -> list[ServerProcess]:
        return [*self.servers, *self.workers]

    @property
    def logs(self) -> str:
        """What all of them wrote to stderr."""
        return "\n".join(process.log for process in self.processes)


@asynccontextmanager
async def running_fleet(
    directory: Path,
    database_url: str,
    *,
    servers: int = 2,
    workers: int = 2,
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[Fleet]:
    """Servers that run no jobs, and workers, for the length of a test."""
    settings = {
        "SKILL_FLEET_DATABASE_URL": database_url,
        "SKILL_FLEET_SHARED_DIR": str(directory / "shared"),
        "SKILL_FLEET_TOKEN": TOKEN,
        **(environment or {}),
    }
    fleet = Fleet(directory, settings, [], [])
    try:
        for _ in range(servers):
            await fleet.add_server()
        for _ in range(workers):
            await fleet.add_worker()
        yield fleet
    finally:
        for process in fleet.processes:
            if process.process is not None and process.process.poll() is None:
                process.go_on()
            process.clean_up()
