"""Leaving the dashboard while it is at work."""

from tests.unit.dashboard.scenes import live
from tests.unit.dashboard.stage import staged


async def test_a_tick_that_comes_while_the_screen_is_taken_down_does_nothing() -> None:
    stage = live()
    async with staged(stage):
        pass
    stage.beat(urgent=True)
