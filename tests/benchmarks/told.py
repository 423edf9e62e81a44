"""Processes that are told what to do by lines on stdin, and answer with lines of JSON on stdout: both ends of it."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

_START_S = 60.0
"""A cold start imports DSPy, and several may start at once."""
_DEADLINE_S = 90.0
"""For the longest thing that one is told to do."""


class Told:
    """One such process, seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.started: dict[str, Any] = {}
        """What it said when it was ready."""

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, *command: object) -> dict[str, Any]:
        """Tell it something, and wait for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write((" ".join(map(str, command)) + "\n").encode())
        return await self.answer()

    async def answer(self, within: float = _DEADLINE_S) -> dict[str, Any]:
        """The next thing that it says."""
        assert self._process.stdout is not None
        async with asyncio.timeout(within):
            said = await self._process.stdout.readline()
        if not said:
            raise RuntimeError(f"A process of the benchmark ended with {await self._process.wait()}.")
        return json.loads(said)


@asynccontextmanager
async def telling(module: str, *arguments: str) -> AsyncGenerator[Told]:
    """A module of this package as such a process, once it has said that it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.benchmarks.{module}", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    told = Told(process)
    try:
        told.started = await told.answer(_START_S)
        yield told
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), _DEADLINE_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def commands() -> AsyncGenerator[list[str]]:
    """In the process: what it is told, word by word, until nobody tells it anything any more."""
    while command := (await asyncio.to_thread(sys.stdin.readline)).split():
        yield command


def answer(**said: Any) -> None:
    """In the process: answer."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
