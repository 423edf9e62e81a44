"""A line or two of content that somebody else decides on."""

from textual.content import Content
from textual.widget import Widget


class OneLine(Widget):
    """Shows what it was told last."""

    DEFAULT_CSS = "OneLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._content = Content("")

    def say(self, content: Content) -> None:
        """Show this."""
        if content != self._content:
            self._content = content
            self.refresh(layout=True)

    def render(self) -> Content:
        """What was told."""
        return self._content
