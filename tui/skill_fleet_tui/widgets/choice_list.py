"""The choices of one step of a question, taken with digits, letters, or arrows and enter."""

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.wrap import wrap
from skill_fleet_tui.widgets.flat import FLAT_ROWS

if TYPE_CHECKING:
    from skill_fleet_tui.store.answering import AnswerForm

ELSEWHERE = frozenset("co")
"""Letters of choices that are commands outside of a question. One that does not offer them takes them for nothing."""
ROWS_PER_CHOICE = 4
"""A choice that says more than fits into so many rows is cut."""


class _Row(NamedTuple):
    """One row, and the choice that it belongs to."""

    choice: int
    content: Content


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
        self._top = 0

    # --- what a person does ---------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        if self.form is not None:
            self.form.move(by)
            self.refresh()

    def action_take(self) -> None:
        """Take or leave the highlighted choice."""
        if self.form is not None and not self.form.busy:
            self.form.toggle()
            self.post_message(self.Pressed(None))

    def action_enter(self) -> None:
        """Take the choice, and go on."""
        if self.form is not None and not self.form.busy:
            self.post_message(self.Pressed(self.form.enter()))

    def on_key(self, event: events.Key) -> None:
        """Digits and letters that stand for a choice."""
        form = self.form
        if form is None or event.character is None:
            return
        if form.busy or not form.answers_to(event.character):
            if event.character in ELSEWHERE:
                event.stop()
                event.prevent_default()
            return
        event.stop()
        event.prevent_default()
        self.post_message(self.Pressed(form.press(event.character)))

    def on_click(self, event: events.Click) -> None:
        """Highlight a choice; a click on the highlighted one takes it."""
        rows, form = self._rows(self.size.width), self.form
        if form is None or not 0 <= event.y + self._top < len(rows):
            return
        choice = rows[event.y + self._top].choice
        if choice != form.cursor:
            self.action_move(choice - form.cursor)
        elif form.step.kind == "multi":
            self.action_take()
        else:
            self.action_enter()

    # --- drawing --------------------------------------------------------------------------------------

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Every choice whole, as far as there is room."""
        return len(self._rows(width))

    def render(self) -> Content:
        """As many rows as there is room for, the highlighted choice among them."""
        rows, height = self._rows(self.size.width), max(self.size.height, 1)
        at = [index for index, row in enumerate(rows) if self.form is not None and row.choice == self.form.cursor]
        if at:
            self._top = min(max(self._top, at[-1] - height + 1), at[0])
        self._top = max(min(self._top, len(rows) - height), 0)
        shown = rows[self._top : self._top + height]
        contents = [row.content for row in shown]
        if shown and (above := shown[0].choice):
            contents[0] = self._with_mark(contents[0], f"↑{above}")
        if shown and (below := rows[-1].choice - shown[-1].choice):
            contents[-1] = self._with_mark(contents[-1], f"↓{below}")
        return Content("\n").join(contents)

    def _with_mark(self, row: Content, mark: str) -> Content:
        """A row that says at its end how many choices there is no room for."""
        room = max(self.size.width - len(mark) - 1, 0)
        return Content.assemble(row.truncate(room, ellipsis=True, pad=True), (f" {mark}", "$text-warning"))

    def _rows(self, width: int) -> list[_Row]:
        if self.form is None:
            return []
        count = len(self.form.step.choices)
        return [_Row(index, row) for index in range(count) for row in self._choice(self.form, index, width)]

    def _choice(self, form: "AnswerForm", index: int, width: int) -> list[Content]:
        choice, here = form.step.choices[index], index == form.cursor
        box = ("[x] " if form.is_chosen(choice.value) else "[ ] ") if form.step.kind == "multi" else ""
        key = choice.mnemonic or (str(index + 1) if index < 9 else " ")
        lead = f"{'❯' if here else ' '} {key}  {box}"
        label = clean_line(choice.label)
        text = f"{label}   {clean_line(choice.description)}" if choice.description else label
        marks = [(lead[:2], "$text-warning"), (lead[2:5], "$text-accent"), (lead[5:], "")]
        if self.screen.size.height < FLAT_ROWS:
            said = Content.assemble(*marks, (label, "bold" if here else ""), (text[len(label) :], "dim"))
            return [said.truncate(width, ellipsis=True)]
        rows = []
        for number, (start, end) in enumerate(wrap(text, max(width - cell_len(lead), 1))[:ROWS_PER_CHOICE]):
            said = text[start:end]
            if number == ROWS_PER_CHOICE - 1 and end < len(text):
                said = f"{said[:-1]}…"
            split = max(len(label) - start, 0)
            rows.append(
                Content.assemble(
                    *(marks if number == 0 else [(" " * len(lead), "")]),
                    (said[:split], "bold" if here else ""),
                    (said[split:], "dim"),
                )
            )
        return rows
