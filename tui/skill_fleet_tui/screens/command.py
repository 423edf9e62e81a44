"""The command line: one line at the bottom, with what it can become above it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from skill_fleet_tui.commands.registry import Command
from skill_fleet_tui.commands.typed import Arguments, CannotRun, Completion, completions, read_line
from skill_fleet_tui.text.clean import clean_line

SHOWN_COLUMNS = 24


class CommandScreen(ModalScreen[tuple[Command, str] | None]):
    """Its answer is the command and what was typed after its name; none if it was left.

    Args:
        commands: Those that are possible now.
        arguments: What is known of a command's argument.
        history: Lines typed before, the newest at the end.
        typed: Told every line as it is typed, `None` when it is left: for what can be looked at before it is done.
        line: To begin with.
    """

    DEFAULT_CSS = """
    CommandScreen {
        align: left bottom; background: transparent;
        & > Vertical { height: auto; background: $panel; }
        & Static { height: auto; padding: 0 1; background: $panel; }
        & Input { background: $surface; padding: 0 1; }
    }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", "Complete", id="command.complete", priority=True, tooltip="Complete the line."),
        Binding(
            "shift+tab", "complete(-1)", "Complete backwards", id="command.complete-back", priority=True,
            tooltip="Complete it with the one before.",
        ),
        Binding("up", "history(-1)", "Typed before", id="command.older", tooltip="What was typed before."),
        Binding("down", "history(1)", "Typed after", id="command.newer", tooltip="What was typed after that."),
        Binding("escape", "leave", "Leave", id="command.leave", tooltip="Leave the command line."),
    ]  # fmt: skip

    def __init__(
        self,
        commands: Sequence[Command],
        arguments: Arguments,
        *,
        history: Sequence[str] = (),
        typed: Callable[[str | None], None] = lambda _: None,
        line: str = "/",
    ) -> None:
        super().__init__()
        self._commands, self._arguments, self._typed = commands, arguments, typed
        self._history = [*history, line]
        self._at = len(history)
        self._line = line
        self._offered: list[Completion] = []
        self._chosen = -1

    def compose(self) -> ComposeResult:
        """The completions and the line."""
        with Vertical():
            yield Static(id="completions", markup=False)
            line = Input(self._line, compact=True, select_on_focus=False)
            line.cursor_blink = False
            yield line

    def on_mount(self) -> None:
        """Offer what there is."""
        self.set_focus(self.query_one(Input), scroll_visible=False)
        self._fill(self._line)
        self._offer(self._line)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what fits, unless it was filled in from there."""
        event.stop()
        self._typed(event.value)
        if not (0 <= self._chosen < len(self._offered) and self._offered[self._chosen].line == event.value):
            self._offer(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Run it, or say why not."""
        event.stop()
        if not event.value.strip("/ "):
            self.action_leave()
            return
        try:
            self.dismiss(read_line(event.value, self._commands))
        except CannotRun as problem:
            said = self.query_one(Static)
            said.display = True
            said.update(Content.styled(clean_line(str(problem)), "$text-error"))

    def action_complete(self, by: int) -> None:
        """Fill in the next of what is offered; one that is alone is offered what comes after it at once."""
        if not self._offered:
            return
        self._chosen = (self._chosen + by) % len(self._offered) if self._chosen >= 0 else (0 if by > 0 else -1)
        self._chosen %= len(self._offered)
        only = len(self._offered) == 1
        self._fill(self._offered[self._chosen].line)
        if only:
            self._offer(self.query_one(Input).value)
        else:
            self._draw()

    def action_history(self, by: int) -> None:
        """A line typed before, or after that."""
        self._at = min(max(self._at + by, 0), len(self._history) - 1)
        self._fill(self._history[self._at])

    def action_leave(self) -> None:
        """Back, without anything."""
        self._typed(None)
        self.dismiss(None)

    def _fill(self, line: str) -> None:
        field = self.query_one(Input)
        field.value = line
        field.cursor_position = len(line)

    def _offer(self, line: str) -> None:
        self._offered, self._chosen = completions(line, self._commands, self._arguments), -1
        self._draw()

    def on_resize(self) -> None:
        """As many completions, and as much of each, as there is room for."""
        self._draw()

    def _draw(self) -> None:
        room = max(self.size.height - 1, 0)
        first = max(self._chosen - room + 1, 0)
        seen = list(enumerate(self._offered))[first : first + room]
        rows = [self._row(one, chosen=index == self._chosen) for index, one in seen]
        list_ = self.query_one(Static)
        list_.display = bool(rows)
        list_.update(Content("\n").join(rows))

    def _row(self, one: Completion, *, chosen: bool) -> Content:
        shown = f" {clean_line(one.shown).ljust(SHOWN_COLUMNS)} "
        row = Content.assemble(
            (shown, "bold reverse" if chosen else "bold $text-accent"), (f" {clean_line(one.said)}", "$text-muted")
        )
        return row.truncate(max(self.size.width - 2, 1), ellipsis=True)
