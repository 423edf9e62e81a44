"""A recorded session of ten jobs, played into the dashboard. `python -m tests.support.recording` records it anew."""

import time

import pytest
from syrupy.assertion import SnapshotAssertion

from skill_fleet_tui.running.replay import replay
from tests.support.recording import TEN_JOBS
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import Log


async def test_ten_jobs_are_read_in_less_than_a_second() -> None:
    stage = Stage(Log())
    assert stage.fleet is not None
    before = time.process_time()
    await replay(TEN_JOBS, stage.fleet)
    assert time.process_time() - before < 1.0
    assert len(stage.fleet.jobs) == 10


@pytest.mark.parametrize("width", [60, 100, 140])
async def test_the_screen_is_that_of_the_moment_in_which_it_ended(width: int, snapshot: SnapshotAssertion) -> None:
    stage = Stage(Log())
    async with staged(stage, (width, 40)) as pilot:
        assert stage.fleet is not None
        await replay(TEN_JOBS, stage.fleet)
        stage.beat(urgent=True)
        await settled(stage, pilot)
        await settled(stage, pilot)
        assert stage.screen_text == snapshot
