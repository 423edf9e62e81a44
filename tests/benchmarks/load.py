"""What the dashboard costs while 1,000 events a second arrive, against an app that was written without care.

Both run at a terminal and read the same stream over HTTP, in processes of their own: CPU time counts, and the
bytes that the terminal gets. `naive_app` has a message for every event, a RichLog for every job and a DataTable.
Beside it the dashboard with nothing arriving, and over ssh, where it writes less.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.fleet_stream import FleetStream, serving
from tests.benchmarks.measuring import Comparison, Say
from tests.benchmarks.terminals import Program
from tests.benchmarks.traffic import EVENTS_PER_SECOND, Traffic
from tests.support.server import eventually

TITLE = "Dashboard: cost of 1,000 events/s from 50 jobs (140×45)"

_ROUNDS = 3
_SECONDS = 4
_START_S = 20.0
_REST_S = 1.0
_RESTING_S = 0.05
_RESTING_BYTES = 10_000
"""The CPU that a program may take in that time, and what it may write, for counters and the time of day."""


@dataclass(frozen=True)
class Cost:
    """Of a second."""

    cpu_percent: float
    kilobytes: float


@dataclass
class _Contender:
    program: Program
    stream: FleetStream
    traffic: Traffic

    async def measured(self, events_per_second: int) -> Cost:
        """What some seconds of traffic cost, counted until all of it has been dealt with."""
        frames = self.traffic.more(events_per_second * _SECONDS)
        began, written = await self.program.costs(), self.program.written
        if frames:
            await self.stream.feed(frames)
            await self.rest()
        else:
            await asyncio.sleep(_SECONDS)
        ended, written = await self.program.costs(), self.program.written - written
        return Cost((ended["cpu_s"] - began["cpu_s"]) / _SECONDS * 100, written / _SECONDS / 1000)

    async def rest(self) -> None:
        """Until no more is done than saying the time of day: what has arrived has been dealt with, and is shown."""
        before, written = await self.program.costs(), self.program.written
        while True:
            await asyncio.sleep(_REST_S)
            now = await self.program.costs()
            if now["cpu_s"] - before["cpu_s"] < _RESTING_S and self.program.written - written < _RESTING_BYTES:
                return
            before, written = now, self.program.written


def measure(say: Say) -> list[Comparison]:
    """Each in turn, in every round."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    ours, naive, idle, remote = [], [], [], []
    async with (
        _started("skill_fleet_tui", "--url") as dashboard,
        _started("skill_fleet_tui", "--url", SSH_TTY="/dev/pts/0") as over_ssh,
        _started("tests.benchmarks.naive_app") as baseline,
    ):
        for number in range(_ROUNDS):
            say(f"round {number + 1} of {_ROUNDS}: four times {_SECONDS} s")
            turns = [(ours, dashboard), (naive, baseline), (remote, over_ssh)]
            for values, contender in turns if number % 2 == 0 else reversed(turns):
                values.append(await contender.measured(EVENTS_PER_SECOND))
            idle.append(await dashboard.measured(0))
    cpu, naive_cpu = [cost.cpu_percent for cost in ours], [cost.cpu_percent for cost in naive]
    written, naive_written = [cost.kilobytes for cost in ours], [cost.kilobytes for cost in naive]
    slow = f"over ssh {median(cost.kilobytes for cost in remote):.0f} kB/s"
    return [
        Comparison("CPU of one core", "the naive app", "%", cpu, naive_cpu),
        Comparison("CPU with nothing arriving", "itself under load", "%", [cost.cpu_percent for cost in idle], cpu),
        Comparison("written to the terminal", "the naive app", "kB/s", written, naive_written, note=slow),
    ]


@asynccontextmanager
async def _started(module: str, *arguments: str, **environment: str) -> AsyncGenerator[_Contender]:
    """A program that has read the beginning and come to rest."""
    traffic = Traffic(lines=10)
    async with AsyncExitStack() as stack:
        stream = await stack.enter_async_context(serving(traffic.beginning))
        program = Program(module, *arguments, stream.url, environment=environment)
        await stack.enter_async_context(program)
        await eventually(lambda: program.written > 20_000, within=_START_S, what=f"a screen of {module}")
        contender = _Contender(program, stream, traffic)
        await contender.rest()
        yield contender
