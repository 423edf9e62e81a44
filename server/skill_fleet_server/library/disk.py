"""Writing folders so that what is there is whole: every file through to the disk, and what went wrong in a sentence."""

import errno
import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_PLAIN: Final = 0o666
_EXECUTABLE: Final = 0o777

_REASONS: Final = {
    errno.ENOSPC: "The disk is full; free some space and {again}.",
    errno.EDQUOT: "The disk quota is used up; free some space and {again}.",
    errno.EROFS: "The disk is read-only; make it writable and {again}.",
    errno.EACCES: "Writing is not permitted; give the server's user the right to write there and {again}.",
    errno.EPERM: "Writing is not permitted; give the server's user the right to write there and {again}.",
    errno.ENAMETOOLONG: "A path is too long; use a shorter data directory.",
}


def reason(error: OSError, *, again: str) -> str:
    """Why the system refused, and what to do.

    Args:
        error: What it raised.
        again: What to do once it is put right, such as `retry the job`.
    """
    said = f"The system says: {error.strerror or type(error).__name__}. Put that right and {{again}}."
    return _REASONS.get(error.errno or 0, said).format(again=again)


def write_files(root: Path, files: Mapping[str, bytes], executable: Collection[str] = ()) -> None:
    """Make a directory and everything in it, and wait until the disk has it. Paths must have been checked.

    Args:
        root: The directory.
        files: What is in each, by path.
        executable: Paths of those that may be executed.
    """
    root.mkdir()
    for path, content in files.items():
        target = root.joinpath(*path.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, content, mode=_EXECUTABLE if path in executable else _PLAIN)
    for directory in (root, *(each for each in root.rglob("*") if each.is_dir())):
        sync(directory)


def write_file(target: Path, content: bytes, *, mode: int = _PLAIN) -> None:
    """Make a file that is not there yet, and wait until the disk has it.

    Args:
        target: Where.
        content: What is in it.
        mode: What may be done with it, before the process's umask takes its part away.
    """
    # "x" opens no file that is there already, so nothing can be written through a link.
    with open(target, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(directory: Path) -> None:
    """Make a directory's entries durable, where the system can (Windows cannot)."""
    with suppress(PermissionError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove(path: Path) -> None:
    """Remove what is there, as far as that goes; a link is removed, not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
