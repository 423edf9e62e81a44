"""One dashboard, two servers: it changes between them while it runs, and remembers where it was on each."""

from pathlib import Path

import pytest

from skill_fleet_tui.app import Options, SkillFleetApp
from skill_fleet_tui.setup.configured import Configured, read_configured
from skill_fleet_tui.store.fleet import FleetState
from tests.support.server import ServerProcess, eventually, running_server


async def create(server: ServerProcess, *tasks: str) -> None:
    async with server.client() as api:
        for task in tasks:
            (await api.post("jobs", json={"task_description": task})).raise_for_status()


def settings_file(folder: Path, **servers: ServerProcess) -> Configured:
    tables = [
        f'[servers.{name}]\nurl = "{server.url}"\ntoken_file = "{server.data_dir / "token"}"\n'
        for name, server in servers.items()
    ]
    path = folder / "config.toml"
    path.write_text("\n".join(tables))
    return read_configured(path)


def fleet(app: SkillFleetApp) -> FleetState:
    assert app.fleet is not None
    return app.fleet


async def shows(app: SkillFleetApp, server: str, count: int) -> None:
    await eventually(
        lambda: app.fleet is not None and app.fleet.connection.link == "live" and len(app.fleet.jobs) == count,
        what=f"{count} jobs of {server}",
    )
    assert fleet(app).connection.server == server


async def test_the_dashboard_changes_servers_and_comes_back_to_the_job_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_server(tmp_path / "one") as one, running_server(tmp_path / "two") as two:
        configured = settings_file(tmp_path, home=one, work=two)
        monkeypatch.setenv("SKILL_FLEET_CONFIG", str(tmp_path / "config.toml"))
        await create(one, "A skill for tests", "A skill for logs")
        await create(two, "A skill for deployments")
        app = SkillFleetApp(Options(url="home"), configured=configured, state=tmp_path / "state.json")
        async with app.run_test(size=(120, 30), notifications=True) as pilot:
            await shows(app, "home", 2)
            await pilot.press("j")
            left = fleet(app).selected
            app.connect("work")
            await shows(app, "work", 1)
            await eventually(lambda: fleet(app).selected in fleet(app).jobs, what="a selected job")
            app.connect("home")
            await shows(app, "home", 2)
            assert fleet(app).selected == left


async def test_a_server_nobody_knows_is_said_and_the_way_back_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_server(tmp_path / "one") as one:
        configured = settings_file(tmp_path, home=one)
        monkeypatch.setenv("SKILL_FLEET_CONFIG", str(tmp_path / "config.toml"))
        app = SkillFleetApp(Options(url="home"), configured=configured)
        async with app.run_test(size=(120, 30), notifications=True):
            await shows(app, "home", 0)
            app.connect("moon")
            await eventually(lambda: "moon is no address" in fleet(app).connection.detail, what="what is wrong")
            app.connect("home")
            await shows(app, "home", 0)
