"""The dashboard beats fast while something comes; left alone it is woken by the slow beat only."""

from pathlib import Path

from skill_fleet_tui.app import Options, SkillFleetApp
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
