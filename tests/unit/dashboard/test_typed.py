"""Commands as they are typed."""

import pytest
from textual.widgets import Input

from skill_fleet_tui.commands.command import JOBS
from skill_fleet_tui.commands.registry import COMMANDS, offered
from skill_fleet_tui.commands.typed import Argument, CannotRun, completions, read_line
from tests.unit.dashboard.scenes import asking, fleet_log, live
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import clarify

ON_JOBS = [command for command in COMMANDS if JOBS in command.screens]
THEMES = [Argument("nord", "cold"), Argument("gruvbox"), Argument("textual-dark")]


def arguments(command: object) -> list[Argument]:
    return THEMES if getattr(command, "action", "") == "theme" else []


@pytest.mark.parametrize(
    ("line", "command", "text"),
    [
        ("/create A skill for tests", "job.create", "A skill for tests"),
        ("create  A skill", "job.create", "A skill"),
        ("  /THEME nord ", "app.theme", "nord"),
        ("/exit", "app.quit", ""),
        ("/conn work", "app.connect", "work"),
    ],
)
def test_a_line_is_a_command_and_a_text(line: str, command: str, text: str) -> None:
    found, rest = read_line(line, ON_JOBS)
    assert (found.id, rest) == (command, text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/creat0", "Did you mean /create?"),
        ("/c", "Did you mean /c"),
        ("/xyzzy", "Tab shows what there is."),
        ("/zoom in", "/zoom takes nothing after it."),
    ],
)
def test_what_is_no_command_is_said_with_the_nearest(line: str, said: str) -> None:
    with pytest.raises(CannotRun) as error:
        read_line(line, ON_JOBS)
    assert said in str(error.value)


def test_what_is_impossible_is_neither_run_nor_offered() -> None:
    now = offered(frozenset(), JOBS)
    with pytest.raises(CannotRun):
        read_line("/cancel", now)
    assert "/cancel" not in [one.line for one in completions("/ca", now, arguments)]


def test_commands_are_completed_by_some_letters_and_say_what_comes_after() -> None:
    first = completions("/crt", ON_JOBS, arguments)[0]
    assert (first.line, first.shown) == ("/create ", "/create TEXT")
    assert completions("/the", ON_JOBS, arguments)[0].line == "/theme "


def test_known_arguments_are_completed_too() -> None:
    assert [one.line for one in completions("/theme ", ON_JOBS, arguments)] == [
        "/theme nord", "/theme gruvbox", "/theme textual-dark",
    ]  # fmt: skip
    assert [one.line for one in completions("/theme gv", ON_JOBS, arguments)] == ["/theme gruvbox"]
    assert completions("/create some text", ON_JOBS, arguments) == []


async def test_a_theme_is_looked_at_while_its_name_is_typed_and_left_again() -> None:
    stage = live()
    async with staged(stage) as pilot:
        before = stage.theme
        await pilot.press("colon", *"theme nord")
        assert stage.theme == "nord"
        await pilot.press("escape")
        assert stage.theme == before


async def test_the_command_line_runs_what_was_typed_and_remembers_it() -> None:
    stage = live()
    async with staged(stage) as pilot:
        await pilot.press("colon", *"open hooks", "enter")
        await pilot.pause()
        assert stage.fleet is not None
        assert stage.fleet.selected == "asks"
        assert stage.remembered.typed == ["/open hooks"]
        await pilot.press("colon", "up")
        assert stage.screen.query_one(Input).value == "/open hooks"


async def test_a_line_that_is_no_command_stays_with_what_is_wrong() -> None:
    stage = live()
    async with staged(stage) as pilot:
        await pilot.press("colon", *"xyzzy", "enter")
        await pilot.pause()
        assert "There is no command /xyzzy now." in stage.screen_text


async def test_what_is_typed_as_an_answer_is_put_into_the_question() -> None:
    stage = asking(clarify("asks"))
    async with staged(stage):
        screen = stage._main
        screen.run_typed(next(one for one in COMMANDS if one.id == "question.answer"), "2")
        assert screen.prompt is not None
        assert screen.prompt.form is not None
        assert screen.prompt.form.draft.choices == {"question:version": ["18"]}


async def test_the_palette_finds_commands_and_jobs_and_takes_no_name_for_markup() -> None:
    log = fleet_log()
    log.created("evil", "[/INST] [b]bold[/] hostile task")
    stage = Stage(log, selected="writes")
    async with staged(stage) as pilot:
        await pilot.press("ctrl+p", *"[/inst]")
        await pilot.pause(0.3)
        await pilot.pause()
        assert "[/INST]" in stage.screen_text
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert stage.fleet is not None
        assert stage.fleet.selected == "evil"


async def test_jobs_have_a_palette_of_their_own() -> None:
    stage = live()
    async with staged(stage) as pilot:
        await pilot.press("ctrl+o")
        await pilot.pause()
        await pilot.pause()
        assert "React hooks" in stage.screen_text
        assert "Choose the colours" not in stage.screen_text


async def test_on_the_smallest_terminal_there_is_room_for_the_line_and_for_what_it_finds() -> None:
    stage = live()
    async with staged(stage, (20, 5)) as pilot:
        await pilot.press("colon", *"the")
        await settled(stage, pilot)
        rows = stage.screen_text.splitlines()
        assert rows[-1].startswith("/the")
        assert any("/theme" in row for row in rows[:-1])
        await pilot.press("escape", "question_mark", *"zoom")
        await settled(stage, pilot)
        assert "zoom" in stage.screen_text.splitlines()[0]
        assert "Views" in stage.screen_text


async def test_what_is_offered_is_cut_anew_for_another_width() -> None:
    stage = live()
    async with staged(stage, (120, 20)) as pilot:
        await pilot.press("colon", *"thin")
        await pilot.resize_terminal(60, 20)
        await settled(stage, pilot)
        assert len([row for row in stage.screen_text.splitlines() if "/thinking" in row]) == 1
        assert "/thinking" in stage.screen_text.splitlines()[-2]
