"""Reading the log: finding words, selecting, copying, and coming back to a place."""

import pytest
from textual.pilot import Pilot

from skill_fleet_common.jobs import Phase
from skill_fleet_tui.widgets.log_view import LogView
from skill_fleet_tui.widgets.preview import Preview
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store import builders
from tests.unit.store.builders import Log, token

HOSTILE = "[/INST]\x00 \u202e e\u0301 👩\u200d👧 漢字 ❤\ufe0f [b]" + "漢w e\u0301" * 25_000


def long_log(lines: int = 60) -> Log:
    log = Log()
    log.created("a")
    for number in range(lines):
        log.says("a", f"line {number} of the Story")
    return log


async def finds(stage: Stage, pilot: Pilot[None], words: str) -> LogView:
    """Look for words in the log."""
    view = stage.screen.query_one(LogView)
    view.focus()
    await pilot.press("slash", *words)
    await settled(stage, pilot)
    return view


async def test_words_are_found_in_the_log_as_they_are_typed_and_n_goes_on() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 20)) as pilot:
        stage.screen.query_one(LogView).action_top()
        view = await finds(stage, pilot, "line 3")
        assert view.found == "1/11"
        assert "line 3 of" in stage.screen_text
        await pilot.press("enter", "n", "n")
        await settled(stage, pilot)
        assert view.found == "3/11"
        assert "1/11" not in stage.screen_text
        assert "3/11" in stage.screen_text
        assert "line 31 of" in stage.screen_text
        await pilot.press("N", "N", "N")
        assert view.found == "11/11"


async def test_a_search_that_is_left_goes_back_to_where_it_began() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 20)) as pilot:
        view = await finds(stage, pilot, "line 1 ")
        assert not view.follow
        await pilot.press("escape")
        await settled(stage, pilot)
        assert view.follow
        assert not view.is_searched
        assert "line 59" in stage.screen_text
        assert stage.screen.focused is view


async def test_escape_ends_a_search_and_stays_at_what_was_found() -> None:
    stage = Stage(long_log())
    async with staged(stage, (120, 20)) as pilot:
        view = await finds(stage, pilot, "line 7 ")
        await pilot.press("enter", "escape")
        await settled(stage, pilot)
        assert not view.is_searched
        assert "line 7 of" in stage.screen_text
        await pilot.press("escape")
        assert stage.screen.focused is not view


def story() -> Log:
    """Two phases, in each a module with something to think about, and much that nobody looks for."""
    log = Log()
    log.created("a", "A skill")
    for phase in (Phase.UNDERSTANDING, Phase.GENERATION):
        log.phase("a", phase)
        for number in range(30):
            log.says("a", f"{phase} goes on, {number}")
        log.begins("a", f"module_of_{phase}", phase)
        log.thinks("a", f"module_of_{phase}", "They want a needle.\nIn a haystack.")
        log.ends("a", f"module_of_{phase}", phase)
        log.says("a", f"{phase} found a needle")
    return log


def log_pane(stage: Stage) -> list[str]:
    """The lines of the log, without the times and sums that end them."""
    return [line.text.split(" · ")[0] for line in stage.screen.query_one(LogView).lines]


