"""Every key, generated from the registry."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from skill_fleet_tui.actions import ANSWER_KEYS, COMMANDS, VIEW_KEYS
from skill_fleet_tui.text.styled import Line, joined
from skill_fleet_tui.widgets.line_view import LineView

KEY_COLUMNS = 12


class HelpView(LineView):
    """Keys and what they do."""

    DEFAULT_CSS = """
    HelpView {
        width: 90%; max-width: 88; height: 90%; padding: 0 1; border: round $accent; background: $surface;
        & > .line--heading { color: $text-accent; text-style: bold; }
        & > .line--lead { color: $text-accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--heading"}


class HelpScreen(ModalScreen[None]):
    """A list that scrolls."""

    DEFAULT_CSS = "HelpScreen { align: center middle; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Close", id="help.close"),
    ]

    def compose(self) -> ComposeResult:
        """The list."""
        view = HelpView(id="help")
        view.border_title = "Keys"
        view.border_subtitle = "esc closes"
        yield view

    def on_mount(self) -> None:
        """Fill it."""
        view = self.query_one(HelpView)
        view.show(help_lines())
        view.focus()
        self.call_after_refresh(view.flush)

    def action_close(self) -> None:
        """Back."""
        self.dismiss()


def help_lines() -> list[Line]:
    """Every command by group, then the keys of panes and questions."""
    lines: list[Line] = []
    for group in dict.fromkeys(command.group for command in COMMANDS):
        lines.append(Line(group, "heading"))
        lines += [_entry(command.shown, command.help) for command in COMMANDS if command.group == group]
        lines.append(Line(""))
    for title, keys in (("In a pane", VIEW_KEYS), ("In a question", ANSWER_KEYS)):
        lines.append(Line(title, "heading"))
        lines += [_entry(key, said) for key, said in keys]
        lines.append(Line(""))
    return lines[:-1]


def _entry(key: str, said: str) -> Line:
    return joined((said, ""), indent=KEY_COLUMNS)._replace(lead=f"  {key}")
