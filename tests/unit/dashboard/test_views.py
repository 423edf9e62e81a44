"""Panes: what moves, what follows, what fits, and what hostile text does (nothing)."""

import pytest

from skill_fleet_common.prompts import Prompt
from skill_fleet_tui.app import TOAST_SECONDS
from skill_fleet_tui.client.sse import read_event
from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.widgets.job_list import JobList
from skill_fleet_tui.widgets.log_view import LogView
from skill_fleet_tui.widgets.preview import Preview
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store import builders
from tests.unit.store.builders import Log, token

HOSTILE = (
    "[/INST][b]x[/nope] \x1b[31mred\x1b]52;c;cHduZWQ=\x07 \x9b5n \x00 \u202egnp.exe 漢字 e\u0301 👩\u200d👧 "
    + "w" * 500
)
ENDLESS = "w漢" * 50_000


def as_read(log: Log) -> Log:
    """The log as it comes from the stream."""
    read = Log()
    read.events = [read_event(event.model_dump_json()) for event in log.events]  # ty: ignore[invalid-assignment]
    return read


async def test_moving_the_selection_switches_log_and_preview_at_once() -> None:
    stage = scenes.live()
    async with staged(stage, (140, 30)) as pilot:
        assert "Use `alembic`" in stage.screen_text
        await pilot.press("left_square_bracket")
        await pilot.pause()
        assert "React hooks" in stage.screen_text
        assert "Use `alembic`" not in stage.screen_text


async def test_the_list_keeps_its_order_while_a_person_moves() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        jobs = stage.screen.query_one(JobList)
        before = list(jobs.order)
        await pilot.press("j")
        log = scenes.fleet_log()
        log.asks("plans", builders.clarify("plans"))
        stage.take(log.events[-1])
        assert jobs.order == before
        stage.seconds += 2
        stage.beat(urgent=True)
        assert jobs.order[0] == "plans"
        assert stage.fleet is not None
        assert stage.fleet.selected == before[before.index("writes") + 1]


async def test_the_log_follows_until_somebody_scrolls_up_and_says_what_is_new() -> None:
    log = Log()
    log.created("a")
    for number in range(60):
        log.says("a", f"line {number}")
    stage = Stage(log)
    async with staged(stage, (120, 20)) as pilot:
        view = stage.screen.query_one(LogView)
        assert "line 59" in stage.screen_text
        await pilot.press("tab", "k", "k")
        log.says("a", "line 60")
        stage.take(log.events[-1])
        await settled(stage, pilot)
        assert not view.follow
        assert "line 60" not in stage.screen_text
        assert "1 new" in stage.screen_text
        await pilot.press("space")
        await settled(stage, pilot)
        assert "line 60" in stage.screen_text


async def test_reasoning_is_folded_until_it_is_asked_for() -> None:
    stage = scenes.live()
    async with staged(stage, (120, 40)) as pilot:
        assert "So revisions matter." not in stage.screen_text
        await pilot.press("t")
        await pilot.pause()
        assert "So revisions matter." in stage.screen_text


async def test_text_in_flight_grows_and_is_voided_by_another_attempt() -> None:
    stage = scenes.live()
    async with staged(stage, (140, 30)) as pilot:
        stage.take(token("er edit a revision", len(scenes.DRAFT), job="writes"))
        await pilot.pause()
        assert "- never edit a revision▌" in stage.screen_text
        log = scenes.fleet_log()
        log.again("writes", "write_skill")
        stage.take(log.events[-1])
        await settled(stage, pilot)
        assert "never edit" not in stage.screen_text


async def test_a_file_that_has_settled_is_rendered_and_can_be_seen_as_source() -> None:
    stage = scenes.asking(builders.preview("asks"))
    async with staged(stage, (160, 40)) as pilot:
        assert "react-hooks" in stage.screen_text
        assert "# React hooks" not in stage.screen_text.split("Changed")[0]
        await pilot.press("p")
        await settled(stage, pilot)
        assert "# React hooks" in stage.screen_text.split("Changed")[0]


async def test_a_narrow_terminal_shows_one_pane_at_a_time() -> None:
    stage = scenes.live()
    async with staged(stage, (60, 24)) as pilot:
        assert stage.screen.query_one(JobList).display
        assert not stage.screen.query_one(LogView).display
        await pilot.press("tab")
        await settled(stage, pilot)
        assert "Understanding" in stage.screen_text
        await pilot.press("tab")
        await settled(stage, pilot)
        assert "Use `alembic`" in stage.screen_text


