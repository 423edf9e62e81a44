"""The dashboard beats fast while something comes, then slowly; left alone, once a second."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from skill_fleet_common.events import Keepalive
from skill_fleet_tui.app import Options, SkillFleetApp
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.tick import RESTING_BEATS, Pulse, Tick
from tests.support.recording import TEN_JOBS
from tests.support.server import eventually
from tests.unit.store.builders import token


class Counting(SkillFleetApp):
    """The real dashboard, which counts its beats."""

    def __init__(self, recording: Path) -> None:
        self.fast = self.slow = 0
        super().__init__(Options(replay=recording))

    def beat(self, *, urgent: bool = False) -> None:
        self.slow += urgent
        self.fast += not urgent
        super().beat(urgent=urgent)


async def test_an_idle_dashboard_beats_slowly_until_something_comes() -> None:
    app = Counting(TEN_JOBS)
    async with app.run_test(notifications=True):
        await eventually(lambda: app.fleet and len(app.fleet.jobs) == 10, what="the recording", within=30)
        await _slow_beats(app, 2)
        before = app.fast
        await _slow_beats(app, 2)
        assert app.fast == before
        assert app.fleet is not None
        app.fleet.apply(token("more", job=app.fleet.selected or ""))
        await eventually(lambda: app.fast == before + 1, what="a fast beat")
        await _slow_beats(app, 2)
        assert app.fast == before + 1


async def _slow_beats(app: Counting, count: int) -> None:
    enough = app.slow + count
    await eventually(lambda: app.slow >= enough, what="slow beats")


class Timers:
    """Of the app only what a pulse asks of it: timers that go off when the test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def set_interval(self, seconds: float, callback: Callable[[], None]) -> Any:
        self.due.append(callback)
        return self

    def pause(self) -> None:
        """The fast one sleeps; that it has nothing to do is for the test to keep to."""

    resume = pause


def resting_pulse() -> tuple[Pulse, list[bool], Callable[[int], list[int]]]:
    """A pulse to which nothing has come yet, its beats, and what says in which of so many slow beats it beat."""
    timers, beats = Timers(), list[bool]()
    pulse = Pulse(Tick(), lambda *, urgent=False: beats.append(urgent))
    pulse.begin(timers)  # ty: ignore[invalid-argument-type] (no app)
    fast, slow = timers.due

    def slowly(count: int) -> list[int]:
        fast()
        fast()
        beats.clear()
        return [number for number in range(count) if (slow(), beats and beats.pop())[1]]

    return pulse, beats, slowly


def test_once_nothing_has_happened_for_a_second_one_beat_a_second_is_enough() -> None:
    pulse, _, slowly = resting_pulse()
    lively = [*range(RESTING_BEATS)]
    assert slowly(4 * RESTING_BEATS) == [*lively, RESTING_BEATS, 2 * RESTING_BEATS, 3 * RESTING_BEATS]
    pulse.hear()
    assert slowly(2 * RESTING_BEATS) == [*lively, RESTING_BEATS]


def test_a_server_that_says_no_more_than_that_it_is_there_wakes_nobody() -> None:
    heard: list[None] = []
    fleet = FleetState(clock=lambda: 7.0, heard=lambda: heard.append(None))
    fleet.apply(Keepalive(pos=0))
    assert (heard, fleet.connection.last_frame) == ([], 7.0)
    fleet.apply(token("more"))
    assert heard
