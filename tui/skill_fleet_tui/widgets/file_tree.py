"""The files of a skill, one row each: which is shown, and which others there are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from skill_fleet_tui.text.amounts import bytes_text
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.tree import Branch, tree

if TYPE_CHECKING:
    from skill_fleet_common.skills import SkillFile

MOST_ROWS = 6
"""Above a text; beside it, as many as there is room for."""


class FileTree(Widget):
    """Rows that can be clicked. Keys are the screen's; the shown file's row is always in view."""

    DEFAULT_CSS = """
    FileTree {
        display: none; height: auto; width: 1fr; padding: 0 0 0 1;
        border-bottom: solid $foreground 20%;
        &.-open { display: block; }
        &.-beside { width: 34; height: 1fr; border-bottom: none; border-right: solid $foreground 20%; }
        & > .tree--shown { color: $text-accent; text-style: bold; }
        & > .tree--folder, & > .tree--about { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tree--shown", "tree--folder", "tree--about"}

    class Chosen(Message):
        """Another file is to be shown."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._files: dict[str, SkillFile] = {}
        self._rows: list[Branch] = []
        self._shown = ""
        self._told: tuple[Any, ...] = ()

    def sync(self, files: Sequence["SkillFile"], shown: str) -> None:
        """Show these files; nothing when there is only one."""
        told = (shown, *((file.path, file.revision, file.size) for file in files))
        if told == self._told:
            return
        self._told, self._shown = told, shown
        before = len(self._rows)
        self._files = {file.path: file for file in files}
        self._rows = tree(self._files) if len(files) > 1 else []
        self.set_class(bool(self._rows), "-open")
        self.refresh(layout=len(self._rows) != before)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        """A few rows, however many files there are; fewer still on a low screen."""
        return min(len(self._rows), MOST_ROWS, max(viewport.height // 5, 1))

    @property
    def _first(self) -> int:
        """Index of the row at the top."""
        at = next((at for at, row in enumerate(self._rows) if row.path == self._shown), 0)
        height = max(self.size.height, 1)
        return max(min(at - height // 2, len(self._rows) - height), 0)

    def render_line(self, y: int) -> Strip:
        """One row."""
        at, width = self._first + y, self.size.width
        base = self.rich_style
        if at >= len(self._rows):
            return Strip.blank(width, base)
        row = self._rows[at]
        file = self._files.get(row.path)
        mark = "❯ " if row.path and row.path == self._shown else "  "
        name = f"{mark}{'  ' * row.depth}{clean_line(row.label)}"
        about = f"r{file.revision} {bytes_text(file.size):>8} " if file is not None else ""
        room = max(width - cell_len(about), 0)
        if cell_len(name) > room - 1:
            name = f"{set_cell_size(name, max(room - 2, 0))}… "
        look = "tree--shown" if mark.strip() else "tree--folder" if file is None else ""
        style: Style = self.get_component_rich_style(look) if look else base
        parts = [
            Segment(set_cell_size(name, room), style),
            Segment(about, self.get_component_rich_style("tree--about")),
        ]
        return Strip(parts).adjust_cell_length(width, base)

    def on_click(self, event: events.Click) -> None:
        """Show the file of the row."""
        at = self._first + event.get_content_offset_capture(self).y
        if 0 <= at < len(self._rows) and self._rows[at].path:
            self.post_message(self.Chosen(self._rows[at].path))
