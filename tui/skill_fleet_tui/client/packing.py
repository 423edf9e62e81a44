"""Packs the skills below a folder into a zip, to be sent to a server. Follows no link, reads nothing outside."""

import os
import tempfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from skill_fleet_common import limits
from skill_fleet_tui.client.errors import UsageProblem

MAIN_FILE: Final = "SKILL.md"
ENTRIES: Final = 50_000
"""Most files; a server takes no more in one archive."""
IN_MEMORY: Final = 8 * 1024 * 1024

_PASSED_OVER: Final = frozenset({".git", "node_modules", "__pycache__", "__MACOSX", ".venv", "site-packages"})
_MEGABYTE: Final = 1024 * 1024


@dataclass
class Packed:
    """A zip that is ready to be sent."""

    file: IO[bytes]
    links: int = 0
    """How many links were passed over."""


@contextmanager
def packed(path: Path) -> Generator[Packed]:
    """The skills of a folder, a checkout or a zip, as a zip, for the length of a context.

    Raises:
        UsageProblem: If there are none, or too many, or it cannot be read.
    """
    with ExitStack() as stack:
        try:
            if path.is_dir():
                file = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
                links = _pack(path, file)
            else:
                file, links = stack.enter_context(path.open("rb")), 0
            _check_size(file.seek(0, os.SEEK_END))
            file.seek(0)
        except OSError as error:
            raise UsageProblem(f"{error.filename or path} cannot be read: {error.strerror}.") from error
        yield Packed(file, links)


def _pack(root: Path, file: IO[bytes]) -> int:
    links = count = 0
    root = root.resolve()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for skill in _skills(root):
            for each in _files(skill):
                if each.is_symlink():
                    links += 1
                    continue
                count += 1
                if count > ENTRIES:
                    raise UsageProblem(f"{root} has more than {ENTRIES:,} files in skills.", "Import fewer at once.")
                archive.write(each, (each.relative_to(root if skill != root else root.parent)).as_posix())
    if not count:
        raise UsageProblem(f"There is no {MAIN_FILE} below {root}.", "Name a folder that holds skills, or a zip.")
    return links


def _skills(directory: Path) -> Iterator[Path]:
    """The outermost folders with a SKILL.md; the root itself only when there are none below it."""
    below = list(_below(directory))
    yield from below or ([directory] if (directory / MAIN_FILE).is_file() else [])


def _below(directory: Path) -> Iterator[Path]:
    for each in sorted(directory.iterdir()):
        if each.is_symlink() or not each.is_dir() or each.name in _PASSED_OVER:
            continue
        if (each / MAIN_FILE).is_file():
            yield each
        else:
            yield from _below(each)


def _files(directory: Path) -> Iterator[Path]:
    for each in sorted(directory.iterdir()):
        if each.name in _PASSED_OVER or each.name.startswith("."):
            continue
        if each.is_dir() and not each.is_symlink():
            yield from _files(each)
        elif each.is_symlink() or each.is_file():
            yield each


def _check_size(size: int) -> None:
    if size > limits.IMPORT_BYTES:
        raise UsageProblem(
            f"These are {size // _MEGABYTE:,} MB; at most {limits.IMPORT_BYTES // _MEGABYTE} MB go into one import.",
            "Import a part of it at a time.",
        )
