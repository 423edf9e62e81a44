"""The part of the prompt panel that is read: as high as it needs to be, within bounds."""

from typing import Any, ClassVar

from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.text.wrap import wrap
from skill_fleet_tui.widgets.line_view import LineView

SHARE = 0.32
"""Of the screen's height, how much a prompt's text may take; `z` gives it all."""

TALL = 36
"""From this many rows on, a question that nobody is answering yet has as much room as one that is."""

AWAY_SHARE = 0.15
"""Its share below that."""


class PromptView(LineView):
    """What the prompt has to say."""

    DEFAULT_CSS = """
    PromptView {
        height: auto; overflow-y: auto; padding: 0 1; background: transparent;
        scrollbar-background: $surface-lighten-1;
        & > .line--question { text-style: bold; }
        & > .line--heading { color: $text-accent; text-style: bold; }
        & > .line--quote, & > .line--fence, & > .line--fold, & > .line--number, & > .line--rule { color: $text-muted; }
        & > .line--strong { text-style: bold; }
        & > .line--code, & > .line--added, & > .line--good { color: $text-success; }
        & > .line--removed, & > .line--bad { color: $text-error; }
        & > .line--added-word { color: $text-success; text-style: bold underline; }
        & > .line--removed-word { color: $text-error; text-style: bold underline; }
        & > .line--marker { color: $text-accent; }
        & > .line--link { color: $text-primary; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{name}"
        for name in (
            "question", "heading", "quote", "fence", "fold", "number", "rule", "strong", "code", "added", "good",
            "removed", "bad", "added-word", "removed-word", "marker", "link",
        )
    }  # fmt: skip
    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._told: list[Line] = []

    def tell(self, lines: list[Line]) -> None:
        """Show these lines. Those that are shown already stay where they were scrolled to."""
        if lines != self._told:
            self._told = lines
            self.show(lines)
            self.flush()
        self.refresh(layout=True)

    @property
    def line_width(self) -> int:
        """How wide a line may be."""
        return max(self.scrollable_content_region.width, 1)

    @property
    def overflows(self) -> bool:
        """Whether there is more to read than fits."""
        return self.max_scroll_y > 0

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        """The rows that the lines take, and no more than a share of the screen."""
        rows = sum(len(wrap(line.text, max(width - 1, 1) - line.indent)) for line in self._told)
        answering = self.screen.focused is not None and self.parent in self.screen.focused.ancestors
        share = SHARE if answering or viewport.height >= TALL else AWAY_SHARE
        return min(rows, max(int(viewport.height * share), 2))
