"""What became of each skill, version by version: `.fleet/revisions/<name>/<n>.json`, and its files when superseded.

The newest revision's files are the skill itself. A folder without such notes was put there by hand. What a job knew of
a revision is in `evidence/<n>.json` beside the notes.
"""

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from skill_fleet_common.library import Change, LibraryRevision
from skill_fleet_server.errors import NotFound
from skill_fleet_server.library.contents import Contents, read_contents
from skill_fleet_server.library.counts import Counts
from skill_fleet_server.library.disk import write_file
from skill_fleet_server.library.evidence import Evidence, read_evidence
from skill_fleet_server.library.journal import FOLDER, Step

KEPT: Final = 50
"""Most revisions of one skill; the oldest go first."""

_NOTE_BYTES: Final = 20_000

_log = logging.getLogger(__name__)


class Note(BaseModel):
    """How a revision came to be, as kept on disk."""

    revision: int
    change: Change
    at: datetime | None = None
    by: str = ""
    job_id: str = ""
    note: str = ""
    digest: str = ""
    counts: Counts | None = None


class Revisions:
    """The revisions of a library's skills."""

    def __init__(self, library: Path) -> None:
        self._root = library / FOLDER / "revisions"

    def folder(self, name: str) -> Path:
        """Where those of a skill are kept."""
        return self._root / name

    def notes(self, name: str) -> list[Note]:
        """How each revision came to be, oldest first; one that says `found` when nothing is known."""
        folder = self.folder(name)
        read = [_read(file) for file in folder.glob("*.json")] if folder.is_dir() and not folder.is_symlink() else []
        known = sorted((note for note in read if note), key=lambda note: note.revision)
        return known or [Note(revision=1, change=Change.FOUND)]

    def listed(self, name: str, current: Contents) -> list[LibraryRevision]:
        """The revisions of a skill, newest first, whose files are `current` now."""
        notes = self.notes(name)
        kept = [note for note in notes[:-1] if (self.folder(name) / str(note.revision)).is_dir()]
        return [
            LibraryRevision(
                **note.model_dump(exclude={"digest", "counts"}),
                evidence=self.evidence_file(name, note.revision).is_file(),
                edited=note is notes[-1] and bool(note.digest) and note.digest != current.digest,
            )
            for note in [*kept, notes[-1]][::-1]
        ]

    def contents(self, name: str, revision: int) -> Contents:
        """The files of a superseded revision.

        Raises:
            NotFound: If it is not kept.
        """
        folder = self.folder(name) / str(revision)
        if revision < 1 or not folder.is_dir() or folder.is_symlink():
            raise NotFound(f"{name} has no revision {revision} that was kept.")
        return read_contents(folder)

    def evidence(self, name: str, revision: int | None = None) -> Evidence | None:
        """What a job knew of a revision, or of the newest; `None` if that is not kept."""
        if self.folder(name).is_symlink():
            return None
        return read_evidence(self.evidence_file(name, revision or self.notes(name)[-1].revision))

    def evidence_file(self, name: str, revision: int) -> Path:
        """Where that is kept."""
        return self.folder(name) / "evidence" / f"{revision}.json"

    def begin(self, staging: Path, name: str, note: Note, evidence: Evidence | None = None) -> list[Step]:
        """The renames that keep a note on a new skill's first revision; those of an older one of its name go."""
        folder = self.folder(name)
        stale = [Step(folder, staging / f"{name}.stale")] if folder.exists() else []
        return [*stale, *self._keep(staging, name, note.model_copy(update={"revision": 1}), evidence)]

    def supersede(self, staging: Path, place: Path, note: Note, evidence: Evidence | None) -> list[Step]:
        """The renames that put a skill's files aside as its newest revision, and keep a note on the next.

        Args:
            staging: Where they are prepared.
            place: The skill's folder.
            note: On the next revision.
            evidence: What is known of the next revision.
        """
        name = place.name
        notes = self.notes(name)
        last = notes[-1]
        steps = [step for old in notes[: -KEPT + 1] for step in self.drop(staging, name, old)]
        steps += [Step(place, self.folder(name) / str(last.revision))]
        if last.change is Change.FOUND:
            steps += self._keep(staging, name, last)
        return [*steps, *self._keep(staging, name, note.model_copy(update={"revision": last.revision + 1}), evidence)]

    def drop(self, staging: Path, name: str, note: Note) -> list[Step]:
        """The renames that take away all that is kept of a revision."""
        folder = self.folder(name)
        evidence = self.evidence_file(name, note.revision)
        kept = [(folder / f"{note.revision}.json", "note"), (folder / str(note.revision), "files"), (evidence, "known")]
        return [Step(each, staging / f"{name}.dropped.{note.revision}.{what}") for each, what in kept if each.exists()]

    def _keep(self, staging: Path, name: str, note: Note, evidence: Evidence | None = None) -> list[Step]:
        written = staging / f"{name}.{note.revision}.json"
        write_file(written, note.model_dump_json().encode())
        steps = [Step(written, self.folder(name) / f"{note.revision}.json")]
        if evidence is not None:
            known = staging / f"{name}.{note.revision}.evidence.json"
            write_file(known, evidence.encoded())
            steps.append(Step(known, self.evidence_file(name, note.revision)))
        return steps


def _read(file: Path) -> Note | None:
    try:
        if file.is_symlink() or file.stat().st_size > _NOTE_BYTES:
            raise ValueError("it is a link, or too large")
        return Note.model_validate(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, ValidationError, RecursionError) as error:
        _log.warning("the note %s cannot be read: %s", file.name, type(error).__name__)
        return None
