"""Reads the files a skill is to be made from. The server never opens a path: it gets names and texts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from skill_fleet_common import limits
from skill_fleet_common.api import Source
from skill_fleet_tui.client.errors import UsageProblem

_SNIFF_BYTES: Final = 8192
_MOST_ENTRIES: Final = 20_000
"""Entries of a directory that are looked at before it is called too large."""
_BYTES_PER_CHARACTER: Final = 4


@dataclass
class Sources:
    """What was read, and what was passed over in directories."""

    read: list[Source] = field(default_factory=list)
    skipped: int = 0
    """Hidden, binary and empty files."""


class _NotText(UsageProblem):
    """A file without text: an error when it was named, passed over in a directory."""


def read_sources(paths: list[Path]) -> Sources:
    """Read files and directories.

    Raises:
        UsageProblem: Naming the file that is missing, binary, unreadable, too large, or outside what was given.
    """
    sources = Sources()
    for path in paths:
        if path.is_dir():
            _read_directory(path, sources)
        else:
            sources.read.append(_read_file(path, _unique(path, sources)))
        _check_bounds(sources)
    return sources


def _unique(path: Path, sources: Sources) -> str:
    taken = {source.name for source in sources.read}
    return path.name if path.name not in taken else path.as_posix().lstrip("/")


def _check_bounds(sources: Sources) -> None:
    if len(sources.read) > limits.SOURCES:
        raise UsageProblem(f"These are more than {limits.SOURCES} text files.", "Choose the ones that matter.")
    characters = sum(len(source.text) for source in sources.read)
    if characters > limits.SOURCES_CHARACTERS:
        raise UsageProblem(
            f"The sources have {characters:,} characters together; at most {limits.SOURCES_CHARACTERS:,} can be used.",
            "Leave some out.",
        )


def _read_directory(directory: Path, sources: Sources) -> None:
    root = directory.resolve()
    before = len(sources.read)
    for path in _walk(directory, sources):
        if not path.resolve().is_relative_to(root):
            raise UsageProblem(
                f"{path} is a link to a place outside {directory}.", "Give that file itself, or remove it."
            )
        try:
            sources.read.append(_read_file(path, f"{root.name}/{path.relative_to(directory).as_posix()}"))
        except _NotText:
            sources.skipped += 1
        _check_bounds(sources)
    if len(sources.read) == before:
        raise UsageProblem(f"{directory} holds no text files that could be read.")


def _walk(directory: Path, sources: Sources) -> list[Path]:
    """The files of a directory in a stable order, without hidden ones and without following linked directories."""
    found: list[Path] = []
    waiting = [directory]
    seen = 0
    while waiting:
        try:
            entries = sorted(waiting.pop().iterdir())
        except OSError as error:
            raise UsageProblem(f"{error.filename} cannot be read: {error.strerror}.") from error
        seen += len(entries)
        if seen > _MOST_ENTRIES:
            raise UsageProblem(f"{directory} holds too many files.", "Give the ones that matter.")
        for entry in entries:
            if entry.name.startswith("."):
                sources.skipped += entry.name != ".git"
            elif entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)
            elif entry.is_file() or entry.is_symlink():
                found.append(entry)
    return sorted(found)


def _read_file(path: Path, name: str) -> Source:
    try:
        if not path.exists():
            raise UsageProblem(f"There is no file {path}.")
        if not path.is_file():
            raise UsageProblem(f"{path} is not a file.")
        with path.open("rb") as file:
            head = file.read(_SNIFF_BYTES)
            if b"\0" in head:
                raise _NotText(f"{path} is binary; give text.")
            content = head + file.read(limits.SOURCE_CHARACTERS * _BYTES_PER_CHARACTER)
        if len(content) > limits.SOURCE_CHARACTERS * _BYTES_PER_CHARACTER:
            raise _too_large(path)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _NotText(f"{path} is binary or not UTF-8; give text.") from None
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read: {error.strerror}.") from error
    if "\0" in text:
        raise _NotText(f"{path} is binary; give text.")
    if not text.strip():
        raise _NotText(f"{path} is empty.")
    if len(text) > limits.SOURCE_CHARACTERS:
        raise _too_large(path)
    return Source(name=name[: limits.SOURCE_NAME_CHARACTERS], text=text)


def _too_large(path: Path) -> UsageProblem:
    return UsageProblem(f"{path} is too large; at most {limits.SOURCE_CHARACTERS:,} characters can be used.", "Cut it.")
