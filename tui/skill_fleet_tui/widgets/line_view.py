"""Lines to read: moving through them, finding words in them, selecting and copying them."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.selection import Selection

from skill_fleet_tui.text.rows import TAIL, Place
from skill_fleet_tui.text.search import Match, Search
from skill_fleet_tui.text.styled import Line, Span, outside
from skill_fleet_tui.widgets.row_view import RowView

ROWS_ABOVE = 3
"""Rows that stay in view above a match that is scrolled to."""


class LineView(RowView):
    """A view whose lines are searched while they come, and of which parts can be selected."""

    DEFAULT_CSS = """
    LineView {
        & > .line--match { background: $warning-muted; color: $text-warning; text-style: underline; }
        & > .line--current { background: black; color: $warning; text-style: bold reverse; }
        &:ansi > .line--match { background: $background; text-style: underline bold; }
        &:ansi > .line--current { background: $background; }
        & > .line--selected { background: $screen-selection-background; color: $screen-selection-foreground; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--match", "line--current", "line--selected"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "go(1)", "Down", show=False, id="view.down"),
        Binding("k,up", "go(-1)", "Up", show=False, id="view.up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="view.page-down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="view.page-up"),
        Binding("g,home", "top", "Top", show=False, id="view.top"),
        Binding("G,end", "bottom", "Bottom", show=False, id="view.bottom"),
        Binding("n", "find(1)", "The next match, while words are looked for", show=False, id="view.find-next"),
        Binding("N", "find(-1)", "The match before", show=False, id="view.find-previous"),
    ]

    def __init__(self, *, follow: bool = False, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=follow, id=id)
        self._search: Search | None = None
        self._match: Match | None = None
        self._before: tuple[object, bool] | None = None
        """What was read when the search began, as `kept_place` names it, and whether the end was followed."""
        self._selected: tuple[Place, Place] | None = None

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

    # --- what is shown, and searched on the way --------------------------------------------------------

    def show(self, lines: Iterable[Line], *, same: bool = False) -> None:
        """Replace everything; the search goes on in it, a selection ends unless the texts are the same."""
        super().show(lines, same=same)
        if not same:
            self._match = None
            self._deselect()
        if self._search is not None:
            self._search = self._searched(self._search.words)

    def append(self, lines: Iterable[Line]) -> None:
        """Add lines at the end, before the tail."""
        before = len(self._text.lines)
        super().append(lines)
        if self._search is not None:
            if self._match is not None and self._match.line >= before:
                self._match = None
            self._search.add(line.text for line in self._text.lines[before:])

    def replace(self, number: int, line: Line) -> None:
        """Let the line of that number read differently."""
        super().replace(number, line)
        if self._search is not None:
            self._search.change(number, self._text.lines[number].text)

    def set_tail(self, lines: list[Line]) -> None:
        """Replace what stands after the lines."""
        held = self._text.tail
        super().set_tail(lines)
        if self._search is not None and self._text.tail is not held:
            self._search.set_tail(line.text for line in self._text.tail)
            if self._match is not None and self._match.line >= len(self._text.lines):
                self._match = self._match if self._search.holds(self._match) else None

    # --- finding --------------------------------------------------------------------------------------

    @property
    def is_searched(self) -> bool:
        """Whether words are looked for."""
        return self._search is not None

    @property
    def words(self) -> str:
        """What is looked for."""
        return self._search.words if self._search is not None else ""

    @property
    def found(self) -> str:
        """Which match is shown and how many there are, `3/17`; empty without a search."""
        if self._search is None or not self._search.words:
            return ""
        total = self._search.total
        if not total:
            return "not found"
        return f"{self._search.number_of(self._match) + 1}/{total}" if self._match is not None else f"{total} found"

    def search(self, words: str) -> None:
        """Look for words, from what is on the screen on; live as they are typed."""
        if self._search is None:
            self._before = (self.kept_place(), self.follow)
        place = self.place_kept(self._before[0]) if self._before is not None else self.place
        self._search, self._match = self._searched(words), None
        self.redraw()
        total = self._search.total
        if total:
            number = self._search.number_of(Match(self._numbered(place.line), 0))
            self._show_match(number % total)
        self.post_message(self.Changed(self))

    def end_search(self, *, back: bool = False) -> None:
        """Look for nothing any more; `back` to where the search began."""
        if self._search is None:
            return
        self._search = self._match = None
        if back and self._before is not None:
            place, follow = self._before
            self.set_follow(follow)
            if not follow:
                self.go_to(self.place_kept(place))
        self._before = None
        self.redraw()
        self.post_message(self.Changed(self))

    def kept_place(self) -> object:
        """What is read now, named so that it is found again when other lines are shown."""
        return self.place

    def place_kept(self, kept: object) -> Place:
        """Where that is among the lines that are shown now."""
        assert isinstance(kept, Place)
        return kept

    def action_find(self, by: int) -> None:
        """The next match, or the one before; from the end on from the beginning."""
        if self._search is None or not (total := self._search.total):
            return
        if self._match is not None:
            number = self._search.number_of(self._match) + by
        else:
            number = self._search.number_of(Match(self._numbered(self.place.line), 0)) - (by < 0)
        self._show_match(number % total)
        self.post_message(self.Changed(self))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`n` and `N` find only while something is looked for; else they mean what they mean on the screen."""
        return self._search is not None if action == "find" else super().check_action(action, parameters)

    def _searched(self, words: str) -> Search:
        search = Search(words)
        search.add(line.text for line in self._text.lines)
        search.set_tail(line.text for line in self._text.tail)
        return search

    def _show_match(self, number: int) -> None:
        assert self._search is not None
        self._match = match = self._search.match(number)
        line = match.line if match.line < len(self._text.lines) else TAIL + match.line - len(self._text.lines)
        column = self._search.spans(self._text.line(line).text)[match.nth][0]
        self.flush()
        row, top = self._text.row_of(Place(line, column)), self.scroll_offset.y
        if not top <= row < top + self.scrollable_content_region.height:
            self.follow = False
            self.go_to(Place(line, column), below=ROWS_ABOVE)
        self.redraw()

    def _numbered(self, line: int) -> int:
        """A line's number as the search counts them."""
        return line if line < TAIL else len(self._text.lines) + line - TAIL

    # --- selecting ------------------------------------------------------------------------------------

    @property
    def selected_text(self) -> str:
        """What is selected; empty if nothing is."""
        return self._text.text_between(*self._selected) if self._selected is not None else ""

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What Textual copies: the text itself, not the rows it is wrapped to."""
        return (self.selected_text, "\n") if self._selected is not None else None

    def selection_updated(self, selection: Selection | None) -> None:
        """Textual selects rows and characters of them; kept as places in the text, which outlive new rows."""
        self._selected = self._places(selection) if selection is not None else None
        self.redraw()

    def _places(self, selection: Selection) -> tuple[Place, Place]:
        start, end = selection
        last = self._text.end
        return (
            self._text.place_in(start.y, start.x) if start is not None else Place(0, 0),
            self._text.place_in(end.y, end.x, after=True) if end is not None else last,
        )

    def _deselect(self) -> None:
        if self._selected is not None:
            self.screen.clear_selection()

    # --- drawing --------------------------------------------------------------------------------------

    def laid_over(self, number: int, start: int, end: int) -> Sequence[Span]:
        """Matches, and over them what is selected."""
        over: list[Span] = []
        if self._search is not None:
            current = self._match.nth if self._match and self._match.line == self._numbered(number) else -1
            text = self._text.line(number).text
            over = [
                Span(left, right, "current" if nth == current else "match")
                for nth, left, right in self._search.spans_between(text, start, end)
            ]
        if self._selected is not None:
            first, last = self._selected
            left = start if first.line < number else max(first.column, start) if first.line == number else end
            right = end if last.line > number else min(last.column, end) if last.line == number else start
            if left < right:
                over = [*outside(over, left, right), Span(left, right, "selected")]
        return sorted(over)