async def test_zoom_gives_a_pane_the_screen_and_escape_takes_it_back() -> None:
    stage = scenes.live()
    async with staged(stage, (120, 30)) as pilot:
        await pilot.press("tab", "z")
        await settled(stage, pilot)
        assert stage.screen.query_one(LogView).region.width == 120
        await pilot.press("escape")
        await settled(stage, pilot)
        assert stage.screen.query_one(JobList).display


async def test_the_list_is_filtered_as_it_is_typed() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("slash", "f", "a", "i", "l")
        await settled(stage, pilot)
        assert stage.screen.query_one(JobList).order == ["failed"]
        await pilot.press("escape")
        assert len(stage.screen.query_one(JobList).order) == 5


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (400, 120)])
@pytest.mark.parametrize("prompt", [builders.clarify("asks"), builders.validate("asks")])
async def test_no_size_is_too_small_or_too_large(size: tuple[int, int], prompt: Prompt) -> None:
    stage = scenes.asking(prompt)
    async with staged(stage, size) as pilot:
        await pilot.press("n", "z")
        await settled(stage, pilot)
        assert stage.is_running


async def test_the_time_since_the_last_frame_is_said_when_the_connection_is_gone() -> None:
    stage = scenes.offline()
    async with staged(stage):
        assert "reconnecting in 4 s (3) · r now · as of 12s ago" in stage.screen_text


@pytest.mark.parametrize("columns", [40, 60])
async def test_a_narrow_status_line_leaves_out_where_the_server_is_before_how_many_ask(columns: int) -> None:
    stage = scenes.asking(builders.clarify("asks"))
    async with staged(stage, (columns, 24)):
        first = stage.screen_text.splitlines()[0]
        assert "1 asks" in first
        assert "● live" in first
        assert "127.0.0.1" not in first


async def test_hostile_text_is_text_everywhere() -> None:
    plan = builders.plan().model_copy(update={"description": HOSTILE, "name": HOSTILE})
    questions = [each.model_copy(update={"text": HOSTILE, "rationale": HOSTILE}) for each in builders.every_question()]
    prompts = [
        builders.clarify("p1", questions),
        builders.structure_fix("p2").model_copy(update={"title": HOSTILE, "body": HOSTILE}),
        builders.confirm("p3").model_copy(update={"plan": plan}),
        builders.preview("p4").model_copy(update={"diff": HOSTILE, "title": HOSTILE}),
        builders.validate("p5").model_copy(update={"diff": HOSTILE}),
    ]  # fmt: skip
    log = Log()
    for prompt in prompts:
        log.created(prompt.job_id, HOSTILE)
        log.begins(prompt.job_id, "write_skill")
        log.thinks(prompt.job_id, "write_skill", HOSTILE)
        log.says(prompt.job_id, HOSTILE, name=HOSTILE)
        if prompt.job_id == "p1":
            log.says("p1", ENDLESS)
        log.asks(prompt.job_id, prompt)
    log.created("last", HOSTILE)
    log.begins("last", "write_skill")
    log.failed("p1", HOSTILE)
    stage = Stage(as_read(log), extra=[read_event(token(HOSTILE, job="last").model_dump_json())], selected="last")
    async with staged(stage, (140, 40)) as pilot:
        stage.toast(HOSTILE[:200], wrong=True)
        assert stage.fleet is not None
        stage.fleet.connection.become(Link.STOPPED, HOSTILE[:80])
        seen = ""
        for _ in range(6):
            await pilot.press("right_square_bracket", "t")
            await settled(stage, pilot)
            seen += stage.screen_text
        await pilot.press("n", "r", "question_mark")
        seen += stage.screen_text
    assert "[/INST]" in seen
    assert not set(seen) & set("\x1b\x07\x9b\x00\u202e")


async def test_a_sentence_stands_there_once_however_often_a_key_is_pressed() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("n", "n", "n")
        await settled(stage, pilot)
        assert stage.screen_text.count("No job asks anything.") == 1
        stage.seconds += TOAST_SECONDS
        await pilot.press("n")
        await settled(stage, pilot)
        assert stage.screen_text.count("No job asks anything.") == 2, "it is said again when it was taken away"


async def test_a_preview_that_is_resized_is_rendered_for_its_new_width() -> None:
    stage = scenes.asking(builders.preview("asks"))
    async with staged(stage, (160, 40)) as pilot:
        await pilot.resize_terminal(130, 40)
        await settled(stage, pilot)
        await settled(stage, pilot)
        preview = stage.screen.query_one(Preview).document
        assert preview.row_count > 4
        assert "Call hooks at the top level." in stage.screen_text
