"""What the library holds: every skill's name, description and place. The folder is the truth.

What was read of a SKILL.md is remembered for as long as the file is the same: reading 1,000 of them takes most of a
second, and looking whether they have changed takes a fortieth of that.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from skill_fleet_common.library import Change
from skill_fleet_server.errors import NameTaken, NotFound
from skill_fleet_server.library.aliases import Aliases
from skill_fleet_server.library.counts import HEAD_BYTES, Counts
from skill_fleet_server.library.paths import GROUPING_LEVELS
from skill_fleet_server.library.revisions import Note, Revisions
from skill_fleet_server.library.stamp import metadata_of
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, parse

FOLDER: Final = "library"
SKILLS: Final = 5_000
"""Most skills listed; the rest are left out, and the log says so."""
DEMO_MARK: Final = "demo model"
"""In a skill's `metadata.generated-by` when the demo model wrote it."""

_log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """One skill of the library."""

    name: str
    description: str
    taxonomy_path: str
    """`category`, or `category/subcategory`."""
    demo: bool = False
    """Whether the demo model wrote it."""
    counts: Counts | None = None
    """What rules found in it; `None` when that was not counted."""
    promoted: tuple[Note, ...] = ()
    """Of its revisions those that were a job's draft, oldest first."""


class Place(NamedTuple):
    """Where a skill is."""

    directory: Path
    taxonomy_path: str
    alias: str = ""
    """The alias that led here, if one did."""


class Catalog:
    """The library below a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / FOLDER
        self._read: dict[Path, tuple[tuple[int, ...], Entry]] = {}
        self.aliases = Aliases(self._root)
        self.revisions = Revisions(self._root)

    def entries(self) -> list[Entry]:
        """Every skill, by taxonomy path and name. One that cannot be read is left out, and the log says why.

        Not for an event loop's thread.
        """
        found: list[Entry] = []
        known: dict[Path, tuple[tuple[int, ...], Entry]] = {}
        for directory, taxonomy_path in self.places():
            if len(found) == SKILLS:
                _log.warning("the library has more than %d skills; the rest are not listed", SKILLS)
                break
            if read := self._entry(directory, taxonomy_path):
                known[directory] = read
                found.append(read[1])
        self._read = known
        return found

    def places(self) -> Iterator[tuple[Path, str]]:
        """The folder of every skill and its taxonomy path, in order."""
        for category in _subdirectories(self._root):
            yield from _below(category, (category.name,))

    def find(self, name: str) -> Place:
        """Where a skill is, by its name or an alias. Not for an event loop's thread.

        Raises:
            NotFound: If there is none.
            NameTaken: If there are several of that name.
        """
        if found := self._named(name):
            return Place(*found)
        target = self.aliases.all().get(name)
        if target and (found := self._named(target)):
            return Place(*found, name)
        raise NotFound(f"The library has no skill {name!r}.")

    def note_counts(self, directory: Path, counts: Counts) -> None:
        """Remember what was counted in a skill, until its SKILL.md is another."""
        if known := self._read.get(directory):
            self._read[directory] = (known[0], known[1]._replace(counts=counts))

    def has(self, name: str) -> bool:
        """Whether a skill goes by that name itself."""
        return self._named(name) is not None

    def _named(self, name: str) -> tuple[Path, str] | None:
        found = [(directory, path) for directory, path in self.places() if directory.name == name]
        if len(found) > 1:
            where = " and ".join(f"{path}/{name}" for _, path in found)
            raise NameTaken(
                f"The library has more than one skill {name}: {where}. Rename or remove one of the folders."
            )
        return found[0] if found else None

    def _entry(self, directory: Path, taxonomy_path: str) -> tuple[tuple[int, ...], Entry] | None:
        try:
            status = (directory / MAIN_FILE).lstat()
            signature = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if (known := self._read.get(directory)) and known[0] == signature:
                return known
            return signature, self._made(directory, taxonomy_path)
        except OSError as error:
            _log.warning("the skill %s cannot be read: %s", directory.name, error.strerror)
            return None

    def _made(self, directory: Path, taxonomy_path: str) -> Entry:
        head = _head(directory)
        skill = parse({MAIN_FILE: head.decode("utf-8", errors="replace")}, directory.name)
        description = " ".join((skill.string("description") or "").split())
        notes = self.revisions.notes(directory.name)
        counts = notes[-1].counts
        return Entry(
            directory.name,
            description,
            taxonomy_path,
            by_demo(skill),
            counts if counts is not None and counts.hold_for(head) else None,
            tuple(note for note in notes if note.change is Change.PROMOTED and note.job_id),
        )


def _below(group: Path, path: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for directory in _subdirectories(group):
        if (directory / MAIN_FILE).is_file():
            yield directory, "/".join(path)
        elif len(path) < GROUPING_LEVELS:
            yield from _below(directory, (*path, directory.name))


def _subdirectories(directory: Path) -> list[Path]:
    """Real directories, sorted. Links are not followed: they could lead out of the library."""
    try:
        with os.scandir(directory) as entries:
            found = [
                each.name
                for each in entries
                if each.is_dir(follow_symlinks=False) and not each.name.startswith((".", "_"))
            ]
    except FileNotFoundError:
        return []
    except OSError as error:
        _log.warning("a directory of the library cannot be listed: %s", error.strerror)
        return []
    return [directory / name for name in sorted(found)]


def _head(directory: Path) -> bytes:
    with os.fdopen(os.open(directory / MAIN_FILE, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        return file.read(HEAD_BYTES)


def by_demo(skill: ParsedSkill) -> bool:
    """Whether the demo model wrote a skill."""
    return DEMO_MARK in metadata_of(skill, "generated-by")
