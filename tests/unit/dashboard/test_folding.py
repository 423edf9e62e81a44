"""Folding the log, and coming back to where one was in it."""

from datetime import timedelta

import pytest

from skill_fleet_common import events as ev
from skill_fleet_common.jobs import Phase
from skill_fleet_tui.store.log import JobLog
from skill_fleet_tui.widgets.log_view import LogView
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import Log, token


def long_log(job: str = "a", lines: int = 40) -> Log:
    log = Log()
    log.created(job)
    log.phase(job, Phase.UNDERSTANDING)
    log.begins(job, "gather_requirements")
    log.thinks(job, "gather_requirements", "They use alembic.")
    log.ends(job, "gather_requirements", outputs={"topics": ["revisions"]})
    for number in range(lines):
        log.says(job, f"thought {number}")
    log.add(ev.PhaseEnd(job_id=job, phase=Phase.UNDERSTANDING, data=ev.PhaseEndData(duration_s=75.0)))
    log.phase(job, Phase.GENERATION)
    for number in range(lines):
        log.says(job, f"step {number}")
    return log


async def test_minus_folds_what_is_over_and_plus_unfolds_it() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 24)) as pilot:
        stage.screen.query_one(LogView).focus()
        await pilot.press("minus", "g")
        await settled(stage, pilot)
        assert "▸ Understanding · 1m 15s" in stage.screen_text
        assert "thought 0" not in stage.screen_text
        assert "step 0" in stage.screen_text
        await pilot.press("plus")
        await settled(stage, pilot)
        assert "thought 0" in stage.screen_text


async def test_a_click_on_a_heading_folds_it_and_another_unfolds_it() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 24)) as pilot:
        view = stage.screen.query_one(LogView)
        view.action_top()
        await settled(stage, pilot)
        for words in ("▾ Understanding", "▸ Understanding"):
            row = next(number for number, text in enumerate(stage.screen_text.split("\n")) if words in text)
            await pilot.click("#log", offset=(8, row - view.region.y))
            await settled(stage, pilot)
            assert ("▸ Understanding" in stage.screen_text) == (words[0] == "▾")


async def test_one_modules_reasoning_is_unfolded_and_folded_with_the_arrows() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 24)) as pilot:
        stage.screen.query_one(LogView).focus()
        await pilot.press("g", "J", "J", "right")
        await settled(stage, pilot)
        assert "They use alembic." in stage.screen_text
        await pilot.press("enter")
        await settled(stage, pilot)
        assert "They use alembic." not in stage.screen_text
        await pilot.press("left")
        await settled(stage, pilot)
        assert "▸ Understanding" in stage.screen_text


async def test_enter_answers_while_no_heading_is_marked() -> None:
    stage = scenes.live("asks")
    async with staged(stage) as pilot:
        view = stage.screen.query_one(LogView)
        view.focus()
        await pilot.press("enter")
        assert stage.screen.focused is view


async def test_words_are_found_in_what_is_folded() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 24)) as pilot:
        view = stage.screen.query_one(LogView)
        view.focus()
        await pilot.press("minus", "slash", *"thought 7", "enter")
        await settled(stage, pilot)
        assert view.found == "1/1"
        assert "thought 7" in stage.screen_text
        await pilot.press("escape", "g")
        await settled(stage, pilot)
        assert "▸ Understanding" in stage.screen_text


async def test_each_job_keeps_its_place_and_its_folds() -> None:
    log = long_log("a")
    for event in long_log("b").events:
        log.add(event)
    stage = Stage(log, selected="a")
    async with staged(stage, (120, 24)) as pilot:
        view = stage.screen.query_one(LogView)
        view.focus()
        await pilot.press("pageup", "pageup")
        place = view.place
        await pilot.press("left_square_bracket")
        await settled(stage, pilot)
        assert view.follow
        await pilot.press("minus", "right_square_bracket")
        await settled(stage, pilot)
        assert not view.follow
        assert view.place == place
        await pilot.press("g", "left_square_bracket", "g")
        await settled(stage, pilot)
        assert "▸ Understanding" in stage.screen_text


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_who_reads_stays_at_the_line_when_the_past_comes_before_it(elsewhere: bool) -> None:
    log = long_log("a")
    log.created("b")
    stage = Stage(log, selected="a")
    assert stage.fleet is not None
    past, later = log.of("a")[:30], log.of("a")[30:]
    met_halfway = stage.fleet.jobs["a"].log = JobLog()
    met_halfway.add(later)
    async with staged(stage, (120, 24)) as pilot:
        view = stage.screen.query_one(LogView)
        view.focus()
        await pilot.press("pageup", "pageup")
        await settled(stage, pilot)
        place = view.place
        read = view.lines[place.line].text
        if elsewhere:
            await pilot.press("left_square_bracket")
            await settled(stage, pilot)
        met_halfway.add(past)
        if elsewhere:
            await pilot.press("right_square_bracket")
        await settled(stage, pilot)
        assert stage.fleet.selected == "a"
        assert view.place.line > place.line
        assert view.lines[view.place.line].text == read


async def test_a_module_at_work_says_why_it_tries_again_and_how_fast_it_writes() -> None:
    log = scenes.fleet_log()
    log.again("writes", "write_skill")
    stage = Stage(log, selected="writes")
    async with staged(stage, (200, 30)) as pilot:
        stage.take(token("x" * 100, job="writes"))
        stage.seconds += 2
        stage.take(token("x" * 900, 100, job="writes"))
        await settled(stage, pilot)
        assert "attempt 2: The model did not answer in time." in stage.screen_text
        assert "≈125 tok/s" in stage.screen_text
        stage.seconds += 12
        stage.now += timedelta(seconds=12)
        await settled(stage, pilot)
        assert "quiet for 12s" in stage.screen_text


async def test_a_heading_that_counts_seconds_costs_its_own_row_only() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 60)) as pilot:
        view = stage.screen.query_one(LogView)
        await settled(stage, pilot)
        drawn = set(view._strips.keys())
        stage.now += timedelta(seconds=90)
        stage.beat(urgent=True)
        assert len(drawn - set(view._strips.keys())) == 1
