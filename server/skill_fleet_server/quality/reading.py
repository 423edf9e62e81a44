"""Reading a skill's directory from disk, whatever is in it: bounded in time and memory, and never through a link.

The only module here that touches the file system. A link inside the skill is noted, not followed: what it leads to is
read where it lies. Nothing raises for what is found, only for a directory that cannot be listed at all.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from skill_fleet_server.quality.skill import MAIN_FILE, OnDisk, Other, ParsedSkill, parse

MAIN_BYTES: Final = 16_000_000
"""Largest SKILL.md that is read; what is larger cannot be loaded by any client anyway."""
TEXT_BYTES: Final = 1_000_000
"""Largest other file that is read."""
ALL_BYTES: Final = 32_000_000
"""Most that is read of one skill."""
ENTRIES: Final = 5_000
"""Most files of one skill that are looked at."""
DEPTH: Final = 12
"""Most folders inside each other."""

_IGNORED: Final = frozenset({".git", ".hg", ".svn"})
_BINARY: Final = frozenset(
    """.png .jpg .jpeg .gif .webp .ico .pdf .zip .gz .tgz .bz2 .xz .7z .woff .woff2 .ttf .otf .mp3 .mp4 .mov .wav .pyc
    .so .dll .dylib .exe .o .a .class .jar .docx .xlsx .pptx .db .sqlite .bin .skill .whl""".split()  # noqa: SIM905
)
"""Endings of files that are not opened."""


@dataclass
class _Found:
    files: dict[str, str] = field(default_factory=dict)
    others: dict[str, Other] = field(default_factory=dict)
    executable: set[str] = field(default_factory=set)
    undecodable: dict[str, int] = field(default_factory=dict)
    size: int = 0
    read: int = 0
    entries: int = 0

    @property
    def full(self) -> bool:
        return self.entries >= ENTRIES


def read_skill(directory: Path) -> ParsedSkill:
    """The skill in a directory. Its name is that of the directory as given, after `.` and `..` are resolved.

    Raises:
        OSError: If the directory cannot be listed.
    """
    directory = Path(os.path.abspath(directory))
    found = _Found()
    with os.scandir(directory) as listed:
        entries = sorted(listed, key=lambda entry: (entry.name != MAIN_FILE, entry.name))
    root = os.path.realpath(directory)
    for path, entry in _walk(entries, "", 0):
        if found.full:
            break
        found.entries += 1
        _take(found, path, entry, root)
    on_disk = OnDisk(found.others, frozenset(found.executable), found.undecodable, found.size, found.full)
    return parse(found.files, directory.name, on_disk)


def _walk(entries: list[os.DirEntry[str]], prefix: str, depth: int) -> Iterator[tuple[str, os.DirEntry[str]]]:
    for entry in entries:
        path = prefix + entry.name
        if not entry.is_dir(follow_symlinks=False) or path == MAIN_FILE:
            yield path, entry
        elif entry.name not in _IGNORED and depth < DEPTH:
            try:
                with os.scandir(entry.path) as listed:
                    inside = sorted(listed, key=lambda each: each.name)
            except OSError:
                yield path, entry
                continue
            yield from _walk(inside, f"{path}/", depth + 1)


def _take(found: _Found, path: str, entry: os.DirEntry[str], root: str) -> None:
    path = path.encode(errors="surrogateescape").decode(errors="replace")
    try:
        if entry.is_symlink():
            inside = os.path.realpath(entry.path).startswith(root + os.sep)
            found.others[path] = Other("link" if inside else "link out")
            return
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            kind = "directory" if path == MAIN_FILE else "unreadable"
            found.others[path] = Other(kind if stat.S_ISDIR(status.st_mode) else "special")
            return
        found.size += status.st_size
        limit = min(MAIN_BYTES if path in {MAIN_FILE, "skill.md"} else TEXT_BYTES, ALL_BYTES - found.read)
        if os.path.splitext(path)[1].lower() in _BINARY:
            found.others[path] = Other("binary", status.st_size)
        elif status.st_size > limit:
            found.others[path] = Other("large", status.st_size)
        else:
            found.read += status.st_size
            _decode(found, path, _bytes(entry.path, limit), status)
    except OSError:
        found.others[path] = Other("unreadable")


def _bytes(path: str, limit: int) -> bytes:
    # Opened without following: what was a file a moment ago may be a link now, or a pipe that nobody writes to.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        return file.read(limit)


def _decode(found: _Found, path: str, data: bytes, status: os.stat_result) -> None:
    if path != MAIN_FILE and b"\0" in data[:8_000]:
        found.others[path] = Other("binary", status.st_size)
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        found.undecodable[path] = data.count(b"\n", 0, error.start) + 1
        text = data.decode("utf-8", errors="replace")
    found.files[path] = text
    if status.st_mode & stat.S_IXUSR:
        found.executable.add(path)
