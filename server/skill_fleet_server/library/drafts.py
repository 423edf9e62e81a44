"""Drafts: what jobs write, at `drafts/<job_id>/<name>/`, until somebody promotes them."""

import errno
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.library.paths import check_files, check_job_id, check_name

FOLDER: Final = "drafts"

_REASONS: Final = {
    errno.ENOSPC: "The disk is full; free some space and retry the job.",
    errno.EDQUOT: "The disk quota is used up; free some space and retry the job.",
    errno.EROFS: "The disk is read-only; make it writable and retry the job.",
    errno.EACCES: "Writing is not permitted; give the server's user the right to write there and retry the job.",
    errno.EPERM: "Writing is not permitted; give the server's user the right to write there and retry the job.",
    errno.ENAMETOOLONG: "A path is too long; use a shorter data directory.",
}


class DraftUnwritable(StorageUnavailable):
    """The draft could not be written. An older draft of the job is as it was."""

    code = "draft_unwritable"
    title = "The draft cannot be written"


class Drafts:
    """The drafts below a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._root = data_dir / FOLDER

    def write(self, job_id: str, name: str, files: Mapping[str, str]) -> str:
        """Write a job's draft as a whole, in place of any older draft of that job. Not for an event loop's thread.

        A reader sees the old draft, for the blink of a rename none, or the new one; never a mixture. After a crash in
        between, the job's next write puts all in order.

        Returns:
            The draft's path relative to the data directory, with forward slashes.

        Raises:
            Invalid: If the name, a path or a size does not do; nothing was written.
            DraftUnwritable: If the disk did not take it; the older draft is as it was.
        """
        check_job_id(job_id)
        check_name(name)
        check_files(files)
        relative = f"{FOLDER}/{job_id}/{name}"
        try:
            job_dir = self._job_dir(job_id)
            self._replace(job_dir, name, files)
        except OSError as error:
            said = f"The system says: {error.strerror or type(error).__name__}. Put that right and retry the job."
            reason = _REASONS.get(error.errno or 0, said)
            raise DraftUnwritable(f"{relative} was not written. {reason}") from error
        return relative

    def _job_dir(self, job_id: str) -> Path:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        for directory in (self._root, self._root / job_id):
            with suppress(FileExistsError):
                directory.mkdir()
            if directory.is_symlink() or not directory.is_dir():
                where = directory.relative_to(self._data_dir).as_posix()
                raise DraftUnwritable(f"{where} is a link or a file; replace it by a directory and retry the job.")
        return self._root / job_id

    def _replace(self, job_dir: Path, name: str, files: Mapping[str, str]) -> None:
        for left_over in job_dir.glob(".new-*"):
            _remove(left_over)
        target = job_dir / name
        with _scratch(job_dir) as scratch:
            new, aside = scratch / "new", scratch / "old"
            _write_all(new, files)
            if target.exists() or target.is_symlink():
                target.rename(aside)
            try:
                new.rename(target)
            except OSError:
                if aside.exists():
                    aside.rename(target)
                raise
            _sync(job_dir)
        for older in job_dir.iterdir():
            if older != target:
                _remove(older)


@contextmanager
def _scratch(job_dir: Path) -> Generator[Path]:
    """A hidden directory on the same file system, gone afterwards."""
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=job_dir))
    try:
        yield scratch
    finally:
        _remove(scratch)


def _write_all(root: Path, files: Mapping[str, str]) -> None:
    root.mkdir()
    for path, text in files.items():
        target = root.joinpath(*path.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        # "x" opens no file that is there already, so nothing can be written through a link.
        with target.open("xb") as file:
            file.write(text.encode("utf-8", errors="replace"))
            file.flush()
            os.fsync(file.fileno())
    for directory in (root, *(each for each in root.rglob("*") if each.is_dir())):
        _sync(directory)


def _sync(directory: Path) -> None:
    """Make a directory's entries durable, where the system can (Windows cannot)."""
    with suppress(PermissionError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
