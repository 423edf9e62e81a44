"""The job list on the screen: it keeps its place, says what it hides, and what it says is current."""

import pytest
from rich.cells import cell_len

from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.widgets.find_line import FindLine, TermSuggester
from skill_fleet_tui.widgets.job_list import STILL_SECONDS, JobList
from skill_fleet_tui.widgets.job_row import row_parts
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.dashboard.test_views import HOSTILE, as_read
from tests.unit.store.builders import Log, clarify, preview


def many(count: int = 30) -> Log:
    log = Log()
    for number in range(count):
        log.created(f"j{number:02}", f"Skill number {number:02}")
    return log


def jobs_of(stage: Stage) -> JobList:
    return stage.screen.query_one(JobList)


def selected_row_on_screen(stage: Stage) -> int:
    assert stage.fleet is not None
    assert stage.fleet.selected is not None
    jobs = jobs_of(stage)
    return jobs.order.index(stage.fleet.selected) - int(jobs.scroll_offset.y)


async def test_the_selected_row_stays_where_the_eye_is_while_others_move_above_it() -> None:
    log = many()
    stage = Stage(log, selected="j15")
    async with staged(stage, (100, 20)) as pilot:
        jobs_of(stage).show_selected()
        await settled(stage, pilot)
        before = selected_row_on_screen(stage)
        for job in ("j03", "j02"):
            log.asks(job, clarify(job))
            stage.take(log.events[-1])
            await settled(stage, pilot)
        assert jobs_of(stage).order[:2] == ["j03", "j02"]
        assert selected_row_on_screen(stage) == before
        assert "▲ 2 ask" in stage.screen_text


async def test_the_selected_row_stays_in_view_when_a_question_takes_rows_away() -> None:
    log = many(12)
    for number in range(12):
        log.asks(f"j{number:02}", preview(f"j{number:02}"))
    stage = Stage(log, selected="j03")
    async with staged(stage, (100, 24)) as pilot:
        await settled(stage, pilot)
        assert "Keep it and go on" in stage.screen_text
        assert 0 <= selected_row_on_screen(stage) < jobs_of(stage).size.height < 12


@pytest.mark.parametrize("elapsed", ["9s", "15s", "1h15", "12h30"])
@pytest.mark.parametrize("width", [18, 32, 52])
async def test_what_a_job_is_at_and_for_how_long_are_two_words(elapsed: str, width: int) -> None:
    stage = scenes.live()
    assert stage.fleet is not None
    for job in stage.fleet.jobs.values():
        row = "".join(text for text, _ in row_parts(job, "", elapsed, width))
        assert cell_len(row) == width
        assert row.endswith(f" {elapsed} ")


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_the_selected_row_can_be_told_from_the_others_and_read_in_every_theme(theme: str) -> None:
    stage = scenes.live()
    stage.theme = theme
    async with staged(stage, (100, 24)) as pilot:
        jobs = jobs_of(stage)
        jobs.focus()
        await settled(stage, pilot)
        row = selected_row_on_screen(stage)
        styles = [segment.style for segment in jobs.render_line(row) if segment.style is not None]
        assert len({(style.color, style.bgcolor) for style in styles}) == 1
        assert styles[0].color != styles[0].bgcolor
        await pilot.press("tab")
        await settled(stage, pilot)
        here, there = (
            {(style.bgcolor, style.underline) for _, style, _ in jobs.render_line(at) if style is not None}
            for at in (row, row + 1)
        )
        assert not here & there


@pytest.mark.parametrize("compact", [False, True])
async def test_a_click_selects_the_job_that_is_clicked_on(compact: bool) -> None:
    stage = Stage(many(5), selected="j00")
    async with staged(stage, (100, 20)) as pilot:
        stage.screen.set_class(compact, "-compact")
        await settled(stage, pilot)
        rows = stage.screen_text.split("\n")
        await pilot.click(offset=(10, next(number for number, row in enumerate(rows) if "number 02" in row)))
        assert stage.fleet is not None
        assert stage.fleet.selected == "j02"


async def test_no_row_moves_while_a_person_moves_among_them() -> None:
    log = many()
    stage = Stage(log, selected="j29")
    async with staged(stage, (100, 20)) as pilot:
        await pilot.press("j", "j")
        before = list(jobs_of(stage).order)
        log.asks("j05", clarify("j05"))
        stage.take(log.events[-1])
        assert jobs_of(stage).order == before
        await pilot.press("j")
        assert stage.fleet is not None
        assert stage.fleet.selected == before[3]
        stage.seconds += STILL_SECONDS
        stage.beat(urgent=True)
        assert jobs_of(stage).order[0] == "j05"


