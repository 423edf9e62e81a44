"""Reading the log: finding words, selecting, copying, and coming back to a place."""

from textual.pilot import Pilot

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
