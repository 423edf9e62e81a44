"""Drafts: what jobs write, at `drafts/<job_id>/<name>/`, until somebody promotes them.

Beside a draft lies what its job knew of it (`evidence`).
"""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from skill_fleet_server.errors import NotFound, StorageUnavailable
from skill_fleet_server.library.disk import reason, remove, sync, write_file, write_files
from skill_fleet_server.library.evidence import Evidence, read_evidence
from skill_fleet_server.library.paths import check_files, check_job_id, check_name

FOLDER: Final = "drafts"
EVIDENCE: Final = ".evidence.json"
"""Beside the draft, in its job's folder."""


class DraftUnwritable(StorageUnavailable):
    """The draft could not be written. An older draft of the job is as it was."""

    code = "draft_unwritable"
    title = "The draft cannot be written"


class Drafts:
    """The drafts below a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._root = data_dir / FOLDER

    def write(self, job_id: str, name: str, files: Mapping[str, str], evidence: Evidence | None = None) -> str:
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
            self._replace(job_dir, name, files, evidence)
        except OSError as error:
            why = reason(error, again="retry the job")
            raise DraftUnwritable(f"{relative} was not written. {why}") from error
        return relative

    def find(self, job_id: str) -> Path:
        """The folder of a job's draft; its name is the skill's.

        Raises:
            Invalid: If that is no job's id.
            NotFound: If the job has no draft.
        """
        job_dir = self.folder(job_id)
        if job_dir.is_dir() and not job_dir.is_symlink() and not self._root.is_symlink():
            for found in sorted(job_dir.iterdir()):
                if found.is_dir() and not found.is_symlink() and not found.name.startswith("."):
                    return found
        raise NotFound(f"The job {job_id} has no draft. A draft is there once the job is over and has not failed.")

    def evidence(self, job_id: str) -> Evidence | None:
        """What a job knew of its draft, if that is kept.

        Raises:
            Invalid: If that is no job's id.
        """
        return read_evidence(self.folder(job_id) / EVIDENCE)

    def folder(self, job_id: str) -> Path:
        """Where a job's draft is, or would be.

        Raises:
            Invalid: If that is no job's id.
        """
        return self._root / check_job_id(job_id)

    def _job_dir(self, job_id: str) -> Path:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        for directory in (self._root, self._root / job_id):
            with suppress(FileExistsError):
                directory.mkdir()
            if directory.is_symlink() or not directory.is_dir():
                where = directory.relative_to(self._data_dir).as_posix()
                raise DraftUnwritable(f"{where} is a link or a file; replace it by a directory and retry the job.")
        return self._root / job_id

    def _replace(self, job_dir: Path, name: str, files: Mapping[str, str], evidence: Evidence | None) -> None:
        for left_over in job_dir.glob(".new-*"):
            remove(left_over)
        target = job_dir / name
        with _scratch(job_dir) as scratch:
            new, aside = scratch / "new", scratch / "old"
            write_files(new, {path: text.encode("utf-8", errors="replace") for path, text in files.items()})
            if target.exists() or target.is_symlink():
                target.rename(aside)
            try:
                new.rename(target)
            except OSError:
                if aside.exists():
                    aside.rename(target)
                raise
            if evidence is not None:
                write_file(scratch / EVIDENCE, evidence.encoded())
                (scratch / EVIDENCE).replace(job_dir / EVIDENCE)
            sync(job_dir)
        kept = {target} if evidence is None else {target, job_dir / EVIDENCE}
        for older in job_dir.iterdir():
            if older not in kept:
                remove(older)


@contextmanager
def _scratch(job_dir: Path) -> Generator[Path]:
    """A hidden directory on the same file system, gone afterwards."""
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=job_dir))
    try:
        yield scratch
    finally:
        remove(scratch)
