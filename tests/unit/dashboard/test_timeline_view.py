"""The timeline on the screen: where the log is, live, and drawn to fit any width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from skill_fleet_tui.store.timeline import Chart, Span, SpanKind, SpanState, Timeline
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.log_view import LogView
from skill_fleet_tui.widgets.timeline import TimelineView
from skill_fleet_tui.widgets.timeline_rows import Scale, timeline_lines
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import NOW, Stage, settled, staged
from tests.unit.dashboard.test_views import HOSTILE, as_read
from tests.unit.store.builders import Log, clarify


async def test_a_key_puts_it_in_the_logs_place_and_escape_takes_it_away() -> None:
    stage = scenes.timed()
    async with staged(stage, (120, 30)) as pilot:
        await pilot.press("T")
        await settled(stage, pilot)
        assert isinstance(stage.screen.focused, TimelineView)
        assert "waiting for a person" in stage.screen_text
        assert not stage.screen.query_one(LogView).display
        await pilot.press("escape")
        await settled(stage, pilot)
        assert isinstance(stage.screen.focused, LogView)
        await pilot.press("escape")
        assert isinstance(stage.screen.focused, JobList)


@pytest.mark.parametrize("columns", [60, 120])
async def test_tab_and_zoom_reach_it_like_the_log(columns: int) -> None:
    stage = scenes.timed()
    async with staged(stage, (columns, 30)) as pilot:
        await pilot.press("T", "z", "tab", "tab", "tab")
        await settled(stage, pilot)
        assert stage.screen.query_one(TimelineView).has_focus
        assert "gather_requirements" in stage.screen_text


async def test_it_grows_while_the_job_runs_and_keeps_its_place() -> None:
    stage = scenes.timed()
    async with staged(stage, (120, 12)) as pilot:
        await pilot.press("T", "j", "j")
        view = stage.screen.query_one(TimelineView)
        before = view.scroll_y
        assert before > 0
        stage.now = stage.now.replace(minute=stage.now.minute + 5)
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert view.scroll_y == before
        await pilot.press("g")
        await settled(stage, pilot)
        assert "7m 00s in all" in stage.screen_text


async def test_it_is_drawn_as_soon_as_it_has_a_place_not_with_the_next_beat() -> None:
    stage = scenes.timed()
    async with staged(stage, (140, 40)) as pilot:
        await pilot.press("T")
        await pilot.pause()
        assert "gather_requirements" in stage.screen_text
        assert "▬" in stage.screen_text


async def test_another_job_is_another_timeline() -> None:
    stage = scenes.live()
    async with staged(stage, (140, 30)) as pilot:
        await pilot.press("T")
        await settled(stage, pilot)
        assert "write_skill" in stage.screen_text
        await pilot.press("left_square_bracket")
        await settled(stage, pilot)
        assert "─ React hooks the way" in stage.screen_text
        assert "write_skill" not in stage.screen_text


def chart_of(log: Log) -> Chart:
    timeline = Timeline()
    timeline.add(log.of("a"))
    return timeline.chart(NOW)


def drawn(chart: Chart, width: int = 120) -> str:
    return "\n".join(line.text for line in timeline_lines(chart, width))


def test_nothing_that_happened_is_said_to_be_nothing() -> None:
    assert "Nothing has happened yet." in drawn(Chart())


def test_a_long_wait_does_not_hide_the_work() -> None:
    spans = (
        Span(SpanKind.MODULE, "work", 0, 10, SpanState.DONE),
        Span(SpanKind.WAIT, "clarify", 10, 100_000, SpanState.DONE),
        Span(SpanKind.MODULE, "more", 100_000, 100_010, SpanState.DONE),
    )
    chart = Chart(spans, 100_010)
    scale = Scale(chart)
    assert scale.at(10) > 0.3
    assert scale.at(100_000) < 0.6
    said = drawn(chart)
    assert "≈" in said
    assert "longer than drawn" in said


def test_attempts_checkpoints_and_costs_are_marked() -> None:
    log = Log()
    log.created("a")
    log.begins("a", "gather_requirements")
    log.again("a", "gather_requirements", code="rate_limit")
    log.ends("a", "gather_requirements")
    log.begins("a", "write_skill")
    log.ends("a", "write_skill", replayed=True)
    said = drawn(chart_of(log))
    assert "↻ another attempt" in said
    assert "attempt 2 · rate limit" in said or "rate limit" in said
    assert "↺ from a checkpoint" in said
    assert "812" in said


moments = st.floats(0, 1e7, allow_nan=False)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    spans = []
    for _ in range(draw(st.integers(0, 8))):
        begin, end = sorted((draw(moments), draw(moments)))
        cuts = tuple(draw(st.lists(st.floats(begin, end), max_size=2)))
        spans.append(
            Span(
                draw(st.sampled_from(SpanKind)), draw(st.text(max_size=40)), begin, end,
                draw(st.sampled_from(SpanState)), cuts=cuts, note=draw(st.text(max_size=40)),
            )
        )  # fmt: skip
    return Chart(tuple(spans), max((span.end for span in spans), default=0.0))


@given(charts(), st.integers(1, 220))
def test_no_line_is_wider_than_the_view(chart: Chart, width: int) -> None:
    assert all(cell_len(line.text) <= width for line in timeline_lines(chart, width))


@given(charts(), moments, moments)
def test_what_is_later_stands_no_further_to_the_left(chart: Chart, one: float, other: float) -> None:
    scale = Scale(chart)
    earlier, later = sorted((one, other))
    assert scale.at(earlier) <= scale.at(later) + 1e-6


async def test_hostile_names_act_on_nothing() -> None:
    log = Log()
    log.created("a", HOSTILE)
    log.begins("a", HOSTILE)
    log.again("a", HOSTILE, code=HOSTILE)
    log.asks("a", clarify("a"))
    log.resolved("a", clarify("a"), by=HOSTILE)
    stage = Stage(as_read(log))
    async with staged(stage, (160, 24)) as pilot:
        await pilot.press("T")
        await settled(stage, pilot)
        assert not set(stage.screen_text) & set("\x1b\x07\x9b\x00\u202e")


def test_steps_that_are_told_apart_by_their_ends_keep_them() -> None:
    log = Log()
    log.created("a")
    for name in ("one", "two"):
        log.begins("a", f"write_resource/references/{name}.md")
    said = drawn(chart_of(log), 60)
    assert "/one.md" in said
    assert "/two.md" in said
