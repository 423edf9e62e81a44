"""What is known beside a text: facts, findings, scores, as lines."""

from typing import ClassVar

from skill_fleet_tui.text import skill_lines
from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.widgets.line_view import LineView


class Facts(LineView):
    """Shows lines that say who they are about; of the same, the reader's place is kept."""

    DEFAULT_CSS = """
    Facts {
        padding: 0 0 0 1;
        & > .line--heading { color: $text-accent; text-style: bold; }
        & > .line--name { text-style: bold; }
        & > .line--error { color: $text-error; }
        & > .line--warning { color: $text-warning; }
        & > .line--info, & > .line--muted { color: $text-muted; }
        & > .line--good { color: $text-success; text-style: bold; }
        & > .line--bar { color: $text-primary; }
        & > .line--here { color: $text-accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{name}" for name in skill_lines.STYLES}
    follows_at_end = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=False, id=id)
        self._about = ""
        self._told: list[Line] = []

    def tell(self, about: str, lines: list[Line]) -> None:
        """Show these lines."""
        if (about, lines) != (self._about, self._told):
            self.show(lines, same=about == self._about)
            self._about, self._told = about, lines
        self.flush()
