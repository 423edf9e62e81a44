"""Killed at any moment, or refused by the disk at any moment, the library is as it was or as it should become.

A child process does the change and is ended at its n-th use of the file system, for every n until it lives to the end.
"""

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from skill_fleet_common.library import Promote
from skill_fleet_server.errors import LibraryUnwritable
from skill_fleet_server.library.changes import move, remove, rename, restore
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.promotion import promote, unpromote
from tests.unit.library.builders import draft, evidence, library, skill, tree

Work = Callable[[Library], object]

GROWS = {"os.rename", "os.mkdir", "tempfile.mkdtemp"}
"""Audit events of what needs room on the disk; so does opening to write."""
TOUCHES = GROWS | {"open", "os.remove", "os.rmdir", "shutil.rmtree"}
"""Audit events of whatever changes something on disk, or looks at it."""
DONE, DONE_ALL_THE_SAME, REFUSED, KILLED = 0, 2, 3, 9


def newer(job_id: str) -> Work:
    wish = Promote(replace=True)
    return lambda found: promote(found, job_id, wish, by="x")


CHANGES: dict[str, Work] = {
    "promote": lambda found: promote(found, "job-2", Promote(name="tax-forms", force=True), by="x"),
    "replace": newer("job-2"),
    "unpromote": lambda found: unpromote(found, "pdf-forms"),
    "move": lambda found: move(found, "pdf-forms", "data", by="x"),
    "rename": lambda found: rename(found, "pdf-forms", "tax-forms", by="x"),
    "remove": lambda found: remove(found, "pdf-forms", by="x"),
    "restore": lambda found: restore(found, next((found.root / ".fleet/trash").iterdir()).name),
}


def start(directory: Path, *, removed: bool) -> Path:
    """A library with one promoted skill, maybe removed again, and another job's draft of the same name."""
    draft(directory, evidence=evidence("", "the first"))
    found = library(directory)
    promote(found, "job-1", Promote(), by="x")
    if removed:
        remove(found, "pdf-forms", by="x")
    newer = skill(body="# Newer\n\n## Steps\n\n1. Do it.\n")
    draft(directory, "job-2", text=newer, evidence=evidence(newer, "the second"))
    return directory


def at(directory: Path) -> dict[str, str]:
    """What there is, for a reader: skills, drafts, evidence, aliases; what is in the trash by its name alone."""
    recovered = library(directory)
    recovered.recover()
    assert not (directory / "library/.fleet/staging").exists()
    assert not (directory / "library/.fleet/intent.json").exists()
    removed = (directory / "library/.fleet").glob("trash/*/about.json")
    in_trash = {f"trash/{each.parent.name.partition('-')[2]}": "" for each in removed}
    known = {
        f"queries of {each.name} r{note.revision}": recovered.evidence(each.name, note.revision).queries[0].query
        for each in recovered.catalog.entries()
        for note in recovered.revisions.notes(each.name)
    }
    return {path: text for path, text in tree(directory).items() if "/.new-" not in path} | in_trash | known


def grows(event: str, arguments: tuple[object, ...]) -> bool:
    return event in GROWS or (event == "open" and bool(int(str(arguments[2] or 0)) & (os.O_WRONLY | os.O_RDWR)))


def touches(event: str, _arguments: tuple[object, ...]) -> bool:
    return event in TOUCHES


def interrupted(
    directory: Path, work: Work, moment: int, counts: Callable[..., bool], interrupt: Callable[[], object]
) -> int:
    """Do the work in a child that is interrupted when something that counts is done for the n-th time; how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = moment

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if counts(event, arguments):
            left -= 1
            if left == 0:
                interrupt()

    try:
        sys.addaudithook(count)
        work(library(directory))
        os._exit(DONE if left > 0 else DONE_ALL_THE_SAME)
    except LibraryUnwritable:
        os._exit(REFUSED)
    finally:
        os._exit(1)


def full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("change", CHANGES)
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path, change):
    work, original = CHANGES[change], start(tmp_path / "original", removed=change == "restore")
    done = shutil.copytree(original, tmp_path / "done")
    work(library(done))
    old, new = at(original), at(done)
    assert old != new
    seen = []
    for moment in range(1, 1_000):
        copy = shutil.copytree(original, tmp_path / "copy")
        ended = interrupted(copy, work, moment, touches, lambda: os._exit(KILLED))
        after = at(copy)
        assert after in (old, new), f"killed at {moment}"
        seen.append(after == new)
        shutil.rmtree(copy)
        if ended == DONE:
            break
        assert ended == KILLED
    assert seen == sorted(seen), "once it is done, it stays done"
    assert seen[-1]
    assert not seen[0]


@pytest.mark.parametrize("change", CHANGES)
def test_a_disk_that_is_full_at_any_moment_leaves_the_library_as_it_was_and_says_so(tmp_path, change):
    work, original = CHANGES[change], start(tmp_path / "original", removed=change == "restore")
    done = shutil.copytree(original, tmp_path / "done")
    work(library(done))
    old, new = at(original), at(done)
    refused = 0
    for moment in range(1, 1_000):
        copy = shutil.copytree(original, tmp_path / "copy")
        ended = interrupted(copy, work, moment, grows, full)
        after = at(copy)
        assert ended in (DONE, DONE_ALL_THE_SAME, REFUSED), f"ended with {ended} at {moment}"
        if ended == REFUSED:
            refused += 1
            assert after == old, f"refused at {moment}"
        else:
            assert after == new, f"done at {moment}"
        shutil.rmtree(copy)
        if ended == DONE:
            break
    assert refused > 5
