"""The panes are as wide as a person makes them, where there is room."""

from pathlib import Path

import pytest

from tests.unit.dashboard.scenes import fleet_log, live
from tests.unit.dashboard.stage import Stage, staged


def width(stage: Stage, pane: str) -> int:
    return stage._main.query_one(f"#{pane}").outer_size.width


async def test_the_border_of_the_list_moves_and_stays_for_the_next_time(tmp_path: Path) -> None:
    stage = live()
    stage._state = tmp_path / "dashboard.json"
    async with staged(stage, (140, 30)) as pilot:
        before = width(stage, "jobs")
        await pilot.press("L", "ctrl+right")
        await pilot.pause()
        assert width(stage, "jobs") == before + 4
    again = Stage(fleet_log(), state=tmp_path / "dashboard.json")
    async with staged(again, (140, 30)):
        assert width(again, "jobs") == before + 4


async def test_the_log_and_the_preview_share_the_rest() -> None:
    stage = live()
    async with staged(stage, (140, 30)) as pilot:
        stage._main.show_pane("preview")
        before = width(stage, "preview")
        for _ in range(50):
            stage._main.action_border(-1)
        await pilot.pause()
        assert width(stage, "preview") > before
        assert width(stage, "log") >= 15


@pytest.mark.parametrize(("size", "panes"), [((60, 20), 1), ((20, 5), 1), ((100, 30), 2), ((400, 120), 3)])
async def test_what_was_made_wide_fits_any_terminal(size: tuple[int, int], panes: int) -> None:
    stage = live()
    stage.remembered.list_columns, stage.remembered.log_share = 120, 80
    async with staged(stage, size) as pilot:
        await pilot.press("z")
        await pilot.press("z")
        shown = [pane for pane in ("jobs", "log", "preview") if stage._main.query_one(f"#{pane}").display]
        assert len(shown) == panes
        assert sum(width(stage, pane) for pane in shown) <= size[0]
