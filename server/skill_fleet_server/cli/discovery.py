"""Finding the skills that paths on a command line mean. Links that were not named themselves are not followed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from skill_fleet_server.quality.skill import MAIN_FILE

DEPTH: Final = 20
"""Most folders inside each other."""

_PASSED_OVER: Final = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox"})


class NotASkill(Exception):
    """A path that leads to no skill; says what to do."""


class NoSuchPath(Exception):
    """A path that leads nowhere."""


def skill_directories(paths: Sequence[Path]) -> list[Path]:
    """Every skill that is meant, once, in the order of the paths and then by name.

    A skill is meant by its directory, by its SKILL.md, or by any directory above it. A directory in which there is no
    skill at all is taken for one that lacks its SKILL.md.

    Raises:
        NotASkill: If a path is a file but no SKILL.md.
        NoSuchPath: If there is nothing at a path.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for directory in _meant_by(path):
            found.setdefault(os.path.abspath(directory), directory)
    return list(found.values())


def _meant_by(path: Path) -> Iterator[Path]:
    if not os.path.lexists(path):
        raise NoSuchPath(f"There is nothing at {path}.")
    if path.name.casefold() == MAIN_FILE.casefold():
        yield path.parent
    elif not path.is_dir():
        raise NotASkill(f"{path} is neither a SKILL.md nor a directory; name the skill's directory.")
    else:
        below = list(_below(path, 0))
        yield from below or [path]


def _below(directory: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(directory) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError:
        return
    if any(entry.name in {MAIN_FILE, "skill.md"} for entry in entries):
        yield directory
    elif depth < DEPTH:
        for entry in entries:
            if entry.name not in _PASSED_OVER and entry.is_dir(follow_symlinks=False):
                yield from _below(directory / entry.name, depth + 1)
