"""A scrolling view of styled lines that costs microseconds a line and never lays out the screen again.

Lines are wrapped when they come, rows are drawn when they are seen. Appending only marks the view: `flush`,
called once per tick, moves the scrollbar and repaints (setting `virtual_size` would lay out the whole screen).
"""

import re
import sys
from bisect import bisect_left
from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.text.wrap import wrap

ALL_ROWS = sys.maxsize
"""The first changed row of a view in which none has changed."""

Row = tuple[int, int, int]
"""Index of a line, and where the row starts and ends in its text."""


class LineView(ScrollView, can_focus=True):
    """Shows lines, and after them a tail that is replaced as a whole."""

    DEFAULT_CSS = """
    LineView {
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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "go(1)", "Down", show=False, id="view.down"),
        Binding("k,up", "go(-1)", "Up", show=False, id="view.up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="view.page-down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="view.page-up"),
        Binding("g,home", "top", "Top", show=False, id="view.top"),
        Binding("G,end", "bottom", "Bottom", show=False, id="view.bottom"),
    ]

    class FollowChanged(Message):
        """The view began or ceased to follow its end, or something new came below what is seen."""

        def __init__(self, view: "LineView") -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, follow: bool = False, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.follow = follow
        """Whether new lines keep the end in view."""
        self.unseen = 0
        """Lines that came below while not following."""
        self._lines: list[Line] = []
        self._rows: list[Row] = []
        self._tail: list[Line] = []
        self._tail_rows: list[Row] = []
        self._width = 0
        self._changed = False
        self._changed_from = 0
        self._ours = False
        self._strips: LRUCache[tuple[int, int], Strip] = LRUCache(512)
        self._styles: dict[str, Style] = {}

    # --- what is shown --------------------------------------------------------------------------------

    def show(self, lines: Iterable[Line]) -> None:
        """Replace everything. A view that follows shows the end, any other the top."""
        self._lines, self._tail, self._tail_rows = [_safe(line) for line in lines], [], []
        self._rewrap()
        self.unseen = 0
        self._changed, self._changed_from = True, 0
        if not self.follow:
            self._scroll(0)

    def append(self, lines: Iterable[Line]) -> None:
        """Add lines at the end, before the tail."""
        before = len(self._lines)
        self._lines.extend(_safe(line) for line in lines)
        self._rows.extend(self._wrapped(self._lines, before))
        if not self.follow:
            self.unseen += len(self._lines) - before
        self._forget_from(before)

    def set_tail(self, lines: list[Line]) -> None:
        """Replace what stands after the lines."""
        lines = [_safe(line) for line in lines]
        if lines == self._tail:
            return
        self._tail = lines
        self._tail_rows = self._wrapped(lines, 0)
        self._forget_from(len(self._lines))

    @property
    def row_count(self) -> int:
        """How many rows there are at this width."""
        return len(self._rows) + len(self._tail_rows)

    def flush(self) -> None:
        """Bring to the screen what has changed since the last call."""
        if not self._changed or not self.is_attached:
            return
        self._changed = False
        first, self._changed_from = self._changed_from, ALL_ROWS
        before = self.scroll_offset
        size = Size(self._width, self.row_count)
        self.set_reactive(Widget.virtual_size, size)
        self._ours = True
        self._scroll_update(size)
        self._ours = False
        if self.follow:
            self._scroll(self.max_scroll_y)
        if self.scroll_offset != before:
            self.refresh()
            return
        width, height = self.scrollable_content_region.size
        above = max(first - before.y, 0)
        if above < height:
            self.refresh(Region(0, above, width, height - above))

    # --- moving ---------------------------------------------------------------------------------------

    def action_go(self, by: int) -> None:
        """Scroll some rows."""
        self.scroll_relative(y=by, animate=False, immediate=True)

    def action_page(self, by: int) -> None:
        """Scroll a page."""
        self.scroll_relative(y=by * max(self.scrollable_content_region.height - 1, 1), animate=False, immediate=True)

    def action_top(self) -> None:
        """Show the beginning."""
        self.set_follow(False)
        self.scroll_to(y=0, animate=False, immediate=True)

    def action_bottom(self) -> None:
        """Show the end, and follow it."""
        self.set_follow(True)

    def set_follow(self, follow: bool) -> None:
        """Follow the end, or stay here."""
        self.follow = follow
        if follow:
            self.unseen = 0
            self._scroll(self.max_scroll_y)
        self.post_message(self.FollowChanged(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """A person who scrolls up reads; one who comes to the end follows."""
        super().watch_scroll_y(old_value, new_value)
        if self._ours or old_value == new_value:
            return
        at_end = new_value >= self.max_scroll_y
        if at_end != self.follow and self.follows_at_end:
            self.follow = at_end
            self.unseen = 0 if at_end else self.unseen
            self.post_message(self.FollowChanged(self))

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
            strip = self._strips[(row, width)] = self.draw_row(row, width)
        return strip

    def draw_row(self, row: int, width: int) -> Strip:
        """A row as wide as the view."""
        if row < len(self._rows):
            index, start, end = self._rows[row]
            line = self._lines[index]
        else:
            index, start, end = self._tail_rows[row - len(self._rows)]
            line = self._tail[index]
        base = self._style(line.style)
        segments = list(self._segments(line, start, end, base))
        if line.indent:
            lead = line.lead if start == 0 else ""
            segments.insert(0, Segment(lead[: line.indent].ljust(line.indent), self._style("lead")))
        return Strip(segments).adjust_cell_length(width, base)

    def _segments(self, line: Line, start: int, end: int, base: Style) -> Iterable[Segment]:
        at = start
        for span in line.spans:
            if span.end <= at or span.start >= end:
                continue
            if span.start > at:
                yield Segment(line.text[at : span.start], base)
                at = span.start
            upto = min(span.end, end)
            yield Segment(line.text[at:upto], self._style(span.style))
            at = upto
        if at < end:
            yield Segment(line.text[at:end], base)

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

    # --- wrapping -------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for the new width, and keep the place of who does not follow."""
        width = self.scrollable_content_region.width
        if width and width != self._width:
            place = self.scroll_y / max(self.max_scroll_y, 1)
            self._width = width
            self._rewrap()
            self.width_changed()
            self._changed, self._changed_from = True, 0
            self.flush()
            if not self.follow:
                self._scroll(round(place * self.max_scroll_y))
        elif self.follow:
            self._scroll(self.max_scroll_y)

    def width_changed(self) -> None:
        """For views that show more than lines: the width is another one."""

    def _rewrap(self) -> None:
        self._strips.clear()
        self._rows = self._wrapped(self._lines, 0)
        self._tail_rows = self._wrapped(self._tail, 0)

    def _wrapped(self, lines: list[Line], first: int) -> list[Row]:
        width = self._width or 80
        return [
            (index, start, end)
            for index, line in enumerate(lines[first:], first)
            for start, end in wrap(line.text, width - line.indent)
        ]

    def _forget_from(self, line: int) -> None:
        """Rows from this line on are drawn anew."""
        row = bisect_left(self._rows, (line, 0, 0))
        for key in [key for key in self._strips.keys() if key[0] >= row]:  # noqa: SIM118 (not a dict)
            self._strips.discard(key)
        self._changed, self._changed_from = True, min(row, self._changed_from)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _safe(line: Line) -> Line:
    """Texts are clean when they come; here nothing that a terminal obeys can pass, not even a line's end."""
    return line._replace(text=_CONTROL.sub(" ", line.text)) if _CONTROL.search(line.text) else line
