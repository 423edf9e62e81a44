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
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from textual import events

from skill_fleet_tui.app import SkillFleetApp
from skill_fleet_tui.client.sse import read_event
from skill_fleet_tui.widgets.job_list import JobList
from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.benchmarks.painting import PaintingDriver, dashboard
from tests.benchmarks.traffic import EVENTS_PER_SECOND, JOBS, Traffic, marker

TITLE = "Dashboard: from key to paint with 1,000 events/s (140×45)"

_FEED_S = 0.005
_FEED_AT_MOST_S = 60
"""In all rounds together."""
_ROUNDS = 3
_KEYS = 60
_BETWEEN_KEYS_S = 0.06
_FAR = 20
"""Up from here or below, down from the first row."""
_DEADLINE_S = 5.0


def measure(say: Say) -> list[Comparison]:
    """The loaded and the idle dashboard, alternately."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    traffic = Traffic()
    random.seed(1)
    with tempfile.TemporaryDirectory() as directory:
        recording = Path(directory) / "recording.jsonl"
        recording.write_text("\n".join(traffic.beginning), encoding="utf-8")
        async with dashboard(recording, JOBS) as app:
            frames = iter(traffic.more(EVENTS_PER_SECOND * _FEED_AT_MOST_S))

            async def busy() -> list[float]:
                say(f"{_KEYS} keys, {EVENTS_PER_SECOND:,} events/s")
                feed = asyncio.create_task(_feed(app, frames))
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
        Comparison("95th percentile", "the same dashboard idle", "ms", [*map(_p95, loaded)], [*map(_p95, quiet)]),
    ]


async def _latencies(app: SkillFleetApp) -> list[float]:
    """Down and up again through a part of the list, one key at a time, at moments that fit no tick."""
    loop = asyncio.get_running_loop()
    values: list[float] = []
    by = 1
    for _ in range(_KEYS):
        pause = _BETWEEN_KEYS_S * random.uniform(0.7, 1.3)
        due = time.perf_counter() + pause
        await asyncio.sleep(pause)
        assert app.fleet is not None
        driver = app._driver
        assert isinstance(driver, PaintingDriver)
        order = app.screen.query_one(JobList).order
        at = order.index(app.fleet.selected or "")
        by = 1 if at == 0 else -1 if at >= _FAR else by
        driver.awaited = marker(order[at + by])
        driver.seen = seen = asyncio.Event()
        loop.call_soon(driver.process_message, events.Key("j" if by > 0 else "k", "j" if by > 0 else "k"))
        async with asyncio.timeout(_DEADLINE_S):
            await seen.wait()
        values.append((driver.seen_at - due) * 1000)
    return values


async def _feed(app: SkillFleetApp, frames: Iterator[str]) -> None:
    """Frames as they would come off the connection, a few at a time, whatever the loop's delays."""
    began, fed = time.perf_counter(), 0
    while True:
        due = int((time.perf_counter() - began) * EVENTS_PER_SECOND)
        assert app.fleet is not None
        for frame in islice(frames, due - fed):
            app.fleet.apply(read_event(frame))
        fed = due
        await asyncio.sleep(_FEED_S)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]
