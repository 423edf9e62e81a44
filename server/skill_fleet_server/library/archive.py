"""Skills in a zip that anybody may have made: found, bounded, read; never unpacked as a whole, never executed.

What is wrong with one skill refuses that skill. What shows that the archive was made to harm refuses the archive.
"""

import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Final

from skill_fleet_server.errors import ArchiveRefused, Invalid
from skill_fleet_server.library.contents import BYTES, FILE_BYTES, FILES, Contents, is_clutter
from skill_fleet_server.library.paths import check_together, path_problem
from skill_fleet_server.quality.skill import MAIN_FILE

ENTRIES: Final = 50_000
"""Most files and folders of an archive."""
DIRECTORY_BYTES: Final = 16 * 1024 * 1024
"""Largest list of contents; it is held in memory before anything in it can be looked at."""
SKILLS: Final = 2_000
"""Most skills of an archive."""
UNPACKED_BYTES: Final = 1_000_000_000
"""Most that all its skills may come to."""
RATIO: Final = 200
"""More than this is no skill's compression but a bomb's; small files may be over it."""
SMALL_BYTES: Final = 100_000

_PASSED_OVER: Final = frozenset({".git", "node_modules", "__pycache__", "__MACOSX", ".venv", "site-packages"})
"""What is below folders of these names is no skill that somebody wants to import."""

_END: Final = b"PK\x05\x06"
_END_FORMAT: Final = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT: Final = 65_535
_ENCRYPTED: Final = 0x1
_UNIX: Final = 3
"""`create_system` of archives whose entries have a mode."""


@dataclass
class Bundle:
    """One skill's folder in an archive."""

    path: str
    """The folder; empty for the archive's root."""
    entries: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    """By path within the folder."""
    left_out: list[str] = field(default_factory=list)
    refused: str = ""
    """Why it cannot be imported; empty if it can."""

    @property
    def folder(self) -> str:
        """The name of the folder."""
        return posixpath.basename(self.path)


class Archive:
    """A zip whose names have been checked. Made by `opened`."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._left = UNPACKED_BYTES

    def bundles(self) -> list[Bundle]:
        """Every skill of the archive, by path.

        Raises:
            ArchiveRefused: If there is none, or there are too many.
        """
        infos = [info for info in self._file.infolist() if not info.is_dir()]
        folders = _skill_folders(info.filename for info in infos)
        if not folders:
            raise ArchiveRefused("There is no SKILL.md in the archive. Give a folder or a zip that holds skills.")
        if len(folders) > SKILLS:
            raise ArchiveRefused(f"The archive holds {len(folders):,} skills; import at most {SKILLS:,} at once.")
        found = {folder: Bundle(folder) for folder in folders}
        for info in infos:
            if (bundle := _bundle_of(info.filename, found)) is not None:
                _add(bundle, info)
        for bundle in found.values():
            bundle.refused = bundle.refused or _refused(bundle)
        return [found[folder] for folder in sorted(found)]

    def read(self, bundle: Bundle) -> Contents:
        """The files of a skill.

        Raises:
            ArchiveRefused: If it holds more than it says, or is broken.
        """
        files = {path: self._content(info) for path, info in bundle.entries.items()}
        return Contents(files, bundle.left_out, frozenset(path for path, info in bundle.entries.items() if _runs(info)))

    def _content(self, info: zipfile.ZipInfo) -> bytes:
        try:
            with self._file.open(info) as file:
                content = file.read(FILE_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise ArchiveRefused(f"{_shown(info.filename)} cannot be unpacked: {error}. Make the zip anew.") from error
        self._left -= len(content)
        if len(content) > FILE_BYTES or self._left < 0:
            raise ArchiveRefused(f"{_shown(info.filename)} unpacks to more than it says. The archive is not used.")
        return content


@contextmanager
def opened(file: IO[bytes]) -> Generator[Archive]:
    """An archive for the length of a context. Nothing is unpacked yet.

    Raises:
        ArchiveRefused: If it is no zip, too large, or has names that lead out of it.
    """
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, UnicodeDecodeError) as error:
        raise ArchiveRefused(f"This is not a zip that can be read: {error}. Make it anew.") from error
    with archive:
        if len(archive.infolist()) > ENTRIES:
            raise ArchiveRefused(f"The archive has more than {ENTRIES:,} files. Import fewer at once.")
        for info in archive.infolist():
            _check_name(info)
        yield Archive(archive)


def _check_directory(file: IO[bytes]) -> None:
    """The size of the list of contents, from the record at the end: reading the list itself could take all memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_COMMENT - _END_FORMAT.size))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_FORMAT.size:
        raise ArchiveRefused("This is not a zip. Give a zip, or a folder that holds skills.")
    directory_bytes = _END_FORMAT.unpack_from(tail, at)[5]
    if directory_bytes > DIRECTORY_BYTES:
        raise ArchiveRefused(f"The archive has more than {ENTRIES:,} files. Import fewer at once.")
    file.seek(0)


