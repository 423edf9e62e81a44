"""A draft becomes a skill in the dashboard, on a real server: kept, moved, taken back, asked for by its words."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from textual.pilot import Pilot

from skill_fleet_common.library import SkillPage
from skill_fleet_tui.app import Options, SkillFleetApp
from skill_fleet_tui.screens.importing import ImportScreen
from skill_fleet_tui.screens.promoting import PromoteScreen
from skill_fleet_tui.screens.skills import SkillsScreen
from skill_fleet_tui.store.library import LibraryState
from skill_fleet_tui.widgets.facts import Facts
from tests.support.craft import keep_skill
from tests.support.server import eventually, running_server

PATIENCE_SECONDS = 60.0


async def finished(api: httpx.AsyncClient) -> str:
    """A job of the demo model with a draft; its id."""
    asked = {"task_description": "A skill for writing release notes", "auto_approve": True}
    job_id = (await api.post("jobs", json=asked)).raise_for_status().json()["job"]["job_id"]

    async def is_done() -> bool:
        return (await api.get(f"jobs/{job_id}")).json()["status"] == "completed"

    await eventually(is_done, within=PATIENCE_SECONDS, what="a finished job")
    return job_id


async def kept(api: httpx.AsyncClient) -> dict[str, str]:
    """The library's skills and their categories."""
    page = SkillPage.model_validate_json((await api.get("skills")).raise_for_status().content)
    return {skill.name: skill.taxonomy_path for skill in page.skills}


async def seen(app: SkillFleetApp, pilot: Pilot[None], what: str, true: Any) -> None:
    async def holds() -> bool:
        await pilot.pause()
        return bool(true())

    await eventually(holds, within=PATIENCE_SECONDS, what=what)


def library(app: SkillFleetApp) -> LibraryState:
    assert app.library is not None
    return app.library


def changed(app: SkillFleetApp) -> str:
    """What the last change was that can be taken back."""
    undo = library(app).undo
    return undo.change if undo is not None else ""


def led_by(app: SkillFleetApp) -> str:
    routing = library(app).routing
    return routing.query if routing is not None else ""


