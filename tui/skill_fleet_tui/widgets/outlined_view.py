"""Lines under headings: folded and unfolded by keys, on the heading that is marked, and by the mouse."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from skill_fleet_tui.store.lines import Name
from skill_fleet_tui.store.outline import Folds, Outline
from skill_fleet_tui.text.rows import Place
from skill_fleet_tui.text.styled import Span, outside
from skill_fleet_tui.widgets.line_view import LineView


def _bound(keys: str, action: str, name: str, said: str) -> Binding:
    return Binding(keys, action, said, show=False, id=name, tooltip=said)


class OutlinedView(LineView):
    """A view of an outline. What stands in it, and which folds hold, is for those that inherit."""

    DEFAULT_CSS = """
    OutlinedView { & > .line--marked { background: $primary; color: $text; text-style: bold; } }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--marked"}
    BINDINGS: ClassVar[list[BindingType]] = [
        _bound("J", "heading(1)", "log.heading-next", "Mark the next heading."),
        _bound("K", "heading(-1)", "log.heading-previous", "Mark the heading before."),
        _bound("left,h", "fold", "log.fold", "Fold the marked heading, or its phase. A click does it too."),
        _bound("right,l", "unfold", "log.unfold", "Unfold the marked heading."),
        _bound("enter", "turn", "log.turn", "Fold or unfold the marked heading."),
        _bound("minus", "fold_all", "log.fold-all", "Fold every phase that is over."),
        _bound("plus,equals_sign", "unfold_all", "log.unfold-all", "Unfold every phase."),
    ]

    def __init__(self, *, follow: bool = False, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=follow, id=id)
        self._outline = Outline(Folds())
        self._marked = ""

    # --- for those that inherit -----------------------------------------------------------------------

    @property
    @abstractmethod
    def _folds(self) -> Folds:
        """The folds of what is shown."""

    @abstractmethod
    def _read_anew(self, kept: Name | None = None, below: int = 0) -> None:
        """Make the outline again; the line `kept` stands so many rows below the top."""

    @abstractmethod
    def _named(self, entry: int) -> Name | None:
        """What outlives another outline: the name of the line that an entry shows."""

    # --- folding --------------------------------------------------------------------------------------

    def turn(self, key: str) -> None:
        """Fold what stands under a heading, or unfold it; the heading stays where it is on the screen."""
        number = self._outline.numbers[key]
        below = self._row(number) - self.scroll_offset.y
        self._folds.turn(key)
        self._read_anew(self._named(number), below)
        self.redraw()

    def action_heading(self, by: int) -> None:
        """Mark the next heading under which something can be folded, or the one before."""
        headings = self._headings()
        if not headings:
            return
        if self._marked in headings:
            at = headings.index(self._marked) + by
        else:
            top = self.scroll_offset.y
            bottom = top + self.scrollable_content_region.height
            rows = [self._row(self._outline.numbers[key]) for key in headings]
            above = sum(row < (top if by > 0 else bottom) for row in rows)
            at = above if by > 0 else above - 1
        self._mark(headings[min(max(at, 0), len(headings) - 1)])

    def action_fold(self) -> None:
        """Fold the marked heading; what is folded already: its phase."""
        key = self._marked_or_last()
        if key and not self._outline.is_open(key):
            number = self._outline.numbers[key]
            key = next((k for k in reversed(self._outline.phases) if self._outline.numbers.get(k, number) < number), "")
            self._mark(key)
        if key and self._outline.is_open(key):
            self.turn(key)

    def action_unfold(self) -> None:
        """Unfold the marked heading."""
        key = self._marked_or_last()
        if key and not self._outline.is_open(key):
            self.turn(key)

    def action_turn(self) -> None:
        """Fold or unfold the marked heading."""
        self.turn(self._marked)

    def action_fold_all(self) -> None:
        """Fold every phase that is over."""
        self._folds.phases.update(key for key in self._outline.phases if key != self._outline.open_phase)
        self._read_anew()
        self.redraw()

    def action_unfold_all(self) -> None:
        """Unfold every phase."""
        self._folds.phases.clear()
        self._read_anew()
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter folds while a heading is marked; else it means what it means on the screen."""
        return self._marked in self._outline.numbers if action == "turn" else super().check_action(action, parameters)

    def on_click(self, event: events.Click) -> None:
        """A click on a heading folds or unfolds it, unless it ended a selection."""
        offset = event.get_content_offset(self)
        if offset is None or self.selected_text or (row := self.scroll_offset.y + offset.y) >= self.row_count:
            return
        number = self._text.row(row).number
        key = self._outline.keys.get(number, "")
        if key and self._outline.has_details(key):
            self.turn(key)

    def on_blur(self) -> None:
        """The mark is there while the keys are."""
        self._mark("")

    def _headings(self) -> list[str]:
        return [key for key in self._outline.numbers if self._outline.has_details(key)]

    def _marked_or_last(self) -> str:
        if self._marked not in self._outline.numbers:
            self.action_heading(-1)
        return self._marked

    def _mark(self, key: str) -> None:
        if key == self._marked:
            return
        self._marked = key
        if key:
            row, top = self._row(self._outline.numbers[key]), self.scroll_offset.y
            if not top <= row < top + self.scrollable_content_region.height:
                self.set_follow(False)
                self.go_to(Place(self._outline.numbers[key], 0), below=self.scrollable_content_region.height // 3)
        self.redraw()

    def _row(self, number: int) -> int:
        return self._text.row_of(Place(number, 0))

    def laid_over(self, number: int, start: int, end: int) -> Sequence[Span]:
        """The mark, under what is found and selected."""
        over = super().laid_over(number, start, end)
        if not self._marked or self._outline.numbers.get(self._marked) != number:
            return over
        mark = [Span(start, end, "marked")]
        for span in over:
            mark = outside(mark, span.start, span.end)
        return sorted([*mark, *over])
