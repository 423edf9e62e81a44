"""What is remembered from one time to the next."""

from pathlib import Path

import pytest

from skill_fleet_tui.setup.remembered import SERVERS_KEPT, Remembered, load, save
from tests.unit.dashboard.scenes import fleet_log
from tests.unit.dashboard.stage import Stage, staged


def test_what_is_saved_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "dashboard.json"
    kept = Remembered(theme="nord", follow=False, list_columns=50, jobs={"local": "j1"}, typed=["/theme nord"])
    save(kept, path)
    assert load(path) == (kept, "")
    assert [file.name for file in path.parent.iterdir()] == ["dashboard.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"theme": 3}', '{"jobs": {"local": 3}}', '{"typed": [1]}'])
def test_a_broken_file_is_left_aside_and_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dashboard.json"
    path.write_text(text)
    fresh, said = load(path)
    assert fresh == Remembered()
    assert str(path) in said


def test_what_another_version_kept_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.json"
    path.write_text('{"theme": "nord", "moon": "full"}')
    assert load(path) == (Remembered(theme="nord"), "")


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    save(Remembered(), tmp_path / "file" / "dashboard.json")


def test_only_so_many_servers_are_kept() -> None:
    kept = Remembered()
    for number in range(SERVERS_KEPT + 5):
        kept.select(f"s{number}", "job")
    assert len(kept.jobs) == SERVERS_KEPT
    assert "s0" not in kept.jobs


async def test_the_theme_and_the_job_of_each_server_are_remembered(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.json"
    first = Stage(fleet_log(), state=path, selected="asks")
    async with staged(first):
        first.come_to("work")
        first.use_theme("nord")
    second = Stage(fleet_log(), state=path)
    assert second.fleet is not None
    async with staged(second):
        assert second.theme == "nord"
        second.fleet.selected = None
        second.come_to("work")
        assert second.fleet.selected == "asks"
