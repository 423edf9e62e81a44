"""Which file of the selected job is looked at, at which revision, compared with which: moved by what a person does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.containers import Vertical

from skill_fleet_tui.text import marks
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.widgets.document import Document
from skill_fleet_tui.widgets.file_tree import FileTree

if TYPE_CHECKING:
    from skill_fleet_tui.store.files import Version
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.looking import Look

NOTHING = "There is no file yet."


class LookedAt(Vertical):
    """Keeps a look for each job; showing it is for those that inherit."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.document = Document(id="document")
        self._looks: dict[str, Look] = {}
        self._fleet: FleetState | None = None

    # --- what a person does ---------------------------------------------------------------------------

    def next_file(self, by: int = 1) -> None:
        """Show another file of the skill."""
        if (job := self._job) is not None and (look := self._look_now) is not None:
            look.next_file(job.view.files, by)

    def on_file_tree_chosen(self, message: FileTree.Chosen) -> None:
        """Show it."""
        message.stop()
        if (look := self._look_now) is not None:
            look.go_to_file(message.path)

    def compare(self) -> str:
        """Show what changed, or the file again. Returns what to say if that cannot be."""
        look = self._look_now
        return look.compare(self._versions()) if look is not None else NOTHING

    def move(self, by: int) -> str:
        """Show a newer revision, or an older one. Returns what to say if there is none."""
        look = self._look_now
        return look.move(self._versions(), by) if look is not None else NOTHING

    def move_base(self, by: int) -> str:
        """Compare with a newer revision, or an older one. Returns what to say if there is none."""
        look = self._look_now
        return look.move_base(self._versions(), by) if look is not None else NOTHING

    def open_source(self) -> str:
        """Show the source that the instruction in view comes from, or the skill again. Returns what to say if not."""
        look = self._look_now
        if look is None:
            return NOTHING
        if look.leave_source():
            return ""
        told = self.document.mark
        if not told:
            return "It is not known where the instructions of this text come from."
        look.source = next((found for each in told if (found := marks.excerpt(each)) is not None), None)
        return "" if look.source is not None else clean_line(f"No source says this: {marks.told(told[0])}")

    def leave_source(self) -> bool:
        """Show the skill again; false if it is shown."""
        return (look := self._look_now) is not None and look.leave_source()

    @property
    def _job(self) -> "JobState | None":
        return self._fleet.current if self._fleet is not None else None

    @property
    def _look_now(self) -> "Look | None":
        if (job := self._job) is None:
            return None
        from skill_fleet_tui.store.looking import Look

        return self._looks.setdefault(job.id, Look())

    def _versions(self) -> "Sequence[Version]":
        from skill_fleet_tui.store.files import versions

        job, look = self._job, self._look_now
        if self._fleet is None or job is None or look is None or (file := look.file(job.view.files)) is None:
            return ()
        return versions(self._fleet, job, file.path)
