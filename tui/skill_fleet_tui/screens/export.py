"""Asks what to save to a file."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class ExportScreen(ModalScreen[str]):
    """Three kinds of file, each with its letter; empty if none is wanted."""

    DEFAULT_CSS = """
    ExportScreen {
        align: center middle;
        & > Vertical {
            width: 60; max-width: 90%; height: auto; padding: 1 2; border: round $accent; background: $surface;
        }
        & .keys { color: $text-muted; margin-top: 1; }
    }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,enter", "save('text')", "The log as text, whole and unfolded", id="export.text"),
        Binding("j", "save('events')", "The job's events as JSON lines, for --replay or a script", id="export.events"),
        Binding("s", "save('screen')", "The screen as a picture (SVG)", id="export.screen"),
        Binding("escape,q,x", "save('')", "Nothing", id="export.nothing"),
    ]

    def compose(self) -> ComposeResult:
        """What there is to save."""
        with Vertical() as frame:
            frame.border_title = "Save to a file"
            said = "t  the log as text\nj  the job's events as JSON lines\ns  the screen as a picture (SVG)"
            yield Static(Content(said), markup=False)
            yield Static(Content("into the current directory · esc  nothing"), classes="keys", markup=False)

    def action_save(self, kind: str) -> None:
        """Decide and close."""
        self.dismiss(kind)
