"""The files of a skill's folder as bytes: read without following a link, bounded, with a digest."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from skill_fleet_server.errors import Invalid
from skill_fleet_server.library.paths import path_problem
from skill_fleet_server.quality.skill import MAIN_FILE, OnDisk, Other, ParsedSkill, parse

FILES: Final = 500
"""Most files of one skill."""
FILE_BYTES: Final = 5_000_000
"""Largest file."""
BYTES: Final = 20_000_000
"""Largest skill."""

_CLUTTER: Final = frozenset({"__pycache__", "node_modules", "__MACOSX", "Thumbs.db"})
"""Names of what tools leave behind. Hidden files are clutter, too."""


@dataclass(frozen=True)
class Contents:
    """What is in a skill's folder."""

    files: Mapping[str, bytes]
    """By path, with forward slashes."""
    left_out: list[str] = field(default_factory=list)
    """What is there and does not belong to a skill: links, hidden files, odd names. Each with why."""
    executable: frozenset[str] = frozenset()
    """Paths of the files that may be executed; nothing else of their modes is kept."""

    @property
    def digest(self) -> str:
        """The same for the same bytes in the same files, wherever they are."""
        made = hashlib.sha256()
        for path in sorted(self.files):
            made.update(f"{path}\0{self.sha256(path)}\n".encode())
        return made.hexdigest()

    def with_texts(self, texts: Mapping[str, str]) -> "Contents":
        """The same with other texts in place of some files, or beside them."""
        changed = {path: text.encode("utf-8", errors="replace") for path, text in texts.items()}
        return replace(self, files={**self.files, **changed})

    def with_bits_of(self, older: "Contents") -> "Contents":
        """The same, in which every file may be executed that might be in an older revision."""
        return replace(self, executable=self.executable | (older.executable & self.files.keys()))

    def sha256(self, path: str) -> str:
        """The digest of one file."""
        return hashlib.sha256(self.files[path]).hexdigest()

    @property
    def texts(self) -> dict[str, str]:
        """The files that are text, SKILL.md whatever it is."""
        return {path: text for path, content in self.files.items() if (text := _text(path, content)) is not None}

    def skill(self, directory: str = "") -> ParsedSkill:
        """The files as rules read them.

        Args:
            directory: The name of the folder, which the skill's name must equal.
        """
        texts = self.texts
        others = {path: Other("binary", len(self.files[path])) for path in self.files if path not in texts}
        undecodable = {MAIN_FILE: line} if (line := _undecodable(self.files.get(MAIN_FILE, b""))) else {}
        on_disk = OnDisk(others, undecodable=undecodable, size=sum(map(len, self.files.values())))
        return parse(texts, directory, on_disk)


def is_clutter(part: str) -> bool:
    """Whether a file or folder of that name is left out of a skill."""
    return part.startswith(".") or part in _CLUTTER or part.endswith(".pyc")


def read_contents(directory: Path) -> Contents:
    """Read a skill's folder. Not for an event loop's thread.

    Raises:
        Invalid: If it holds more than a skill may; says what to do.
        OSError: If it cannot be read.
    """
    files: dict[str, bytes] = {}
    executable: set[str] = set()
    left_out: list[str] = []
    size = 0
    for path, entry in _walk(directory, ""):
        if why := _why_not(path, entry):
            left_out.append(f"{path}: {why}")
            continue
        if len(files) == FILES:
            raise Invalid(f"{directory.name} has more than {FILES} files; leave some out.")
        content, may_be_executed = _read(Path(entry.path))
        size += len(content)
        if size > BYTES:
            raise Invalid(f"{directory.name} is larger than {BYTES:,} bytes; leave some files out.")
        files[path] = content
        if may_be_executed:
            executable.add(path)
    return Contents(files, left_out, frozenset(executable))


def _walk(directory: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(directory) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        path = f"{prefix}{entry.name}"
        if entry.is_dir(follow_symlinks=False) and not is_clutter(entry.name) and not path_problem(f"{path}/x"):
            yield from _walk(Path(entry.path), f"{path}/")
        else:
            yield path, entry


def _why_not(path: str, entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a link, which is not followed"
    if is_clutter(entry.name):
        return "hidden, or left behind by a tool"
    if problem := path_problem(path):
        return problem.rstrip(".")
    status = entry.stat(follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        return "not a file"
    return f"larger than {FILE_BYTES:,} bytes" if status.st_size > FILE_BYTES else ""


def _read(path: Path) -> tuple[bytes, bool]:
    """What is in a file, and whether its owner may execute it."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(FILE_BYTES + 1)[:FILE_BYTES], bool(os.fstat(file.fileno()).st_mode & stat.S_IXUSR)


def _text(path: str, content: bytes) -> str | None:
    if path == MAIN_FILE:
        return content.decode("utf-8", errors="replace")
    try:
        return None if b"\0" in content else content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _undecodable(content: bytes) -> int:
    """The line of the first byte that is not UTF-8, counted from 1; 0 when there is none."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    return 0
