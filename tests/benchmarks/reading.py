"""20,000 events that the dashboard reads at once, as after a long time away: how long, and how long nothing else moves.

The baseline parses the same JSON with the same models and does nothing with it. A stall is the longest time
the event loop was busy in one go: a person's key would have waited for so long. Painting is on.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from skill_fleet_common.events import parse_event
from skill_fleet_tui.app import SkillFleetApp
from skill_fleet_tui.running.replay import replay
from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.benchmarks.painting import Stalls, dashboard
from tests.benchmarks.traffic import JOBS, Traffic

TITLE = "Dashboard: reading 20,000 events at once (140×45)"

_EVENTS = 20_000
_ROUNDS = 5


def measure(say: Say) -> list[Comparison]:
    """Reading and parsing, alternately."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    traffic = Traffic()
    recordings = ["\n".join(traffic.more(_EVENTS)) for _ in range(_ROUNDS)]
    stalls = Stalls()
    with tempfile.TemporaryDirectory() as directory:
        beginning = Path(directory) / "beginning.jsonl"
        beginning.write_text("\n".join(traffic.beginning), encoding="utf-8")
        async with dashboard(beginning, JOBS) as app:
            say(f"{_ROUNDS} rounds of {_EVENTS:,} events")
            left = iter(recordings)

            async def reading() -> float:
                recording = Path(directory) / "recording.jsonl"
                recording.write_text(next(left), encoding="utf-8")
                with stalls.watched():
                    return await _read(app, recording)

            async def parsing() -> float:
                began = time.process_time()
                for line in recordings[0].splitlines():
                    parse_event(line)
                return (time.process_time() - began) * 1000

            read = await alternate_async(_ROUNDS, reading, parsing)
    note = f"longest stall {median(stalls.milliseconds):.0f} ms"
    return [Comparison("CPU", "parsing them", "ms", *read, note=note)]


async def _read(app: SkillFleetApp, recording: Path) -> float:
    """Milliseconds of CPU until the events are read and the screen shows them."""
    assert app.fleet is not None
    began = time.process_time()
    await replay(recording, app.fleet)
    app.beat(urgent=True)
    return (time.process_time() - began) * 1000
