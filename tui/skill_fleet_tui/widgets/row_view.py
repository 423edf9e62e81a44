"""Draws lines and scrolls them, at microseconds a line, and never lays out the screen again.

Lines are wrapped when they come, rows are drawn when they are seen. Appending only marks the view: `flush`,
called once per tick, moves the scrollbar and repaints (setting `virtual_size` would lay out the whole screen).
"""

import sys
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from skill_fleet_tui.text.rows import TAIL, Place, WrappedLines
from skill_fleet_tui.text.styled import Line, Span, pieces

ALL_ROWS = sys.maxsize
"""The first changed row of a view in which none has changed."""


class RowView(ScrollView, can_focus=True):
    """Shows lines, and after them a tail that is replaced as a whole."""

    DEFAULT_CSS = """
    RowView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $surface;
        scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface;
        background: $surface;
        & > .line--lead { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--lead"}

    class Changed(Message):
        """What is said about the view is another: it follows or not, is searched or not, something new is below."""

        def __init__(self, view: "RowView") -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, follow: bool = False, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.follow = follow
        """Whether new lines keep the end in view."""
        self.unseen = 0
        """Lines that came below while not following."""
        self._text = WrappedLines()
        self._changed = False
        self._changed_from = 0
        self._ours = False
        self._strips: LRUCache[tuple[int, int], Strip] = LRUCache(512)
        self._styles: dict[str, Style] = {}

    # --- what is shown --------------------------------------------------------------------------------

    def show(self, lines: Iterable[Line], *, same: bool = False) -> None:
        """Replace everything. A view that follows shows the end, any other the top.

        Args:
            lines: In their order; the tail is empty then.
            same: The texts are those that are shown already, they only look different: what is read stays in view.
        """
        place = self.place if same else None
        self._text.show(lines)
        self._strips.clear()
        self._changed, self._changed_from = True, 0
        if not same:
            self.unseen = 0
        if place is not None and not self.follow:
            self.go_to(place)
        elif not self.follow:
            self._scroll(0)

    def append(self, lines: Iterable[Line]) -> None:
        """Add lines at the end, before the tail."""
        before = len(self._text.lines)
        self._forget_from(self._text.append(lines))
        if not self.follow:
            self.unseen += len(self._text.lines) - before

    def replace(self, number: int, line: Line) -> None:
        """Let the line of that number read differently."""
        first, beyond = self._text.replace(number, line)
        if beyond >= TAIL:
            self._forget_from(first)
            return
        # One line that says another time must not cost a page.
        width = self.scrollable_content_region.width
        for row in range(first, beyond):
            self._strips.discard((row, width))
        self.refresh(Region(0, first - self.scroll_offset.y, width, beyond - first))

    def set_tail(self, lines: list[Line]) -> None:
        """Replace what stands after the lines."""
        first = self._text.set_tail(lines)
        if first is not None:
            self._forget_from(first)

    @property
    def lines(self) -> Sequence[Line]:
        """The lines shown, without the tail."""
        return self._text.lines

    @property
    def row_count(self) -> int:
        """How many rows there are at this width."""
        return len(self._text)

    @property
    def columns(self) -> int:
        """For how many columns lines are wrapped; 0 before the view has a size."""
        return self._text.width

    def flush(self) -> None:
        """Bring to the screen what has changed since the last call."""
        if not self._changed or not self.is_attached:
            return
        self._changed = False
        first, self._changed_from = self._changed_from, ALL_ROWS
        before = self.scroll_offset
        size = Size(self._text.width, self.row_count)
        if size != self.virtual_size:  # else the scrollbar would be drawn anew, and all that stands beside it
            self.set_reactive(Widget.virtual_size, size)
            self._ours = True
            self._scroll_update(size)
            self._ours = False
        if self.follow:
            self._scroll(self.max_scroll_y)
        if self.scroll_offset != before:  # has asked for all rows, and unlike `refresh()` spares the frame
            return
        width, height = self.scrollable_content_region.size
        above = max(first - before.y, 0)
        if above < height:
            self.refresh(Region(0, above, width, height - above))

    # --- where it stands ------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        """What the first row on the screen shows."""
        return self._text.place_of(self.scroll_offset.y)

    def go_to(self, place: Place, *, below: int = 0) -> None:
        """Show a place, so many rows below the top of the view."""
        self.flush()
        self._scroll(max(self._text.row_of(place) - below, 0))

    def set_follow(self, follow: bool) -> None:
        """Follow the end, or stay here."""
        self.follow = follow
        if follow:
            self.unseen = 0
            self._scroll(self.max_scroll_y)
        self.post_message(self.Changed(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """A person who scrolls up reads; one who comes to the end follows."""
        super().watch_scroll_y(old_value, new_value)
        if self._ours or old_value == new_value:
            return
        at_end = new_value >= self.max_scroll_y
        if at_end != self.follow and self.follows_at_end:
            self.follow = at_end
            self.unseen = 0 if at_end else self.unseen
            self.post_message(self.Changed(self))

    follows_at_end = True
    """Whether coming to the end begins to follow it."""

    def _scroll(self, y: float) -> None:
        self._ours = True
        self.scroll_to(y=y, animate=False, immediate=True, force=True)
        self._ours = False

    # --- drawing --------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        row = self.scroll_offset.y + y
        if row >= self.row_count:
            return Strip.blank(width, self._style(""))
        strip = self._strips.get((row, width))
        if strip is None:
            strip = self._strips[(row, width)] = self._draw(row, width)
        return strip

    def _draw(self, row: int, width: int) -> Strip:
        line, number, start, end = self._text.row(row)
        base = self._style(line.style)
        segments: list[Segment] = []
        if line.indent:
            lead = line.lead if start == 0 else ""
            segments.append(Segment(lead[: line.indent].ljust(line.indent), self._style(line.lead_style)))
        for text, style, over in pieces(line, start, end, self.laid_over(number, start, end)):
            looks = self._style(style) if isinstance(style, str) and style else base
            looks = looks if isinstance(style, str) else base + style
            segments.append(Segment(text, looks + self._style(over) if over else looks))
        return _filled(segments, width, base).apply_offsets(0, self._text.name(row))

    def laid_over(self, number: int, start: int, end: int) -> Sequence[Span]:
        """What is laid over these columns of a line, whatever it says: spans in order, and apart."""
        return ()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            known = f"line--{name}" if name else ""
            style = self.get_component_rich_style(known) if known in self._component_styles else self.rich_style
            self._styles[name] = style
        return style

    def notify_style_update(self) -> None:
        """Colours have changed: nothing drawn so far counts."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def redraw(self) -> None:
        """Draw every row anew; no line has changed."""
        self._strips.clear()
        self.refresh()

    # --- wrapping -------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for the new width, and keep the place of who does not follow."""
        width = self.scrollable_content_region.width
        if width and width != self._text.width:
            place = self.place
            self._text.rewrap(width)
            self._strips.clear()
            self.width_changed()
            self._changed, self._changed_from = True, 0
            self.flush()
            if not self.follow:
                self.go_to(place)
        elif self.follow:
            self._scroll(self.max_scroll_y)

    def width_changed(self) -> None:
        """For views that show more than lines: the width is another one."""

    def _forget_from(self, row: int) -> None:
        """Rows from this one on are drawn anew."""
        for key in [key for key in self._strips.keys() if key[0] >= row]:  # noqa: SIM118 (not a dict)
            self._strips.discard(key)
        self._changed, self._changed_from = True, min(row, self._changed_from)


def _filled(segments: list[Segment], width: int, base: Style) -> Strip:
    """A row of that width. Blanks go with the text before them: every segment is fifty bytes more for the terminal."""
    room = width - Segment.get_line_length(segments)
    if room > 0 and segments and segments[-1].style == base:
        segments[-1] = Segment(segments[-1].text + " " * room, base)
    return Strip(segments).adjust_cell_length(width, base)
