"""A dashboard without a server: the store is given, the clock stands still, the tick is driven by hand."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.pilot import Pilot

from skill_fleet_tui.app import SkillFleetApp
from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.log_view import LogView
from skill_fleet_tui.widgets.status_bar import StatusBar
from tests.unit.store.builders import NOON, Log, snapshot

NOW = NOON + timedelta(minutes=2)


class Stage(SkillFleetApp):
    """The real dashboard, connected to nobody."""

    def __init__(self, log: Log, *, extra: Iterable[Any] = (), selected: str | None = None, **given: Any) -> None:
        self.seconds = 1_000.0
        self.now = NOW
        super().__init__(clock=lambda: self.seconds, wall=lambda: self.now, live=False, **given)
        self.fleet = FleetState(lambda: self.seconds)
        self.fleet.connection.become(Link.LIVE)
        self.fleet.connection.server = "127.0.0.1:8765"
        for frame in [*snapshot(log, 0, []), *log.events, *extra]:
            self.fleet.apply(frame)
        self.fleet.take_edges()
        self.fleet.select(selected or next(iter(self.fleet.order()), None))
        self.sent: list[tuple[str, Any]] = []
        self.words = ""
        """What narrows the job list from the start."""

    def on_mount(self) -> None:
        super().on_mount()
        self._main.call_after_refresh(self._zoned)

    async def _zoned(self) -> None:
        await self._main.complete()
        self._main.query_one(JobList).filter = self.words
        self._main.query_one(LogView).zone = self._main.query_one(StatusBar).zone = UTC
        self.beat(urgent=True)

    def answer(self, job_id: str, request: Any) -> None:
        self.sent.append((job_id, request))

    def take(self, *frames: Any) -> None:
        """Frames arrive, and the tick comes."""
        assert self.fleet is not None
        for frame in frames:
            self.fleet.apply(frame)
        self.beat(urgent=True)

    @property
    def screen_text(self) -> str:
        return screen_text(self)


@asynccontextmanager
async def staged(stage: Stage, size: tuple[int, int] = (120, 40)) -> AsyncGenerator[Pilot[None]]:
    async with stage.run_test(size=size, notifications=True) as pilot:
        await settled(stage, pilot)
        yield pilot


async def settled(stage: Stage, pilot: Pilot[None]) -> None:
    """Whatever was begun is on the screen: layout, the preview's thread, the next beat."""
    await pilot.pause()
    tasks = [task for task in asyncio.all_tasks() if "_render_in_thread" in repr(task.get_coro())]
    await asyncio.gather(*tasks, return_exceptions=True)
    stage.beat(urgent=True)
    await pilot.pause()


def screen_text(app: SkillFleetApp) -> str:
    """What is on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def datetime_of(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