async def test_words_narrow_the_list_and_are_counted_and_escape_shows_all() -> None:
    stage = Stage(many(20))
    async with staged(stage, (100, 30)) as pilot:
        await pilot.press("slash", *"number", "space", *"1")
        await settled(stage, pilot)
        assert "Jobs · 11 of 20 · number 1" in stage.screen_text
        await pilot.press("enter")
        await settled(stage, pilot)
        assert stage.fleet is not None
        assert stage.fleet.selected in jobs_of(stage).order
        await pilot.press("escape")
        await settled(stage, pilot)
        assert len(jobs_of(stage).order) == 20


async def test_the_bottom_line_offers_no_letters_while_words_are_typed() -> None:
    stage = Stage(many(3))
    async with staged(stage, (100, 20)) as pilot:
        await pilot.press("slash", "0")
        await settled(stage, pilot)
        assert "⏎ go to what was found" in stage.screen_text
        assert "c create" not in stage.screen_text


async def test_a_filter_that_finds_nothing_says_how_to_be_rid_of_it() -> None:
    stage = scenes.filtered("state:review")
    async with staged(stage, (120, 30)) as pilot:
        assert "None of 8 jobs matches state:review" in stage.screen_text
        assert "esc shows all jobs again" in stage.screen_text
        await pilot.press("escape")
        await settled(stage, pilot)
        assert "None of" not in stage.screen_text


async def test_the_find_line_says_what_it_understands_and_completes_it() -> None:
    stage = Stage(many(3))
    async with staged(stage, (100, 30)) as pilot:
        await pilot.press("slash")
        await settled(stage, pilot)
        assert "state:asks" in stage.screen_text
        await pilot.press(*"skill !state:f", "right")
        assert stage.screen.query_one(FindLine).value == "skill !state:failed"


@pytest.mark.parametrize(("typed", "found"), [("ph", "phase:understanding"), ("x st", "x state:queued"), ("", None)])
async def test_half_a_term_is_completed(typed: str, found: str | None) -> None:
    assert await TermSuggester().get_suggestion(typed) == found


async def test_rows_that_came_from_a_cut_connection_say_how_old_they_are_and_do_not_count_on() -> None:
    stage = scenes.live()
    async with staged(stage, (140, 30)) as pilot:
        assert stage.fleet is not None
        before = stage.screen_text.count("1m")
        stage.fleet.connection.last_frame = stage.seconds
        stage.fleet.connection.become(Link.WAITING, "The connection was cut.")
        stage.seconds += 3_600
        stage.now = stage.now.replace(hour=stage.now.hour + 1)
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert "Jobs · as of 1h00 ago" in stage.screen_text
        rows = [jobs_of(stage).render_line(row).text for row in range(5)]
        assert not any("1h" in row for row in rows)
        assert sum("1m" in row or "2m" in row for row in rows) >= min(before, 1)


async def test_only_rows_that_changed_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    log = many(10)
    stage = Stage(log)
    async with staged(stage, (100, 30)) as pilot:
        await settled(stage, pilot)
        drawn: list[int] = []
        jobs, render = jobs_of(stage), JobList.render_line

        def counting(self: JobList, y: int) -> object:
            drawn.append(y)
            return render(self, y)

        monkeypatch.setattr(JobList, "render_line", counting)
        log.says("j04", "working", 0.5)
        stage.take(log.events[-1])
        await pilot.pause()
        assert set(drawn) == {jobs.order.index("j04")}


async def test_hostile_names_filters_and_origins_act_on_nothing() -> None:
    log = Log()
    log.created("evil", HOSTILE)
    log.created("fork", HOSTILE, forked_from="evil")
    log.says("evil", HOSTILE, 0.5, name=HOSTILE)
    stage = Stage(as_read(log))
    stage.words = f"w {HOSTILE[:7]}"
    async with staged(stage, (60, 20)) as pilot:
        seen = stage.screen_text
        await pilot.press("escape")
        await settled(stage, pilot)
        seen += stage.screen_text
    assert "└ " in seen
    assert not set(seen) & set("\x1b\x07\x9b\x00\u202e")
