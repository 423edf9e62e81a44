"""From a key to its effect on the screen: the dashboard while 1,000 events a second arrive, and the same one idle.

The real dashboard on a recording of fifty jobs, in this process; painting is really on, only the terminal is
missing. The key moves the selection, and counts as painted when the log of the job it moved to has been
written to the terminal. The clock starts when the key was due, so a busy event loop cannot hide its delay.
Events are parsed and cleaned as the stream's are: seven of ten are text in flight, three go into logs.
"""

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from textual import events
from textual.drivers.headless_driver import HeadlessDriver

from skill_fleet_common.events import Frame, ProgressData
from skill_fleet_common.events import Progress as ProgressEvent
from skill_fleet_common.jobs import Phase
from skill_fleet_tui.app import Options, SkillFleetApp
from skill_fleet_tui.client.sse import read_event
from skill_fleet_tui.widgets.job_list import JobList
from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.support.server import eventually
from tests.unit.store.builders import Log, snapshot, token

TITLE = "Dashboard: from key to paint with 1,000 events/s (140×45)"

_JOBS = 50
_EVENTS_PER_SECOND = 1_000
_FEED_S = 0.005
_ROUNDS = 3
_KEYS = 40
_BETWEEN_KEYS_S = 0.06
_DEADLINE_S = 5.0
_STEP = "write_skill"


class PaintingDriver(HeadlessDriver):
    """Has the app generate every byte for a terminal, and looks at them instead of showing them."""

    awaited = ""
    seen: asyncio.Event | None = None
    seen_at = 0.0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        if self.seen is not None and self.awaited in data:
            self.seen_at = time.perf_counter()
            self.seen.set()
            self.seen = None


def measure(say: Say) -> list[Comparison]:
    """The loaded and the idle dashboard, alternately."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    traffic = _Traffic()
    random.seed(1)
    with tempfile.TemporaryDirectory() as directory:
        recording = Path(directory) / "recording.jsonl"
        recording.write_text("\n".join(map(_json, traffic.beginning)), encoding="utf-8")
        async with _dashboard(recording) as app:

            async def busy() -> list[float]:
                say(f"{_KEYS} keys, {_EVENTS_PER_SECOND:,} events/s")
                feed = asyncio.create_task(_feed(app, traffic))
                try:
                    return await _latencies(app)
                finally:
                    feed.cancel()
                    with suppress(asyncio.CancelledError):
                        await feed

            async def idle() -> list[float]:
                say(f"{_KEYS} keys, idle")
                return await _latencies(app)

            loaded, quiet = await alternate_async(_ROUNDS, busy, idle)
    return [
        Comparison("median", "the same dashboard idle", "ms", [*map(median, loaded)], [*map(median, quiet)]),
        Comparison("90th percentile", "the same dashboard idle", "ms", [*map(_p90, loaded)], [*map(_p90, quiet)]),
    ]


@asynccontextmanager
async def _dashboard(recording: Path) -> AsyncGenerator[SkillFleetApp]:
    app = SkillFleetApp(Options(replay=recording))
    app.driver_class = PaintingDriver
    async with app.run_test(headless=False, size=(140, 45), notifications=True):
        await eventually(lambda: app.fleet and app.fleet.selected, what="the recording")
        await eventually(lambda: len(app.screen.query_one(JobList).order) == _JOBS, what="the list of jobs")
        yield app


async def _latencies(app: SkillFleetApp) -> list[float]:
    """Down and up again through a part of the list, one key at a time, at moments that fit no tick."""
    loop = asyncio.get_running_loop()
    values: list[float] = []
    for number in range(_KEYS):
        pause = _BETWEEN_KEYS_S * random.uniform(0.7, 1.3)
        due = time.perf_counter() + pause
        await asyncio.sleep(pause)
        assert app.fleet is not None
        driver = app._driver
        assert isinstance(driver, PaintingDriver)
        order = app.fleet.order()
        at, by = order.index(app.fleet.selected or ""), 1 if number % 20 < 10 else -1
        driver.awaited = _marker(order[at + by])
        driver.seen = seen = asyncio.Event()
        loop.call_soon(driver.process_message, events.Key("j" if by > 0 else "k", "j" if by > 0 else "k"))
        async with asyncio.timeout(_DEADLINE_S):
            await seen.wait()
        values.append((driver.seen_at - due) * 1000)
    return values


async def _feed(app: SkillFleetApp, traffic: "_Traffic") -> None:
    """Frames as they would come off the connection, a few at a time, whatever the loop's delays."""
    frames = map(_json, traffic.stream())
    began, fed = time.perf_counter(), 0
    while True:
        due = int((time.perf_counter() - began) * _EVENTS_PER_SECOND)
        assert app.fleet is not None
        for _ in range(due - fed):
            app.fleet.apply(read_event(next(frames)))
        fed = due
        await asyncio.sleep(_FEED_S)


class _Traffic:
    """Fifty running jobs, and what they go on to say."""

    def __init__(self) -> None:
        log = Log()
        self._jobs = [f"job-{number:02}" for number in range(_JOBS)]
        for job in self._jobs:
            log.created(job, f"A skill about subject {job[4:]}")
            log.phase(job, Phase.GENERATION)
            log.begins(job, _STEP, Phase.GENERATION)
            for line in range(40):
                log.says(job, f"{_marker(job)} line {line}", line / 100)
        self.beginning: list[Frame] = [*snapshot(log, 0, []), *log.events]
        self._pos = len(log.events)
        self._seq = Counter(event.job_id for event in log.events)
        self._written = Counter[str]()

    def stream(self) -> Iterator[Frame]:
        number = 0
        while True:
            job = self._jobs[number % _JOBS]
            yield self._says(job) if (number // _JOBS) % 10 < 3 else self._writes(job)
            number += 1

    def _says(self, job: str) -> Frame:
        self._pos += 1
        self._seq[job] += 1
        data = ProgressData(text=f"{_marker(job)} line {self._seq[job]}")
        return ProgressEvent(job_id=job, pos=self._pos, seq=self._seq[job], ts=datetime.now(UTC), data=data)

    def _writes(self, job: str) -> Frame:
        text = "Use a migration for every change of the schema. " + "\n" * (self._written[job] % 3 == 0)
        at = self._written[job]
        self._written[job] += len(text)
        return token(text, off=at, job=job, module=_STEP)


def _marker(job: str) -> str:
    """Words that only this job's log shows."""
    return f"said by {job}"


def _json(frame: Frame) -> str:
    return frame.model_dump_json(exclude_none=True)


def _p90(values: list[float]) -> float:
    return quantiles(values, n=10)[-1]
