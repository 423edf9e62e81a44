"""What the library holds: every skill's name, description and place, read from disk each time."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from skill_fleet_server.quality.skill import MAIN_FILE, parse

FOLDER: Final = "library"
SKILLS: Final = 5_000
"""Most skills listed; the rest are left out, and the log says so."""
HEAD_BYTES: Final = 200_000
"""As much of each SKILL.md is read."""
GROUPING_LEVELS: Final = 2
"""A category, and maybe a subcategory."""

_log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """One skill of the library."""

    name: str
    description: str
    taxonomy_path: str
    """`category`, or `category/subcategory`."""


class Catalog:
    """The library below a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / FOLDER

    def entries(self) -> list[Entry]:
        """Every skill, by taxonomy path and name. One that cannot be read is left out, and the log says why.

        Not for an event loop's thread.
        """
        found: list[Entry] = []
        for directory, taxonomy_path in _skill_directories(self._root):
            if len(found) == SKILLS:
                _log.warning("the library has more than %d skills; the rest are not listed", SKILLS)
                break
            if entry := _read(directory, taxonomy_path):
                found.append(entry)
        return found


def _skill_directories(root: Path) -> Iterator[tuple[Path, str]]:
    for category in _subdirectories(root):
        yield from _below(category, (category.name,))


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


def _read(directory: Path, taxonomy_path: str) -> Entry | None:
    try:
        with os.fdopen(os.open(directory / MAIN_FILE, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            text = file.read(HEAD_BYTES).decode("utf-8", errors="replace")
    except OSError as error:
        _log.warning("the skill %s cannot be read: %s", directory.name, error.strerror)
        return None
    skill = parse({MAIN_FILE: text}, directory.name)
    return Entry(directory.name, " ".join((skill.string("description") or "").split()), taxonomy_path)
