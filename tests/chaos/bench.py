"""What a run of chaos is done to: real processes, a database, a provider, and the networks between them."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from tests.support import clocks, postgresql
from tests.support.fleet import TOKEN, WorkerProcess
from tests.support.proxy import CALM, FaultyProxy, foul, rough
from tests.support.server import ServerProcess
from tests.support.stub_llm import StubLLM, running_stub_llm

Kind = Literal["sqlite", "postgresql"]

MODEL: Final = "openai/stub"
_PROCESSES: Final[dict[Kind, int]] = {"sqlite": 1, "postgresql": 4}
_WRITING_S: Final = 0.001
"""What the demo model takes per word: so that there is something to interrupt."""


@dataclass
class Bench:
    """One installation, and what stands between its parts."""

    kind: Kind
    directory: Path
    processes: list[ServerProcess]
    """The servers first, then the workers."""
    clocks: list[clocks.Clock]
    """Of each process, in the same order; none where clocks go as they should."""
    doors: list[FaultyProxy]
    """Before each server, for those who use it."""
    stub: StubLLM | None
    to_stub: FaultyProxy | None
    to_database: FaultyProxy | None
    database_url: str = ""
    busy: dict[int, asyncio.Lock] = field(default_factory=dict)
    """Held by who does something to a process, by its place."""

    @property
    def servers(self) -> list[ServerProcess]:
        return [process for process in self.processes if not isinstance(process, WorkerProcess)]

    @property
    def headers(self) -> dict[str, str]:
        return self.servers[0].headers

    @property
    def logs(self) -> str:
        return "\n".join(process.log for process in self.processes)

    async def bring_back(self, process: ServerProcess) -> None:
        """Start a process again, and again if it ends at once, as whatever looks after services does."""
        while True:
            try:
                await process.restart()
            except AssertionError:
                if process.process is not None and process.process.poll() is None:
                    raise
                await asyncio.sleep(0.5)
            else:
                return

    async def clear_up(self) -> None:
        """Let everything run, and nothing stand between."""
        for proxy in [*self.doors, self.to_stub, self.to_database]:
            if proxy is not None:
                proxy.clear_up()
        for place, process in enumerate(self.processes):
            async with self.busy.setdefault(place, asyncio.Lock()):
                if process.process is None or process.process.poll() is not None:
                    await self.bring_back(process)


@asynccontextmanager
async def set_up(kind: Kind, directory: Path, chance: random.Random) -> AsyncGenerator[Bench]:
    """Processes, database, provider and networks of one run.

    Every third installation writes with a provider, and on every third clocks may jump, which slows processes down.
    """
    async with AsyncExitStack() as stack:
        environment = {"SKILL_FLEET_DEMO_DELAY": str(_WRITING_S), "SKILL_FLEET_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"}
        stub = to_stub = to_database = None
        if chance.random() < 1 / 3:
            stub = await stack.enter_async_context(running_stub_llm())
            to_stub = await stack.enter_async_context(FaultyProxy(stub.port, _apart(chance), rough).running())
            environment |= _models(to_stub.port)
        url = ""
        if kind == "postgresql":
            url = stack.enter_context(postgresql.database())
            to_database = FaultyProxy(postgresql.socket_path(), _apart(chance), lambda _chance: CALM)
            await stack.enter_async_context(to_database.running())
            name = url.partition("?")[0].rpartition("/")[2]
            through = f"postgresql://postgres@127.0.0.1:{to_database.port}/{name}?sslmode=disable&gssencmode=disable"
            environment |= {"SKILL_FLEET_DATABASE_URL": through, "SKILL_FLEET_SHARED_DIR": str(directory / "shared")}
        jumpy = chance.random() < 1 / 3 and clocks.can_jump()
        own = [clocks.Clock(directory / f"clock{n}") for n in range(_PROCESSES[kind])] if jumpy else []
        processes = _processes(kind, directory, environment, own)
        for process in processes:
            stack.callback(process.clean_up)
        await asyncio.gather(*(process.start() for process in processes))
        servers = [process for process in processes if not isinstance(process, WorkerProcess)]
        doors = [FaultyProxy(server.port, _apart(chance), foul) for server in servers]
        for door in doors:
            await stack.enter_async_context(door.running())
        yield Bench(kind, directory, processes, own, doors, stub, to_stub, to_database, url)


def _processes(
    kind: Kind, directory: Path, environment: Mapping[str, str], own: list[clocks.Clock]
) -> list[ServerProcess]:
    each = [{**environment, **clock.environment} for clock in own] or [environment] * _PROCESSES[kind]
    if kind == "sqlite":
        return [ServerProcess(directory / "server", environment=each[0])]
    servers = [ServerProcess(directory / f"server{n}", "--no-works", environment=each[n]) for n in (0, 1)]
    return [*servers, *(WorkerProcess(directory / f"worker{n}", environment=each[n]) for n in (2, 3))]


def _models(port: int) -> dict[str, str]:
    """A provider that is tried for longer than any fault lasts."""
    models = {
        "default": MODEL,
        "api_base": f"http://127.0.0.1:{port}/v1",
        "attempts": 10,
        "backoff_s": 0.2,
        "timeout_s": 20,
        "breaker_failures": 1000,
    }  # fmt: skip
    return {"SKILL_FLEET_MODELS": json.dumps(models), "OPENAI_API_KEY": "sk-of-a-stub"}


def _apart(chance: random.Random) -> random.Random:
    """Chance of its own for a part that draws when it is used, which no seed decides."""
    return random.Random(chance.random())
