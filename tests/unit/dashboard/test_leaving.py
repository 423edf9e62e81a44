"""Leaving the dashboard while it is at work."""

import pytest

from skill_fleet_tui.terminal.leaving import crash_report, unsent
from tests.unit.dashboard.scenes import asking, live
from tests.unit.dashboard.stage import staged
from tests.unit.store.builders import clarify


async def test_a_tick_that_comes_while_the_screen_is_taken_down_does_nothing() -> None:
    stage = live()
    async with staged(stage):
        pass
    stage.beat(urgent=True)


async def test_an_answer_that_is_typed_and_not_sent_is_asked_about_before_leaving() -> None:
    stage = asking(clarify("asks"))
    async with staged(stage) as pilot:
        panel = stage._main.prompt
        assert panel is not None
        assert panel.form is not None
        panel.form.draft.texts["question:version"] = "nineteen"
        assert unsent(stage)
        stage._main.action_quit()
        await pilot.pause()
        assert "typed and not sent" in stage.screen_text
        await pilot.press("n")
        assert stage.is_running
        assert stage.return_code is None


async def test_without_one_it_leaves_at_once() -> None:
    stage = live()
    async with staged(stage) as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert stage.return_code == 0


def test_a_crash_is_told_without_the_values_of_variables() -> None:
    def inner() -> None:
        token = "hush"
        raise ValueError(token)

    with pytest.raises(ValueError, match="hush") as caught:
        inner()
    said = crash_report(caught.value)
    assert "The dashboard has crashed (ValueError)" in said
    assert "inner" in said
    assert "hush" not in said
