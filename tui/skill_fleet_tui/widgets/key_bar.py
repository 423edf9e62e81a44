"""The bottom line: the few keys that matter here and now."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget


class KeyBar(Widget):
    """As many keys as fit."""

    DEFAULT_CSS = """
    KeyBar { height: 1; background: $panel; color: $text-muted; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._hints: tuple[tuple[str, str], ...] = ()

    def show(self, hints: Sequence[tuple[str, str]]) -> None:
        """Show these `(key, what it does)`."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self.refresh()

    def render(self) -> Content:
        """The hints that fit in the width."""
        parts: list[tuple[str, str]] = []
        room = self.size.width
        for key, said in self._hints:
            room -= cell_len(key) + cell_len(said) + 3
            if room < 0:
                break
            parts += [(f" {key}", "bold $text-accent"), (f" {said} ", "")]
        return Content.assemble(*parts)