async def test_the_log_is_narrowed_to_what_matches_under_its_headings_and_esc_shows_it_as_it_was() -> None:
    stage = Stage(story())
    async with staged(stage, (160, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        view.focus()
        view.action_top()
        await pilot.press("t", "slash", *"in a haystack", "enter")
        view.action_go(9)
        await settled(stage, pilot)
        before = view.place
        await pilot.press("ampersand")
        await settled(stage, pilot)
        assert log_pane(stage) == [
            "▾ Understanding", "✓ module_of_understanding", "In a haystack.",
            "▾ Generation", "✓ module_of_generation", "In a haystack.",
        ]  # fmt: skip
        assert view.found == "1/2"
        assert "only these · esc all" in stage.screen_text
        await pilot.press("n", "escape")
        await settled(stage, pilot)
        assert view.place == before
        assert view.is_searched
        assert not view.follow


async def test_who_leaves_only_the_matches_by_the_same_key_stays_at_the_match() -> None:
    stage = Stage(story())
    async with staged(stage, (160, 20)) as pilot:
        await finds(stage, pilot, "found a needle")
        await pilot.press("enter", "ampersand", "g", "n")
        await settled(stage, pilot)
        view = stage.screen.query_one(LogView)
        assert view.found == "1/2"
        await pilot.press("ampersand")
        await settled(stage, pilot)
        assert view.found == "1/2"
        assert "understanding found a needle" in stage.screen_text
        assert "generation goes on, 3" in stage.screen_text


async def test_words_for_only_the_matches_are_asked_for_and_narrow_as_they_are_typed() -> None:
    stage = Stage(story())
    async with staged(stage, (160, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        await pilot.press("ampersand", *"goes on, 7")
        await settled(stage, pilot)
        assert log_pane(stage) == [
            "▾ Understanding",
            "understanding goes on, 7",
            "▾ Generation",
            "generation goes on, 7",
        ]
        await pilot.press("7")
        await settled(stage, pilot)
        assert "No line has these words." in stage.screen_text
        await pilot.press("escape")
        await settled(stage, pilot)
        assert view.follow
        assert not view.is_searched
        assert "generation found a needle" in stage.screen_text


async def test_what_comes_while_only_matches_are_shown_is_shown_if_it_matches() -> None:
    log = story()
    stage = Stage(log)
    async with staged(stage, (160, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        await pilot.press("ampersand", *"needle,", "enter")
        known = len(log.events)
        log.phase("a", Phase.VALIDATION)
        log.says("a", "no thread")
        log.says("a", "one needle, then")
        log.says("a", "two needles, then a needle, and more")
        stage.take(*log.events[known:])
        await settled(stage, pilot)
        assert log_pane(stage) == [
            "▾ Validation", "one needle, then", "two needles, then a needle, and more",
        ]  # fmt: skip
        assert view.found.endswith("2 found")


async def test_only_matches_of_another_job_are_shown_and_each_job_is_left_where_it_was() -> None:
    log = story()
    log.created("b")
    log.says("b", "a needle, too")
    log.says("b", "no thread")
    stage = Stage(log, selected="a")
    async with staged(stage, (160, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        view.action_top()
        view.action_go(5)
        before = view.place
        await pilot.press("ampersand", *"needle, too", "enter")
        assert stage.fleet is not None
        stage.fleet.select("b")
        await settled(stage, pilot)
        assert log_pane(stage) == ["a needle, too"]
        stage.fleet.select("a")
        await settled(stage, pilot)
        view.focus()
        await pilot.press("escape")
        await settled(stage, pilot)
        assert view.place == before


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_what_is_found_can_be_read_in_every_theme(theme: str) -> None:
    stage = Stage(long_log())
    stage.theme = theme
    async with staged(stage, (120, 20)) as pilot:
        view = await finds(stage, pilot, "line")
        styles = [view.get_component_rich_style(f"line--{name}") for name in ("match", "current")]
        assert all(style.color is not None and style.color != style.bgcolor for style in styles)
        assert styles[0] != styles[1]
        assert styles[0].underline
        assert styles[1].reverse


async def test_n_is_the_next_question_while_nothing_is_looked_for() -> None:
    stage = scenes.asking(builders.clarify("asks"))
    async with staged(stage) as pilot:
        stage.screen.query_one(LogView).focus()
        await pilot.press("n")
        assert stage.screen.focused is not None
        assert stage.screen.query_one("#prompt") in stage.screen.focused.ancestors_with_self


async def test_lines_that_come_while_searching_are_searched() -> None:
    log = long_log(5)
    stage = Stage(log)
    async with staged(stage, (120, 20)) as pilot:
        view = await finds(stage, pilot, "story")
        assert view.found.endswith("/5")
        log.says("a", "another Story, a story")
        stage.take(log.events[-1])
        assert view.found.endswith("/7")


async def test_text_in_flight_is_searched() -> None:
    stage = scenes.live()
    async with staged(stage, (100, 30)) as pilot:
        view = await finds(stage, pilot, "alembic")
        before = view.found
        stage.take(token("er alembic alembic\n", len(scenes.DRAFT), job="writes"))
        assert before != view.found


async def test_the_preview_is_searched_rendered_and_as_source() -> None:
    stage = scenes.asking(builders.preview("asks"))
    async with staged(stage, (160, 40)) as pilot:
        preview = stage.screen.query_one(Preview).document
        preview.focus()
        await pilot.press("slash", *"hooks")
        await settled(stage, pilot)
        rendered = preview.found
        assert rendered.startswith("1/")
        await pilot.press("enter", "p")
        await settled(stage, pilot)
        assert preview.is_searched
        assert preview.found != "not found"


async def test_what_the_mouse_selects_is_copied_without_breaks_and_leads() -> None:
    log = Log()
    log.created("a", "A skill")
    log.says("a", "the first word " * 12 + "end")
    stage = Stage(log)
    async with staged(stage, (120, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        rows = stage.screen_text.split("\n")
        top = next(number for number, row in enumerate(rows) if "the first word" in row) - view.region.y
        await _drag(pilot, (8, top), (18, top + 1))
        assert "\n" not in view.selected_text
        assert view.selected_text.startswith("first word the first word")
        await pilot.press("y")
        assert stage.clipboard == view.selected_text
        await pilot.press("escape")
        assert view.selected_text == ""


async def test_a_selection_stays_with_its_text_when_lines_come_and_the_width_changes() -> None:
    log = long_log(3)
    stage = Stage(log)
    async with staged(stage, (120, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        top = _row_of(stage, "line 1 of") - view.region.y
        await _drag(pilot, (4, top), (30, top))
        selected = view.selected_text
        assert "line 1" in selected
        log.says("a", "more")
        stage.take(log.events[-1])
        await pilot.resize_terminal(90, 20)
        await settled(stage, pilot)
        assert view.selected_text == selected


async def test_a_resize_keeps_what_is_read_at_the_top() -> None:
    log = Log()
    log.created("a")
    for number in range(80):
        log.says("a", f"line {number} " + "words " * (number % 30))
    stage = Stage(log)
    async with staged(stage, (120, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        view.focus()
        await pilot.press("pageup", "pageup", "pageup")
        place = view.place
        await pilot.resize_terminal(100, 20)
        await pilot.resize_terminal(150, 20)
        await settled(stage, pilot)
        assert view.place.line == place.line


async def test_hostile_text_is_searched_and_selected() -> None:
    from skill_fleet_tui.client.sse import read_event

    log = Log()
    log.created("a")
    log.says("a", HOSTILE)
    log.says("a", "x" * 1_000_000)
    read = Log()
    read.events = [read_event(event.model_dump_json()) for event in log.events]  # ty: ignore[invalid-assignment]
    stage = Stage(read)
    async with staged(stage, (120, 24)) as pilot:
        view = await finds(stage, pilot, "x")
        assert view.found.endswith("/1000000")
        await pilot.press("enter", "N", "n")
        view.search("e\u0301")
        assert view.found.endswith("/25001")
        await _drag(pilot, (12, 2), (30, 12))
        assert "漢" in view.selected_text
        await pilot.press("y")
        assert not set(stage.screen_text) & set("\x1b\x00\u202e")


def _row_of(stage: Stage, words: str) -> int:
    return next(number for number, row in enumerate(stage.screen_text.split("\n")) if words in row)


async def _drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down("#log", offset=start)
    await pilot.hover("#log", offset=end)
    await pilot.mouse_up("#log", offset=end)
    await pilot.pause()


async def test_a_selection_that_leaves_its_pane_is_copied_as_text() -> None:
    stage = scenes.live()
    async with staged(stage, (140, 30)) as pilot:
        await pilot.mouse_down("#log", offset=(14, 3))
        await pilot.hover("#jobs", offset=(5, 8))
        await pilot.mouse_up("#jobs", offset=(5, 8))
        await settled(stage, pilot)
        copied = stage.screen.get_selected_text() or ""
        assert "Panel(" not in copied
        assert "JobList" not in copied
        await pilot.press("y")
        assert stage.clipboard == copied or not copied


async def test_the_timeline_is_searched_and_says_what_is_found() -> None:
    stage = scenes.live()
    async with staged(stage, (140, 30)) as pilot:
        stage.screen.query_one(LogView).focus()
        await pilot.press("T")
        await settled(stage, pilot)
        await pilot.press("slash", *"gather_req")
        await settled(stage, pilot)
        assert "1/1 " in stage.screen_text
