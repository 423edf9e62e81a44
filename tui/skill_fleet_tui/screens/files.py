"""What can be done with the preview: files, revisions, what changed, where instructions come from."""

from skill_fleet_tui.screens.panes import Panes
from skill_fleet_tui.widgets.file_tree import FileTree
from skill_fleet_tui.widgets.preview import Preview


class Files(Panes):
    """Commands of the preview. They work wherever the keys are, and show the preview where it is hidden."""

    @property
    def preview(self) -> Preview:
        """The pane."""
        return self.query_one(Preview)

    def end_source(self) -> bool:
        """Show the skill again instead of a source; false if it is shown."""
        if not self.preview.leave_source():
            return False
        self.app.beat(urgent=True)
        return True

    def action_rendered(self) -> None:
        """Rendered or source."""
        self.preview.rendered = not self.preview.rendered
        self._done("")

    def action_file(self, by: int) -> None:
        """Another file."""
        self.preview.next_file(by)
        self._done("")

    def action_compare(self) -> None:
        """What changed, or the file."""
        self._done(self.preview.compare())

    def action_revision(self, by: int) -> None:
        """A newer or an older one."""
        self._done(self.preview.move(by))

    def action_compared(self, by: int) -> None:
        """A newer or an older revision to compare with."""
        self._done(self.preview.move_base(by))

    def action_mark(self, by: int) -> None:
        """The next instruction, and where it comes from; `o`, which opens that, is a key of the preview."""
        preview = self.preview
        if preview.document.has_marks:
            preview.document.go_to_mark(by)
            self._bring_up()
            self._done("")
        else:
            self._done("It is not known where the instructions of this text come from.")

    def action_open_source(self) -> None:
        """Where the instruction in view comes from."""
        self._done(self.preview.open_source())

    def on_preview_wanted(self, message: Preview.Wanted) -> None:
        """Fetch it."""
        self.app.fetch_file(message.ref, self.preview.forget_asked)

    def on_file_tree_chosen(self, _: FileTree.Chosen) -> None:
        """Shown at once, not with the next beat."""
        self.app.beat(urgent=True)

    def _done(self, problem: str) -> None:
        if problem:
            self.app.toast(problem)
        elif not self.preview.display:
            self._bring_up()
        self.app.beat(urgent=True)

    def _bring_up(self) -> None:
        """Give the keys to the preview, and the screen where there is no room for it; `esc` goes back."""
        hidden = not self.preview.display
        self.show_pane("preview")
        if hidden and not (self.has_class("-narrow") or self.has_class("-zoom")):
            self.action_zoom()
