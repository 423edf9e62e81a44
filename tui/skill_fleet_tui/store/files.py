"""The files of a job's skill through time: every revision of each, a person's own edit, where instructions come from.

All of it is told by the job's events, so it is whole as soon as the job's past has been read.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from skill_fleet_common.events import Artifact, DurableEvent, HitlPause, Traced, UnknownEvent
from skill_fleet_common.prompts import PreviewPrompt, Prompt, ValidatePrompt
from skill_fleet_common.skills import Provenance, SkillFile
from skill_fleet_tui.text.amounts import bytes_text
from skill_fleet_tui.text.clean import clean, clean_line

if TYPE_CHECKING:
    from skill_fleet_tui.store.draft import AnswerDraft
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState

MAIN_FILE: Final = "SKILL.md"

SOURCE: Final = 0
"""In place of a revision: the path is the name of a source that the job was given."""


SHOWN_BYTES: Final = 400_000
"""Larger files are not shown."""

BINARY_SHARE: Final = 0.02
"""From this share of characters on that no text has, a file is taken to be binary."""


class FileRef(NamedTuple):
    """Names a text that is fetched when it is looked at."""

    job_id: str
    path: str
    revision: int
    """`SOURCE` for what the job was given."""


class Version(NamedTuple):
    """A file as it was at some time."""

    label: str
    """`r2`, or `your edit`."""
    ref: FileRef
    """Its text is fetched by this, if it is not here; of an edit: what was edited."""
    size: int
    """In bytes."""
    edit: str | None = None
    """What a person has made of it and not sent yet."""


class FileHistory:
    """Collects what a job's events say of its files, in any order and however often they come."""

    def __init__(self) -> None:
        self.version = 0
        """Counts up with every change."""
        self._files: dict[str, dict[int, SkillFile]] = {}
        self._origins: dict[int, list[Provenance]] = {}
        self._traced: dict[int, int] = {}
        """By revision: the number of the event that said where its instructions come from."""
        self._texts: dict[tuple[str, str, int], str] = {}

    def add(self, events: Iterable[DurableEvent | UnknownEvent]) -> None:
        """Take in events."""
        for event in events:
            if isinstance(event, Artifact):
                self._files.setdefault(event.data.path, {})[event.data.revision] = event.data
                self.version += 1
            elif isinstance(event, Traced):
                self._trace(event)
            elif isinstance(event, HitlPause):
                self.add_prompt(event.data.prompt)

    def add_prompt(self, prompt: Prompt) -> None:
        """Take in what a question says of files: the text of small ones, and where instructions come from."""
        if not isinstance(prompt, PreviewPrompt | ValidatePrompt):
            return
        self._texts |= {
            (file.path, file.sha256, file.size): file.text for file in prompt.files if file.text is not None
        }
        if prompt.provenance:
            about = next((file.revision for file in prompt.files if file.path == MAIN_FILE), 0)
            # A question may have had to leave out a part of what an event has said.
            if about not in self._traced and self._origins.get(about) != prompt.provenance:
                self._origins[about] = prompt.provenance
                self.version += 1

    def _trace(self, event: Traced) -> None:
        about = event.data.revision
        if event.seq > self._traced.get(about, 0):
            self._traced[about], self._origins[about] = event.seq, event.data.provenance
            self.version += 1

    def add_newest(self, files: Iterable[SkillFile]) -> None:
        """Take in the files of a job's view, whose past may not have been read yet."""
        for file in files:
            known = self._files.setdefault(file.path, {})
            if file.revision not in known:
                known[file.revision] = file
                self.version += 1

    def revisions(self, path: str) -> list[SkillFile]:
        """Every revision of a file that is known, the oldest first."""
        known = self._files.get(path, {})
        return [known[revision] for revision in sorted(known)]

    def text(self, path: str, revision: int) -> str | None:
        """The text of a revision, if a question had it with it: it need not be fetched then."""
        file = self._files.get(path, {}).get(revision)
        return self._texts.get((path, file.sha256, file.size)) if file is not None else None

    def provenance(self, revision: int) -> list[Provenance]:
        """Where the instructions of SKILL.md at a revision come from; empty where nobody said."""
        # A question names the skill's revision, at which SKILL.md may be that of an earlier one.
        changed = sorted(self._files.get(MAIN_FILE, {}))
        after = bisect_right(changed, revision)
        beyond = changed[after] if after < len(changed) else None
        told = [at for at in self._origins if at >= revision and (beyond is None or at < beyond)]
        return self._origins[max(told)] if told else []


def versions(fleet: "FleetState", job: "JobState", path: str) -> list[Version]:
    """A file at every revision, the oldest first, and last what a person has made of it for an open question."""
    files = job.files.revisions(path)
    found = [Version(f"r{file.revision}", FileRef(job.id, path, file.revision), file.size) for file in files]
    if found and (edit := edits(fleet, job).get(path)) is not None:
        found.append(Version("your edit", found[-1].ref, len(edit.encode("utf-8", "replace")), edit))
    return found


def edits(fleet: "FleetState", job: "JobState") -> Mapping[str, str]:
    """What a person has made of which file for the job's open question, and not sent yet."""
    draft = _open_draft(fleet, job)
    return draft.edits if draft is not None else {}


def chosen(fleet: "FleetState", job: "JobState", what: str) -> Sequence[str]:
    """The ids of the instructions that a person wants to `CUT`, or to `CONFIRM`, and has not sent yet."""
    draft = _open_draft(fleet, job)
    return draft.choices.get(what, ()) if draft is not None else ()


def _open_draft(fleet: "FleetState", job: "JobState") -> "AnswerDraft | None":
    prompt = job.view.prompt
    draft = fleet.drafts.get(prompt.prompt_id) if isinstance(prompt, PreviewPrompt | ValidatePrompt) else None
    return draft if draft is not None and not draft.accepted else None


def text_of(fleet: "FleetState", job: "JobState", version: Version) -> str | None:
    """The clean text of a version; `None` if it has to be fetched."""
    if version.edit is not None:
        return clean(version.edit)
    text = fleet.files.get(version.ref)
    return text if text is not None else job.files.text(version.ref.path, version.ref.revision)


def unshown(fleet: "FleetState", version: Version) -> str | None:
    """Why a version is not shown, if it is not."""
    path = clean_line(version.ref.path)
    if version.size > SHOWN_BYTES:
        return f"{path} has {bytes_text(version.size)}: too much to show here. It is in the draft."
    if (problem := fleet.file_problems.get(version.ref)) is not None:
        return clean_line(problem)
    text = fleet.files.get(version.ref)
    if text and text.count("\N{REPLACEMENT CHARACTER}") > 4 + len(text) * BINARY_SHARE:
        return f"{path} looks binary ({bytes_text(version.size)}): it is not shown."
    return None
