"""The text field of a question: enter sends, ctrl+j makes a new line, in every terminal."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea


class AnswerText(TextArea):
    """Several lines of free text."""

    DEFAULT_CSS = """
    AnswerText { height: auto; min-height: 3; max-height: 8; border: none; padding: 0 1; background: $boost; }
    AnswerText:focus { border: none; background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j", "new_line", "New line", show=False, priority=True, id="text.new-line"),
        Binding("ctrl+g", "editor", "Editor", show=False, id="text.editor"),
    ]

    class Sent(Message):
        """Enter was pressed."""

    class EditorWanted(Message):
        """The text is to be written in the person's own editor."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(soft_wrap=True, show_line_numbers=False, tab_behavior="focus", id=id)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Sent())
            return
        if self.read_only and event.is_printable:
            # What is typed into a question that has just closed is for the panel to judge.
            event.prevent_default()
            return
        await super()._on_key(event)

    def action_new_line(self) -> None:
        """Begin another line."""
        self.insert("\n")

    def action_editor(self) -> None:
        """Write it in the editor."""
        self.post_message(self.EditorWanted())
