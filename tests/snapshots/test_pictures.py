"""Pictures of the main screen and of every kind of question, for colour. `make snapshots` writes them anew."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from skill_fleet_common.prompts import Prompt
from skill_fleet_tui.widgets.key_bar import KeyBar
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import settled
from tests.unit.store import builders

PROMPTS: dict[str, Callable[[str], Prompt]] = {
    "clarify": builders.clarify,
    "structure_fix": builders.structure_fix,
    "confirm": builders.confirm,
    "preview": builders.preview,
    "validate": builders.validate,
}


async def _settle(pilot: Pilot[Any]) -> None:
    await settled(pilot.app, pilot)  # ty: ignore[invalid-argument-type]


async def _without_bottom_line(pilot: Pilot[Any]) -> None:
    """One more key in the bottom line is no other picture of anything else; its row stays."""
    pilot.app.screen.query_one(KeyBar).visible = False
    await _settle(pilot)


def test_main_screen_with_its_bottom_line(snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(scenes.live(), terminal_size=(140, 36), run_before=_settle)


def test_main_screen_in_light_colours(snap_compare: Callable[..., bool]) -> None:
    stage = scenes.live()
    stage.theme = "textual-light"
    assert snap_compare(stage, terminal_size=(100, 30), run_before=_without_bottom_line)


@pytest.mark.parametrize("kind", PROMPTS)
def test_prompt(kind: str, snap_compare: Callable[..., bool]) -> None:
    async def answer(pilot: Pilot[Any]) -> None:
        await _settle(pilot)
        await pilot.press("n")
        await _without_bottom_line(pilot)

    stage = scenes.asking(PROMPTS[kind]("asks"))
    assert snap_compare(stage, terminal_size=(120, 40), run_before=answer)
