"""A real server process: started, killed, stopped and restarted as a person would, on a data directory of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO

import httpx

from tests.support import warm

Process = subprocess.Popen[str] | warm.Forked

START_SECONDS = 40.0
"""A cold start imports DSPy, on a machine that may be busy with other tests."""


async def eventually(
    true: Callable[[], Any | Awaitable[Any]], *, within: float = 10.0, what: str = "the condition", every: float = 0.02
) -> Any:
    """Wait until something holds, and return what it returned. What costs the server much is asked seldom."""
    deadline = time.monotonic() + within
    while True:
        found = true()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {within} s")
        await asyncio.sleep(every)


class ServerProcess:
    """One server on one data directory. Its port stays the same over restarts."""

    def __init__(self, data_dir: Path, *flags: str, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.flags = flags
        self.port = 0
        self.process: Process | None = None
        self._environment = dict(environment or {})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return self._environment.get("SKILL_FLEET_TOKEN") or (self.data_dir / "token").read_text().strip()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def command(self) -> list[str]:
        """What the program is told to be."""
        return ["serve", "--port", str(self.port)]

    @property
    def environment(self) -> dict[str, str]:
        """What the process gets: nothing of this shell's settings, a demo model without delay."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SKILL_FLEET_")}
        own = {
            "PYTHONFAULTHANDLER": "1",
            "SKILL_FLEET_DEMO_DELAY": "0",
            "XDG_CONFIG_HOME": str(self.data_dir.parent / "no-config"),
        }
        return {**inherited, **own, **self._environment}

    def launch(self) -> Process:
        """Start the process without waiting for it to be ready."""
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        arguments = [*self.command, "--data-dir", str(self.data_dir), *self.flags]
        with (self.data_dir.parent / f"{self.data_dir.name}.log").open("a") as log:
            self.process = _started(arguments, self.environment, log)
        return self.process

    async def start(self) -> "ServerProcess":
        """Start, and wait until it answers that it is ready."""
        process = self.launch()
        await eventually(lambda: self._announced(process), within=START_SECONDS, what="server.json")
        async with self.client() as client:
            await eventually(lambda: _is_ready(client), within=START_SECONDS, what="/readyz")
        return self

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A client that is allowed in, with paths relative to `/api/v1/`."""
        options.setdefault("timeout", httpx.Timeout(10.0, read=30.0))
        return httpx.AsyncClient(base_url=f"{self.url}/api/v1/", headers=self.headers, **options)

    def kill(self) -> None:
        """`kill -9`."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """`kill -STOP`: it stands still and does not know it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """`kill -CONT`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        """`kill`, without waiting for the end."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    async def wait(self, *, within: float = 10.0) -> int:
        """Wait for the process to end; returns its exit code."""
        assert self.process is not None
        process = self.process
        try:
            await eventually(lambda: process.poll() is not None, within=within, what="the server's end")
        except AssertionError:
            process.send_signal(signal.SIGABRT)  # its log then shows where each thread stands
            raise
        assert process.returncode is not None
        return process.returncode

    async def stop(self) -> int:
        """End it as a person would; returns its exit code."""
        self.terminate()
        return await self.wait()

    def clean_up(self) -> None:
        """Leave nothing of it running."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()

    async def restart(self) -> "ServerProcess":
        """Start again on the same data and the same port; kills what still runs."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        return await self.start()

    @property
    def log(self) -> str:
        """What the process wrote to stderr, over all its runs."""
        return (self.data_dir.parent / f"{self.data_dir.name}.log").read_text()

    def _announced(self, process: Process) -> bool:
        assert process.poll() is None, f"the server ended with {process.returncode}:\n{self.log[-4000:]}"
        try:
            about = json.loads((self.data_dir / "server.json").read_text())
        except FileNotFoundError:
            return False
        if about["pid"] != process.pid:
            return False
        self.port = int(about["url"].rpartition(":")[2])
        return True


def _started(arguments: list[str], environment: dict[str, str], log: TextIO) -> Process:
    if warm.can_start(environment):
        return warm.start(arguments, environment, log)
    return subprocess.Popen(
        [sys.executable, "-m", "skill_fleet_server", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("readyz")).status_code == 200
    except httpx.TransportError:
        return False


@asynccontextmanager
async def running_server(
    data_dir: Path, *flags: str, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[ServerProcess]:
    """A server for the length of a test."""
    server = ServerProcess(data_dir, *flags, environment=environment)
    try:
        yield await server.start()
    finally:
        server.clean_up()
