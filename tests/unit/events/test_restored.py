"""An old copy of the database that is put back: positions will be given a second time, so it must show."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.history import HistoryNote
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.events.log import EventLog
from tests.support.events import created, job_row, progress
from tests.support.server import eventually

NOTE = "fleet.sqlite.head"


async def session(directory: Path, events: int = 0) -> tuple[str, int]:
    """Open the log, append, close it in good order; returns its epoch and head."""
    database = Database(sqlite_url(directory / "fleet.sqlite"))
    await asyncio.to_thread(upgrade, database)
    log = await EventLog.open(database)
    if events and log.head == 0:
        await log.transact(lambda tx: tx.create(job_row("job-1"), created("job-1")))
    for _ in range(events):
        await log.transact(lambda tx: tx.append(progress("job-1")))
    await log.close()
    database.close()
    return log.epoch, log.head


def file_alone(copy: Path, data: Path) -> None:
    """`cp` of the database over itself."""
    shutil.copyfile(copy / "fleet.sqlite", data / "fleet.sqlite")


def whole_directory_moved_in(copy: Path, data: Path) -> None:
    """As a restore would do it, times of files kept, the note included."""
    shutil.rmtree(data)
    shutil.copytree(copy, data)


def whole_directory_copied_over(copy: Path, data: Path) -> None:
    """`cp -a`: the same inodes, old times."""
    shutil.copytree(copy, data, dirs_exist_ok=True)


def into_a_new_directory_without_the_note(copy: Path, data: Path) -> None:
    shutil.rmtree(data)
    data.mkdir()
    shutil.copy2(copy / "fleet.sqlite", data / "fleet.sqlite")


@pytest.mark.parametrize(
    "restore",
    [file_alone, whole_directory_moved_in, whole_directory_copied_over, into_a_new_directory_without_the_note],
)
async def test_an_old_copy_gets_a_new_identity(tmp_path: Path, restore: Callable[[Path, Path], None]) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    data.mkdir()
    epoch, _ = await session(data, events=3)
    shutil.copytree(data, copy)
    age(copy / NOTE)
    assert (await session(data, events=5))[0] == epoch
    restore(copy, data)
    restored, _ = await session(data)
    assert restored != epoch
    # And only once: from here on it is the database.
    assert (await session(data, events=20))[0] == restored


def age(note: Path) -> None:
    """Let the note tell of an hour ago."""
    said = json.loads(note.read_text())
    said["at"] -= 3600
    note.write_text(json.dumps(said))
    os.utime(note, (said["at"], said["at"]))


async def test_what_was_written_after_the_last_note_is_no_reason_to_doubt(tmp_path: Path) -> None:
    epoch, head = await session(tmp_path, events=3)
    HistoryNote(tmp_path / "fleet.sqlite").write(epoch, head - 2)
    assert (await session(tmp_path))[0] == epoch


async def test_an_empty_log_needs_no_note(tmp_path: Path) -> None:
    epoch, _ = await session(tmp_path)
    (tmp_path / NOTE).unlink()
    assert (await session(tmp_path))[0] == epoch


async def test_the_note_follows_the_log_while_it_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skill_fleet_server.events.log._NOTE_EVERY_S", 0.01)
    database = Database(sqlite_url(tmp_path / "fleet.sqlite"))
    await asyncio.to_thread(upgrade, database)
    log = await EventLog.open(database)
    keeping = asyncio.create_task(log.keep_note())
    await log.transact(lambda tx: tx.create(job_row("job-1"), created("job-1")))
    note = HistoryNote(tmp_path / "fleet.sqlite")
    await eventually(lambda: note.contradicts(log.epoch, 0), what="the note of the first event")
    assert not note.contradicts(log.epoch, log.head)
    keeping.cancel()
    await log.close()
    database.close()
