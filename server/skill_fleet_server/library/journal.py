"""Changes of the library that are done as a whole or not at all, whatever happens to the process in between.

A change is prepared in a staging folder on the same file system, and then consists of nothing but renames. They are
written down first (`intent.json`), so that after a crash the next change, or the next start, finishes them. An error in
the middle takes them back. One change at a time: the kernel's lock keeps every other thread and process waiting.
"""

import errno
import fcntl
import json
import logging
import os
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from skill_fleet_server.library.disk import remove, sync, write_file

FOLDER: Final = ".fleet"
"""What the library keeps beside the skills: revisions, what was removed, and changes under way."""

_log = logging.getLogger(__name__)


class Step(NamedTuple):
    """One rename. The target must not exist."""

    source: Path
    target: Path


class Journal:
    """The changes of the library below a data directory. Not for an event loop's thread."""

    def __init__(self, data_dir: Path, library: Path) -> None:
        self._data_dir = data_dir
        self._own = library / FOLDER
        self._staging = self._own / "staging"
        self._intent = self._own / "intent.json"

    def recover(self) -> None:
        """Finish what a crash has left half done.

        Raises:
            OSError: If the disk does not let it.
        """
        if self._intent.exists() or self._staging.exists():
            with self._locked():
                self._finish()

    @contextmanager
    def change(self) -> Generator[Path]:
        """Keep every other change out, and give a staging folder that is gone afterwards.

        Raises:
            OSError: If the disk does not let it.
        """
        with self._locked():
            self._finish()
            self._staging.mkdir(exist_ok=True)
            staging = Path(tempfile.mkdtemp(dir=self._staging))
            try:
                yield staging
            finally:
                if not self._intent.exists():
                    remove(self._staging)

    def commit(self, steps: Sequence[Step], *, discard: Iterable[Path] = ()) -> None:
        """Do all renames, in order, or none; then remove what is to be discarded. Within `change`.

        Raises:
            OSError: If one could not be done; those before it were taken back.
        """
        made: list[Path] = []
        done: list[Step] = []
        discarded = list(discard)
        try:
            for step in steps:
                _make_parents(step.target, made)
            self._write_down(steps, discarded)
            for step in steps:
                _rename(step)
                done.append(step)
        except OSError:
            for step in reversed(done):
                os.rename(step.target, step.source)
            for directory in reversed(made):
                with suppress(OSError):
                    directory.rmdir()
            self._intent.unlink(missing_ok=True)
            raise
        try:
            self._conclude(steps, discarded)
        except OSError as error:
            _log.warning("a change of the library is done, and will be tidied up by the next: %s", error.strerror)

    def _write_down(self, steps: Sequence[Step], discarded: Sequence[Path]) -> None:
        intent = {
            "steps": [[self._said(step.source), self._said(step.target)] for step in steps],
            "discard": [self._said(path) for path in discarded],
        }
        new = self._staging / "intent.json"
        write_file(new, json.dumps(intent).encode())
        new.rename(self._intent)
        sync(self._own)

    def _finish(self) -> None:
        """Roll forward an intent, and clear the staging folder."""
        if self._intent.exists():
            steps, discarded = self._read_intent()
            for step in steps:
                # Where both are there, the step was done, and a later one has filled the place it left.
                if os.path.lexists(step.source) and not os.path.lexists(step.target):
                    step.target.parent.mkdir(parents=True, exist_ok=True)
                    os.rename(step.source, step.target)
            self._conclude(steps, discarded, last=True)
            _log.warning("a change of the library that was cut short is finished")
        if self._staging.exists():
            remove(self._staging)

    def _conclude(self, steps: Sequence[Step], discarded: Sequence[Path], *, last: bool = False) -> None:
        for directory in {parent for step in steps for parent in (step.source.parent, step.target.parent)}:
            if directory.is_dir():
                sync(directory)
        for path in discarded:
            remove(path)
            if os.path.lexists(path) and not last:
                raise OSError(errno.EBUSY, "a folder that is not needed any more cannot be removed")
        self._intent.unlink()
        sync(self._own)

    def _read_intent(self) -> tuple[list[Step], list[Path]]:
        intent = json.loads(self._intent.read_text("utf-8"))
        steps = [Step(self._data_dir / source, self._data_dir / target) for source, target in intent["steps"]]
        return steps, [self._data_dir / path for path in intent["discard"]]

    def _said(self, path: Path) -> str:
        return path.relative_to(self._data_dir).as_posix()

    @contextmanager
    def _locked(self) -> Generator[None]:
        self._own.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._own / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _rename(step: Step) -> None:
    if os.path.lexists(step.target):
        raise FileExistsError(f"{step.target} is there already")
    os.rename(step.source, step.target)


def _make_parents(target: Path, made: list[Path]) -> None:
    """Make the folders above, and add those that were not there to `made`, outermost first."""
    missing = []
    for parent in target.parents:
        if parent.exists():
            break
        missing.append(parent)
    for directory in reversed(missing):
        directory.mkdir()
        made.append(directory)
