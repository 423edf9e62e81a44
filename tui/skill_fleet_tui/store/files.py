"""The files of a job's skill through time: every revision of each, a person's own edit, where instructions come from.

All of it is told by the job's events, so it is whole as soon as the job's past has been read.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from skill_fleet_common.events import Artifact, DurableEvent, HitlPause, UnknownEvent
from skill_fleet_common.prompts import PreviewPrompt, Prompt, ValidatePrompt
from skill_fleet_common.skills import Provenance, SkillFile

if TYPE_CHECKING:
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState

MAIN_FILE: Final = "SKILL.md"

SOURCE: Final = 0
"""In place of a revision: the path is the name of a source that the job was given."""


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

    def add(self, events: Iterable[DurableEvent | UnknownEvent]) -> None:
        """Take in events."""
        for event in events:
            if isinstance(event, Artifact):
                self._files.setdefault(event.data.path, {})[event.data.revision] = event.data
                self.version += 1
            elif isinstance(event, HitlPause):
                self.add_prompt(event.data.prompt)

    def add_prompt(self, prompt: Prompt) -> None:
        """Take in what a question says of where instructions come from."""
        if isinstance(prompt, PreviewPrompt | ValidatePrompt) and prompt.provenance:
            about = next((file.revision for file in prompt.files if file.path == MAIN_FILE), 0)
            if self._origins.get(about) != prompt.provenance:
                self._origins[about] = prompt.provenance
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
    prompt = job.view.prompt
    draft = fleet.drafts.get(prompt.prompt_id) if prompt is not None else None
    if found and draft is not None and not draft.accepted and (edit := draft.edits.get(path)) is not None:
        found.append(Version("your edit", found[-1].ref, len(edit.encode("utf-8", "replace")), edit))
    return found
