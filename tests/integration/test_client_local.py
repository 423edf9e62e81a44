"""Finding and starting a local server: real processes, data directories of their own."""

import asyncio
import json
import os
import signal
import sys
import textwrap
from collections.abc import Generator
from pathlib import Path

import pytest

from skill_fleet_tui.client import local
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import CannotStart
from skill_fleet_tui.client.local import Connection, find_or_start
from skill_fleet_tui.setup.settings import ClientSettings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ClientSettings]:
    """Settings of a fresh data directory; the server that is started there is ended after the test."""
    for name in [name for name in os.environ if name.startswith("SKILL_FLEET_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    settings = ClientSettings(data_dir=tmp_path / "data")
    yield settings
    end_server(settings)


def server_pid(settings: ClientSettings) -> int | None:
    try:
        return int(json.loads((settings.data_dir / "server.json").read_text())["pid"])
    except FileNotFoundError:
        return None


def end_server(settings: ClientSettings, number: int = signal.SIGKILL) -> None:
    if pid := server_pid(settings):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        for child in local._children:
            if child.pid == pid:
                child.wait(10)


async def test_a_server_is_started_then_found_then_started_again_when_it_is_gone(settings: ClientSettings) -> None:
    told: list[str] = []
    first = await find_or_start(settings, on_progress=told.append)
    second = await find_or_start(settings)

    assert first.started
    assert told
    assert second == Connection(first.url, first.token, started=False, data_dir=settings.data_dir)
    async with ApiClient(first.url, first.token) as api:
        assert (await api.jobs()).jobs == []

    end_server(settings)
    third = await find_or_start(settings)

    assert third.started
    assert third.token == first.token


async def test_a_server_that_was_started_with_other_settings_makes_room_for_one_with_ours(
    settings: ClientSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILL_FLEET_DEMO_DELAY", "0.01")
    first = await find_or_start(settings)
    assert (await find_or_start(settings, as_set=True)).url == first.url

    monkeypatch.setenv("SKILL_FLEET_DEMO_DELAY", "0.02")
    assert (await find_or_start(settings)).url == first.url
    told: list[str] = []
    second = await find_or_start(settings, on_progress=told.append, as_set=True)
    assert second.url != first.url
    assert "new settings" in told[0]

    monkeypatch.delenv("SKILL_FLEET_DEMO_DELAY")
    assert (await find_or_start(settings, as_set=True)).url == second.url


async def test_two_that_start_at_once_end_with_one_server(settings: ClientSettings) -> None:
    one, other = await asyncio.gather(find_or_start(settings), find_or_start(settings))

    assert one.url == other.url
    assert one.token == other.token


async def test_the_server_does_not_end_with_who_started_it(settings: ClientSettings) -> None:
    code = f"""
        import asyncio, pathlib
        from skill_fleet_tui.client.local import find_or_start
        from skill_fleet_tui.setup.settings import ClientSettings
        print(asyncio.run(find_or_start(ClientSettings(data_dir=pathlib.Path({str(settings.data_dir)!r})))).url)
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(code), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)

    found = await find_or_start(settings, start=False)
    assert found.url == said.decode().strip()


async def test_a_server_that_cannot_start_says_why(settings: ClientSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_FLEET_LOG_LEVEL", "loud")

    with pytest.raises(CannotStart, match="log_level"):
        await find_or_start(settings)


async def test_a_data_directory_that_cannot_be_made(settings: ClientSettings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match="cannot be started on"):
        await find_or_start(ClientSettings(data_dir=tmp_path / "file" / "data"))


async def test_an_address_that_was_set_is_taken_and_gets_no_foreign_token(settings: ClientSettings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "token").write_text("local-secret")
    (settings.data_dir / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:8765", "pid": 2**22}))

    elsewhere = await find_or_start(settings.model_copy(update={"url": "http://example.org:8765"}))
    here = await find_or_start(settings.model_copy(update={"url": "http://127.0.0.1:8765/"}))
    (settings.data_dir / "server.json").unlink()

    assert elsewhere == Connection("http://example.org:8765", "")
    assert here.token == "local-secret"


async def test_a_missing_server_says_what_to_install(settings: ClientSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_SERVER_PACKAGES", ("skill_fleet_no_such_package",))

    with pytest.raises(CannotStart) as raised:
        await find_or_start(settings)

    assert 'pip install "skill-fleet[server]"' in raised.value.hint