def _check_name(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    if "\\" in name:
        raise ArchiveRefused(f"{_shown(name)} has a backslash in its name. Make the archive with / between folders.")
    if name.startswith("/") or ".." in name.split("/") or "\0" in name or (len(name) > 1 and name[1] == ":"):
        raise ArchiveRefused(f"{_shown(name)} leads out of the archive. The archive is not used.")


def _skill_folders(names: Iterable[str]) -> set[str]:
    """The outermost folders with a SKILL.md; the root only when it is the one skill that there is."""
    folders = {posixpath.dirname(name) for name in names if _is_main(name)}
    below = {folder for folder in folders if folder}
    outermost = {folder for folder in below if not any(above in below for above in _above(folder))}
    return outermost or folders


def _is_main(name: str) -> bool:
    parts = name.split("/")
    return parts[-1] == MAIN_FILE and not any(part in _PASSED_OVER for part in parts)


def _above(path: str) -> list[str]:
    """The folders above a path, innermost first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(len(parts) - 1, 0, -1)]


def _bundle_of(name: str, bundles: dict[str, Bundle]) -> Bundle | None:
    return next((bundles[folder] for folder in [*_above(name), ""] if folder in bundles), None)


def _add(bundle: Bundle, info: zipfile.ZipInfo) -> None:
    path = info.filename[len(bundle.path) + 1 if bundle.path else 0 :]
    if stat.S_ISLNK(info.external_attr >> 16):
        bundle.refused = f"{_shown(path)} is a link. Put the file itself in its place."
    elif any(is_clutter(part) for part in path.split("/")):
        bundle.left_out.append(f"{path}: hidden, or left behind by a tool")
    elif problem := path_problem(path):
        bundle.refused = f"{_shown(path)} cannot be a file of a skill: {problem}"
    elif path in bundle.entries:
        bundle.refused = f"{_shown(path)} is in the archive twice."
    elif info.flag_bits & _ENCRYPTED:
        bundle.refused = f"{_shown(path)} is encrypted."
    elif info.file_size > FILE_BYTES:
        bundle.refused = f"{_shown(path)} is larger than {FILE_BYTES:,} bytes. Leave it out."
    elif info.file_size > SMALL_BYTES and info.file_size > RATIO * max(1, info.compress_size):
        bundle.refused = f"{_shown(path)} is packed more tightly than any text is. Leave it out."
    elif len(bundle.entries) == FILES:
        bundle.refused = f"It has more than {FILES} files. Leave some out."
    else:
        bundle.entries[path] = info


def _refused(bundle: Bundle) -> str:
    if MAIN_FILE not in bundle.entries:
        return "It has no SKILL.md that can be used."
    if sum(info.file_size for info in bundle.entries.values()) > BYTES:
        return f"It is larger than {BYTES:,} bytes. Leave some files out."
    try:
        check_together(bundle.entries)
    except Invalid as error:
        return error.detail
    return ""


def _runs(info: zipfile.ZipInfo) -> bool:
    """Whether its owner might execute it, where the archive was made on a system that says so."""
    return info.create_system == _UNIX and bool(info.external_attr >> 16 & stat.S_IXUSR)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:79]}…") if name.isprintable() else ascii(name[:80])
