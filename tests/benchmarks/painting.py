"""The dashboard in this process, with painting really on: every byte for a terminal is made, only the terminal lacks.

Textual's own headless driver paints nothing, and flatters whatever is measured with it.
"""

import asyncio
import gc
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from textual.drivers.headless_driver import HeadlessDriver

from skill_fleet_tui import collector
from skill_fleet_tui.app import Options, SkillFleetApp
from skill_fleet_tui.widgets.job_list import JobList
from tests.support.server import eventually

_LOOK_S = 0.001


class PaintingDriver(HeadlessDriver):
    """Looks at what is painted instead of showing it."""

    awaited = ""
    """Words whose appearance is waited for."""
    seen: asyncio.Event | None = None
    """Set when they are painted."""
    seen_at = 0.0
    """When that was, by `time.perf_counter`."""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        if self.seen is not None and self.awaited in data:
            self.seen_at = time.perf_counter()
            self.seen.set()
            self.seen = None


class Stalls:
    """The longest times that the event loop was busy in one go: for so long a key would have waited.

    In this process's CPU time, threads and all: what else runs on the machine is no stall of ours.
    """

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        """One for each time something was watched."""

    @contextmanager
    def watched(self) -> Generator[None]:
        """Watch what happens inside. What was measured before has left no garbage to look through."""
        gc.collect()
        gc.freeze()
        self.milliseconds.append(0.0)
        loop = asyncio.get_running_loop()
        before = time.process_time()

        def look() -> None:
            nonlocal before, handle
            now = time.process_time()
            self.milliseconds[-1] = max(self.milliseconds[-1], (now - before) * 1000)
            before, handle = now, loop.call_later(_LOOK_S, look)

        handle = loop.call_later(_LOOK_S, look)
        try:
            yield
        finally:
            handle.cancel()
            look()
            handle.cancel()


@asynccontextmanager
async def dashboard(recording: Path, jobs: int) -> AsyncGenerator[SkillFleetApp]:
    """A dashboard that has read a recording of so many jobs, begun as its `main` does."""
    collector.pause()
    app = SkillFleetApp(Options(replay=recording))
    app.driver_class = PaintingDriver
    async with app.run_test(headless=False, size=(140, 45), notifications=True):
        await eventually(lambda: app.fleet and app.fleet.selected, what="the recording")
        await eventually(lambda: len(app.screen.query_one(JobList).order) == jobs, what="the list of jobs")
        yield app