async def test_a_draft_is_kept_moved_and_taken_back_without_leaving_the_dashboard(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    async with running_server(data_dir) as server, server.client() as api:
        job_id = await finished(api)
        app = SkillFleetApp(Options(url=server.url, token_file=data_dir / "token", data_dir=data_dir, job=job_id))
        async with app.run_test(size=(140, 40), notifications=True) as pilot:
            await seen(app, pilot, "the job", lambda: app.fleet and app.fleet.current and app.fleet.current.view.result)
            await pilot.press("P")
            await seen(app, pilot, "the question", lambda: isinstance(app.screen, PromoteScreen))
            await pilot.press("enter")
            await seen(app, pilot, "the skill", lambda: app.library and app.library.undo)
            [name] = await kept(api)
            await seen(app, pilot, "that the job knows it", lambda: library(app).promoted.get(job_id))
            job = app.fleet.current if app.fleet is not None else None
            assert job is not None
            assert job.promoted is not None
            assert job.promoted.name == name

            await pilot.press("2")
            await seen(app, pilot, "the skill's text", lambda: library(app).detail is not None)
            assert isinstance(app.screen, SkillsScreen)
            assert library(app).selected == name

            await pilot.press("w", *"release notes")
            await seen(app, pilot, "where all the words lead", lambda: led_by(app) == "release notes")
            routing = library(app).routing
            assert routing is not None
            assert routing.picked == name
            await pilot.press("escape")

            await pilot.press("m", *"security", "enter")
            await seen(app, pilot, "the move", lambda: changed(app) == "move")
            assert await kept(api) == {name: "security"}
            await pilot.press("u")
            await seen(app, pilot, "the move taken back", lambda: library(app).undo is None)

            async def is_back() -> bool:
                return (await kept(api))[name] != "security"

            await eventually(is_back, within=PATIENCE_SECONDS, what="the category it had")


async def test_a_name_that_is_taken_is_said_where_another_can_be_typed(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    async with running_server(data_dir) as server, server.client() as api:
        first, second = await finished(api), await finished(api)
        (await api.post(f"drafts/{first}/promote")).raise_for_status()
        app = SkillFleetApp(Options(url=server.url, token_file=data_dir / "token", data_dir=data_dir, job=second))
        async with app.run_test(size=(100, 40), notifications=True) as pilot:
            await seen(app, pilot, "the job", lambda: app.fleet and app.fleet.current and app.fleet.current.view.result)
            await pilot.press("P")
            await seen(app, pilot, "the question", lambda: isinstance(app.screen, PromoteScreen))
            await pilot.press("enter")
            await seen(
                app, pilot, "what is in the way", lambda: "already" in str(app.screen.query_one("#problem").render())
            )
            await pilot.press("ctrl+r")
            await seen(app, pilot, "the next revision", lambda: app.library and second in app.library.promoted)
            assert len(await kept(api)) == 1


async def test_skills_are_restored_exported_and_imported_without_leaving_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir, here = tmp_path / "data", tmp_path / "here"
    keep_skill(data_dir, "development/python", "python-log-lines")
    keep_skill(
        here / "other", "security", "key-rotation", "Rotates keys. Use when a key of a service has leaked or is old."
    )
    (here / "empty").mkdir()
    monkeypatch.chdir(here)
    async with running_server(data_dir) as server, server.client() as api:
        app = SkillFleetApp(Options(url=server.url, token_file=data_dir / "token", data_dir=data_dir))
        async with app.run_test(size=(140, 40), notifications=True) as pilot:
            await seen(app, pilot, "the jobs", lambda: app.fleet and str(app.fleet.connection.link) == "live")
            await pilot.press("2")
            await seen(app, pilot, "the skill", lambda: app.library and library(app).detail is not None)

            await pilot.press("X", "y")
            await seen(app, pilot, "the removal", lambda: changed(app) == "remove" and not library(app).skills)
            assert await kept(api) == {}
            await pilot.press("U", *"python-log-lines", "enter")
            await seen(app, pilot, "what was removed", lambda: changed(app) == "restore" and library(app).skills)
            assert await kept(api) == {"python-log-lines": "development/python"}

            await pilot.press("x", *"skill", "enter")
            saved = here / "python-log-lines.skill"
            await seen(app, pilot, "the file", saved.exists)
            with ZipFile(saved) as archive:
                assert "python-log-lines/SKILL.md" in archive.namelist()

            await pilot.press("I", *"other", "enter")
            await seen(app, pilot, "the report", lambda: isinstance(app.screen, ImportScreen))
            await seen(app, pilot, "what can be taken", lambda: "take 1" in str(app.screen.query_one(".keys").render()))
            await pilot.press("y")
            await seen(app, pilot, "the imported skill", lambda: len(library(app).skills) == 2)
            alone = {"python-log-lines": "development/python"}
            assert await kept(api) == {**alone, "key-rotation": "security"}
            await seen(app, pilot, "that it can be taken back", lambda: changed(app) == "import")
            await pilot.press("u")
            await seen(app, pilot, "the import taken back", lambda: len(library(app).skills) == 1)
            assert await kept(api) == alone

            await pilot.press("I", *"empty", "enter")
            await seen(app, pilot, "why nothing is taken", lambda: "Nothing was changed." in report(app))
            await pilot.press("escape", "x", *"tar", "enter")
            await seen(app, pilot, "the forms that there are", lambda: "no form tar." in library(app).refusal)
            assert await kept(api) == alone


def report(app: SkillFleetApp) -> str:
    """What the import says."""
    if not isinstance(app.screen, ImportScreen):
        return ""
    return " ".join(line.text for line in app.screen.query_one(Facts).lines)
