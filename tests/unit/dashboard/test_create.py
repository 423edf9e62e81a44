"""Describing a skill: what is wrong is said where it was typed, and what was typed stays."""

from pathlib import Path

from textual.widgets import Static

from skill_fleet_tui.screens.create import CreateScreen, Field
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, staged
from tests.unit.store.builders import Log


def said(stage: Stage, where: str) -> str:
    line = stage.screen.query_one(f"#{where}-problem", Static)
    return str(line.content) if line.display else ""


async def test_an_empty_description_is_refused_below_its_field() -> None:
    stage = Stage(Log())
    async with staged(stage) as pilot:
        await pilot.press("c")
        await pilot.press("ctrl+s")
        await stage.workers.wait_for_complete()
        await pilot.pause()
        assert said(stage, "description") == "Describe the skill you want in a sentence or more."
        await pilot.press("A")
        assert said(stage, "description") == ""


async def test_sources_that_cannot_be_read_are_refused_below_theirs(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\x00\x01")
    stage = Stage(Log())
    async with staged(stage) as pilot:
        await pilot.press("c")
        for path, problem in ((tmp_path / "missing.md", "There is no file"), (tmp_path / "binary", "is binary")):
            stage.screen.query_one("#description", Field).text = "A skill"
            stage.screen.query_one("#sources", Field).text = str(path)
            await pilot.press("ctrl+s")
            await stage.workers.wait_for_complete()
            await pilot.pause()
            assert problem in said(stage, "sources")


async def test_what_is_on_and_off_is_plain_without_colours() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("c", "tab", "tab")
        assert "[ ] Auto-approve" in stage.screen_text
        await pilot.press("space")
        assert "[x] Auto-approve" in stage.screen_text


async def test_leaving_keeps_what_was_typed() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("c", "a", "enter", "b", "escape")
        assert not isinstance(stage.screen, CreateScreen)
        await pilot.press("c")
        assert stage.screen.query_one("#description", Field).text == "a\nb"


async def test_single_letters_are_text_here_and_tab_goes_on() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("c", "q", "c", "x", "tab")
        assert stage.screen.query_one("#description", Field).text == "qcx"
        assert stage.screen.focused is stage.screen.query_one("#sources", Field)


async def test_cancelling_a_job_asks_once_more() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("X")
        assert "Cancel db-migrations?" in stage.screen_text
        await pilot.press("enter")
        assert "Cancel db-migrations?" not in stage.screen_text
