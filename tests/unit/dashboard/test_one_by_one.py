"""What is typed faster than the screen can follow goes where it was meant to go."""

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from skill_fleet_tui.screens.command import CommandScreen
from skill_fleet_tui.screens.create import CreateScreen, Field
from skill_fleet_tui.screens.help import HelpScreen
from skill_fleet_tui.screens.main import MainScreen
from skill_fleet_tui.terminal.one_by_one import Through
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.log_view import LogView
from tests.support.server import eventually
from tests.unit.dashboard.scenes import asking, live
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import clarify

WITHIN_SECONDS = 10.0


async def typed_at_once(stage: Stage, pilot: Pilot[None], text: str) -> None:
    """Every key arrives before the first of them is looked at."""
    dealt_with = stage._number + len(text)
    for character in text:
        named = {"\n": "enter", "\x1b": "escape"}.get(character)
        stage.post_message(events.Key(named or _character_to_key(character), character if named is None else None))
    await eventually(
        lambda: stage._number == dealt_with and not stage._under_way, within=WITHIN_SECONDS, what="the last key"
    )
    await settled(stage, pilot)


@pytest.mark.parametrize("line", [":theme nord", ":jobs q c x"])
async def test_a_command_typed_in_one_go_is_whole(line: str) -> None:
    stage = live()
    async with staged(stage) as pilot:
        await typed_at_once(stage, pilot, line)
        assert isinstance(stage.screen, CommandScreen)
        assert stage.screen.query_one(Input).value == f"/{line[1:]}"


async def test_a_description_typed_in_one_go_is_whole() -> None:
    stage = live()
    async with staged(stage) as pilot:
        await typed_at_once(stage, pilot, "cquick checks of c code")
        assert isinstance(stage.screen, CreateScreen)
        assert stage.screen.query_one("#description", Field).text == "quick checks of c code"


async def test_words_to_find_typed_in_one_go_are_whole_and_what_follows_them_is_no_part_of_them() -> None:
    stage = live()
    async with staged(stage) as pilot:
        jobs = stage.screen.query_one(JobList)
        await typed_at_once(stage, pilot, "/react")
        assert jobs.filter == "react"
        await typed_at_once(stage, pilot, "\x1b")
        stage.screen.query_one(LogView).focus()
        await typed_at_once(stage, pilot, "/react\nn[")
        assert stage.screen.query_one(LogView).words == "react"
        assert jobs.filter == ""


async def test_an_answer_typed_in_one_go_is_whole() -> None:
    stage = asking(clarify("asks"))
    async with staged(stage) as pilot:
        await typed_at_once(stage, pilot, "noNone of them")
        assert "None of them" in stage.screen_text


async def test_keys_behind_one_that_closes_a_screen_go_to_the_screen_below() -> None:
    stage = live()
    async with staged(stage) as pilot:
        assert stage.fleet is not None
        await typed_at_once(stage, pilot, ":open hooks\nk")
        assert isinstance(stage.screen, MainScreen)
        order = stage.fleet.order()
        assert stage.fleet.selected == order[max(order.index("asks") - 1, 0)]
        await typed_at_once(stage, pilot, "?\x1b:x")
        assert not isinstance(stage.screen, HelpScreen)


async def test_a_key_whose_way_back_is_lost_does_not_hold_the_others_for_good() -> None:
    stage = live()
    async with staged(stage) as pilot:
        stage._under_way = True
        await typed_at_once(stage, pilot, "?")
        assert isinstance(stage.screen, HelpScreen)


async def test_a_key_that_comes_back_when_the_last_screen_is_gone_ends_nothing_else() -> None:
    stage = live()
    async with staged(stage):
        stage._under_way = True
        back = Through(stage._number, stage.screen)
    await stage.on_through(back)
