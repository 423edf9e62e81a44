"""The choices of one step of a question, taken with digits, letters, or arrows and enter."""

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from skill_fleet_tui.store.answering import AnswerForm


class ChoiceList(Widget, can_focus=True):
    """Draws the form's step; every key goes to the form, and what comes of it goes to the panel."""

    DEFAULT_CSS = """
    ChoiceList { height: auto; max-height: 12; padding: 0 1; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="answer.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="answer.up"),
        Binding("space", "take", "Take or leave", show=False, id="answer.toggle"),
        Binding("enter", "enter", "Take and go on", show=False, id="answer.enter"),
    ]

    class Pressed(Message):
        """A key was given to the form: what came of it."""

        def __init__(self, outcome: object) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self) -> None:
        super().__init__()
        self.form: AnswerForm | None = None

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        if self.form is not None:
            self.form.move(by)
            self.refresh()

    def action_take(self) -> None:
        """Take or leave the highlighted choice."""
        if self.form is not None:
            self.form.toggle()
            self.post_message(self.Pressed(None))

    def action_enter(self) -> None:
        """Take the choice, and go on."""
        if self.form is not None:
            self.post_message(self.Pressed(self.form.enter()))

    def on_key(self, event: events.Key) -> None:
        """Digits and letters that stand for a choice."""
        if self.form is None or event.character is None or not self.form.answers_to(event.character):
            return
        event.stop()
        event.prevent_default()
        self.post_message(self.Pressed(self.form.press(event.character)))

    def on_click(self, event: events.Click) -> None:
        """Highlight the row; take it where one is chosen."""
        if self.form is not None and 0 <= event.y < len(self.form.step.choices):
            self.form.move(event.y - self.form.cursor)
            self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One row per choice."""
        return len(self.form.step.choices) if self.form else 0

    def render(self) -> Content:
        """The choices, the highlighted one marked."""
        form = self.form
        if form is None:
            return Content("")
        rows = []
        for index, choice in enumerate(form.step.choices):
            here = index == form.cursor
            box = ("[x] " if form.is_chosen(choice.value) else "[ ] ") if form.step.kind == "multi" else ""
            key = choice.mnemonic or (str(index + 1) if index < 9 else " ")
            parts: list[tuple[str, str]] = [
                (f"{'❯' if here else ' '} ", "$text-warning"),
                (f"{key}  ", "$text-accent"),
                (f"{box}{choice.label}", "bold" if here else ""),
            ]
            if choice.description:
                parts.append((f"   {' '.join(choice.description.split())}", "dim"))
            rows.append(Content.assemble(*parts))
        return Content("\n").join(rows)
