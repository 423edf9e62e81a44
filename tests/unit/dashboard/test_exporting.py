"""Reading a log elsewhere: in a pager, and in files that never replace others."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

import pytest

from skill_fleet_common.jobs import Phase
from skill_fleet_tui.store.log_text import log_text
from skill_fleet_tui.terminal import paging
from skill_fleet_tui.terminal.exporting import NotSaved, plain_name, save_new
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import Log


class InTerminal(Stage):
    """A dashboard whose terminal can be given away."""

    @contextmanager
    def suspend(self) -> Generator[None]:
        yield


def toasts(stage: Stage) -> str:
    return " ".join(str(note.message) for note in stage._notifications)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_text_has_everything_unfolded_and_says_when() -> None:
    log = Log()
    log.created("a", "A skill for logging")
    log.phase("a", Phase.UNDERSTANDING)
    log.thinks("a", "gather_requirements", "They log a lot.")
    log.ends("a", "gather_requirements")
    stage = Stage(log)
    assert stage.fleet is not None
    assert stage.fleet.current is not None
    text = log_text(stage.fleet.current, UTC)
    assert text.startswith("Logging  (a, running)\n\n2026-11-20 14:01:02  Created\n")
    assert "2026-11-20 14:01:04  Understanding\n" in text
    assert "They log a lot.\n" in text


@pytest.mark.parametrize(
    ("title", "name"),
    [("React hooks!", "react-hooks"), ("../../etc/passwd", "etc-passwd"), (".. ", "job"), ("漢字", "job")],
)
def test_a_title_is_never_a_path(title: str, name: str) -> None:
    assert plain_name(title) == name


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    saved = [save_new(tmp_path, "a.log.txt", str(number)).name for number in range(3)]
    assert saved == ["a.log.txt", "a-2.log.txt", "a-3.log.txt"]
    assert (tmp_path / "a.log.txt").read_text() == "0"


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotSaved, match=r"gone/a\.txt cannot be written: No such file"):
        save_new(tmp_path / "gone", "a.txt", "")


async def test_the_log_and_the_screen_are_saved_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("x", "t")
        await settled(stage, pilot)
        await pilot.press("x", "s")
        await settled(stage, pilot)
        assert names_in(tmp_path) == {"db-migrations.log.txt", "skill-fleet.svg"}
        assert "So revisions matter." in (tmp_path / "db-migrations.log.txt").read_text()
        assert "<svg" in (tmp_path / "skill-fleet.svg").read_text()
        assert str(tmp_path / "db-migrations.log.txt") in toasts(stage)


async def test_events_cannot_be_saved_without_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("x", "j")
        await settled(stage, pilot)
        assert "There is no server" in toasts(stage)
        assert not names_in(tmp_path)


def test_the_pager_reads_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = tmp_path / "read"
    script = tmp_path / "pager.py"
    script.write_text(f"import pathlib, sys; pathlib.Path({str(read)!r}).write_text(open(sys.argv[1]).read())")
    monkeypatch.setenv("PAGER", f"{sys.executable} {script}")
    paging.page(InTerminal(Log()), "one\ntwo\n", "a.log.txt")
    assert read.read_text() == "one\ntwo\n"


@pytest.mark.parametrize(
    ("pager", "said"),
    [("no-such-pager", "Set \\$PAGER"), ("'less", "cannot be read"), ("false", "ended with code 1")],
)
def test_a_pager_that_does_not_work_is_named(pager: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", pager)
    with pytest.raises(paging.NoPager, match=said):
        paging.page(InTerminal(Log()), "text", "a.log.txt")


async def test_where_no_pager_can_be_opened_it_is_said_what_to_do() -> None:
    stage = scenes.live()
    async with staged(stage) as pilot:
        await pilot.press("tab", "o")
        await settled(stage, pilot)
        assert "x saves the log to a file" in toasts(stage)
