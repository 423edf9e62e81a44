"""What a person looks at of a job's files: which file, which of its versions, compared with which. Knows no screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skill_fleet_tui.store.files import MAIN_FILE, Version

if TYPE_CHECKING:
    from skill_fleet_common.skills import SkillFile
    from skill_fleet_tui.text.marks import Excerpt


@dataclass
class Look:
    """Of one job; outlives that another one is selected."""

    path: str = MAIN_FILE
    label: str = ""
    """Of the version that is looked at; empty for the newest, whichever that is."""
    base: str = ""
    """Of the version that it is compared with; empty for the one before it."""
    compares: bool = False
    """Whether what changed is shown, rather than the file."""
    source: "Excerpt | None" = None
    """A source that is looked at instead."""
    _edits: dict[str, str] = field(default_factory=dict)

    def file(self, files: Sequence["SkillFile"]) -> "SkillFile | None":
        """The file that is looked at; the first if that one is not there."""
        return next((file for file in files if file.path == self.path), files[0] if files else None)

    def go_to_file(self, path: str) -> None:
        """Look at another file, as it is now."""
        if path != self.path:
            self.path, self.label, self.base, self.compares = path, "", "", False
        self.source = None

    def next_file(self, files: Sequence["SkillFile"], by: int) -> None:
        """Look at the file after this one, or before it."""
        paths = [file.path for file in files]
        if paths:
            at = paths.index(self.path) if self.path in paths else 0
            self.go_to_file(paths[(at + by) % len(paths)])

    def notice(self, edits: Mapping[str, str]) -> None:
        """What a person has just edited is looked at, with what they changed; once, and until it is sent or dropped.

        Args:
            edits: What they have made of which file and not sent yet.
        """
        if self.path in self._edits and self.path not in edits:
            self.label, self.base, self.compares = "", "", False
        for path, text in edits.items():
            if self._edits.get(path) != text:
                self.go_to_file(path)
                self.label, self.base, self.compares = "", "", True
        self._edits = dict(edits)

    def shown(self, versions: Sequence[Version]) -> Version | None:
        """The version that is looked at."""
        return versions[self._at(versions)] if versions else None

    def compared(self, versions: Sequence[Version]) -> Version | None:
        """The version that it is compared with; none for the first."""
        found = next((version for version in versions if version.label == self.base), None)
        at = self._at(versions)
        return found or (versions[at - 1] if at > 0 else None)

    def compare(self, versions: Sequence[Version]) -> str:
        """Look at what changed, or at the file again. Returns what to say if that cannot be."""
        if not versions:
            return "There is no file yet."
        if not self.compares and self.compared(versions) is None:
            return f"{self.path} has one revision so far: there is nothing to compare it with."
        self.compares = not self.compares
        self.source = None
        return ""

    def move(self, versions: Sequence[Version], by: int) -> str:
        """Look at a version so many newer (older, if negative). Returns what to say if there is none."""
        at = self._at(versions) + by
        if not 0 <= at < len(versions):
            return "There is no newer revision." if by > 0 else "There is no older revision."
        self.label = versions[at].label if at < len(versions) - 1 else ""
        self.compares = self.compares and self.compared(versions) is not None
        return ""

    def move_base(self, versions: Sequence[Version], by: int) -> str:
        """Compare with a version so many newer. Returns what to say if there is none."""
        base = self.compared(versions)
        at = versions.index(base) + by if base is not None else -1
        if not 0 <= at < len(versions):
            return "There is no other revision there to compare with."
        self.base, self.compares = versions[at].label, True
        return ""

    def leave_source(self) -> bool:
        """Look at the skill again; false if it is looked at."""
        left, self.source = self.source is not None, None
        return left

    def _at(self, versions: Sequence[Version]) -> int:
        labels = [version.label for version in versions]
        return labels.index(self.label) if self.label in labels else len(labels) - 1
