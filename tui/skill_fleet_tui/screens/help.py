"""Every key, generated from the bindings: those of the focused panel first, narrowed as one types."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from skill_fleet_tui.commands.command import JOBS
from skill_fleet_tui.commands.keymap import KeyMap
from skill_fleet_tui.commands.registry import MORE_KEYS
from skill_fleet_tui.text.styled import Line, joined
from skill_fleet_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp

KEY_COLUMNS = 14


class HelpView(LineView):
    """Keys and what they do."""

    DEFAULT_CSS = """
    HelpView {
        height: 1fr; background: $surface;
        & > .line--heading { color: $text-accent; text-style: bold; }
        & > .line--lead { color: $text-accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--heading"}
    can_focus = False


class HelpScreen(ModalScreen[None]):
    """A line to type in, and a list that scrolls.

    Args:
        focused: What had the focus: its keys come first.
        screen: Which screen it was on, as the registry calls it.
    """

    app: "SkillFleetApp"

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & > Vertical { width: 90%; max-width: 92; height: 90%; padding: 0 1; border: round $accent;
                       background: $surface; }
        & Input { margin-bottom: 1; }
    }
    """
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "close", "Close", id="help.close", tooltip="Forget the words, then close."),
        Binding("down", "scroll(1)", "Down", id="help.down"),
        Binding("up", "scroll(-1)", "Up", id="help.up"),
        Binding("pagedown", "page(1)", "Page down", id="help.page-down"),
        Binding("pageup", "page(-1)", "Page up", id="help.page-up"),
    ]

    def __init__(self, focused: Widget | None = None, screen: str = JOBS) -> None:
        super().__init__()
        self._screen = screen
        self._around = focused.ancestors_with_self if focused is not None else []

    def compose(self) -> ComposeResult:
        """The line and the list."""
        with Vertical() as frame:
            frame.border_title = "Keys"
            frame.border_subtitle = "type to narrow · ↑ ↓ scroll · esc closes"
            words = Input(placeholder="what do you want to do?", id="help-words", compact=True)
            words.cursor_blink = False
            yield words
            yield HelpView(id="help")

    def on_mount(self) -> None:
        """Fill it."""
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow it."""
        self._show(event.value)

    def _show(self, words: str) -> None:
        view = self.query_one(HelpView)
        view.show(help_lines(self.app.keys, words=words, around=self._around, screen=self._screen))
        self.call_after_refresh(view.flush)

    def action_close(self) -> None:
        """Forget the words, then back."""
        words = self.query_one(Input)
        if words.value:
            words.value = ""
        else:
            self.dismiss()

    def action_scroll(self, by: int) -> None:
        """Some rows."""
        self.query_one(HelpView).action_go(by)

    def action_page(self, by: int) -> None:
        """A page."""
        self.query_one(HelpView).action_page(by)


def help_lines(
    keys: KeyMap, *, words: str = "", around: "Sequence[DOMNode]" = (), screen: str = JOBS
) -> list[Line]:  # fmt: skip
    """Every key by place, those of `around` and then of the screen first; with words, only what has all of them."""
    from skill_fleet_tui.commands.bound import everything_bound

    wanted = words.lower().split()
    places: dict[str, list[tuple[str, str, str]]] = {}
    first: list[str] = []
    last: list[str] = []
    for one in everything_bound():
        places.setdefault(one.place, []).append((one.shown(keys), one.help, f"{one.id} {one.typed}"))
        if one.place not in first and any(isinstance(widget, one.holders) for widget in around):
            first.append(one.place)
        if screen not in one.screens and one.place not in last:
            last.append(one.place)
    places.setdefault("In a question", []).extend((key, said, "") for key, said in MORE_KEYS)
    lines: list[Line] = []
    for place in sorted(places, key=lambda place: (place not in first, place in last)):
        told = [one for one in places[place] if all(word in " ".join((place, *one)).lower() for word in wanted)]
        if told:
            lines.append(Line(place, "heading"))
            lines += [_entry(key, said) for key, said, _ in told]
            lines.append(Line(""))
    return lines[:-1] or [Line("Nothing here is about that. Esc shows everything again.")]


def _entry(key: str, said: str) -> Line:
    return joined((said, ""), indent=KEY_COLUMNS)._replace(lead=f"  {key}")
