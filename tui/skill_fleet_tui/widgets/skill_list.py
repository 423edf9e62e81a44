"""The library as a list: categories with their counts, and under each its skills."""

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from skill_fleet_tui.store.library_rows import paths_to
from skill_fleet_tui.store.outline import FOLDED, OPEN
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skill_fleet_tui.store.library import Faults, LibraryState
    from skill_fleet_tui.store.library_rows import SkillRow


class SkillList(ScrollView, can_focus=True):
    """One row each. The selection is the store's, and always a skill."""

    DEFAULT_CSS = """
    SkillList {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        background: $surface;
        & > .skill--selected { background: $surface-lighten-2; text-style: bold; }
        &:ansi > .skill--selected { text-style: bold underline; }
        &:focus > .skill--selected {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }
        & > .skill--marked { color: $text-accent; text-style: bold reverse; }
        & > .skill--category { color: $text-accent; text-style: bold; }
        & > .skill--count { color: $text-muted; }
        & > .skill--bad { color: $text-error; }
        & > .skill--warned { color: $text-warning; }
        & > .skill--good { color: $text-success; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"skill--{name}" for name in ("selected", "marked", "category", "count", "bad", "warned", "good")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Next skill", show=False, id="skills.down"),
        Binding("k,up", "move(-1)", "Skill above", show=False, id="skills.up"),
        Binding("g,home", "end(-1)", "First skill", show=False, id="skills.first"),
        Binding("G,end", "end(1)", "Last skill", show=False, id="skills.last"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="skills.page-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="skills.page-up"),
        Binding("enter", "open", "Read the skill; fold or unfold the marked category", show=False, id="skills.open"),
        Binding("J", "category(1)", "Mark the next category", show=False, id="skills.category-next"),
        Binding("K", "category(-1)", "Mark the category before", show=False, id="skills.category-previous"),
        Binding("left,h", "fold", "Fold the marked category, or that of the skill; a click on it, too", show=False,
                id="skills.fold"),
        Binding("right,l", "unfold", "Unfold the marked category", show=False, id="skills.unfold"),
        Binding("minus", "fold_all(True)", "Fold every category", show=False, id="skills.fold-all"),
        Binding("plus,equals_sign", "fold_all(False)", "Unfold every category", show=False, id="skills.unfold-all"),
    ]  # fmt: skip

    class Selected(Message):
        """A person moved to another skill."""

    class Opened(Message):
        """A person wants to read the selected skill."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._library: LibraryState | None = None
        self._rows: list[SkillRow] = []
        self._instead: Sequence[str] = ()
        self._drawn: tuple[object, ...] = ()
        self._shown = ""
        self._marked = ""
        """The path of a category."""

    @property
    def in_view(self) -> list[str]:
        """Names of the skills whose rows can be seen."""
        top = self.scroll_offset.y
        return [row.name for row in self._rows[top : top + self.size.height] if row.name]

    # --- bringing up to date --------------------------------------------------------------------------

    def sync(self, library: "LibraryState", instead: "Sequence[str]") -> None:
        """Take over rows and selection.

        Args:
            library: The skills.
            instead: What is said when there is no row.
        """
        looks = (id(library), library.version, library.filter, tuple(instead))
        if looks == self._drawn:
            return
        self._drawn, self._library, self._instead = looks, library, instead
        self._rows = library.rows
        if self.virtual_size.height != len(self._rows):
            self.virtual_size = Size(self.size.width, len(self._rows))
        if library.selected != self._shown:
            self._shown = library.selected
            self._bring_into_view()
        self.refresh()

    def _bring_into_view(self) -> None:
        row = next((at for at, row in enumerate(self._rows) if row.name and row.name == self._shown), None)
        if row is None:
            return
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        # The category above the first of its skills is shown with it.
        first = row - 1 if row and not self._rows[row - 1].name else row
        if first < top:
            self.scroll_to(y=first if first > 1 else 0, animate=False, immediate=True)
        elif row >= top + height:
            self.scroll_to(y=row - height + 1, animate=False, immediate=True)

    def on_resize(self, event: events.Resize) -> None:
        """The selected skill stays in view."""
        self._bring_into_view()

    # --- moving ---------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Select another skill: so many below the selected one, or the next to the category that is marked."""
        if self._library is None:
            return
        beside = self._beside_mark(by)
        self._marked = ""
        if beside:
            self._library.select(beside)
        else:
            self._library.move(by)
        self.post_message(self.Selected())

    def _beside_mark(self, by: int) -> str:
        at = next((at for at, row in enumerate(self._rows) if self._marked and row.path == self._marked), None)
        if at is None:
            return ""
        rows = self._rows[at:] if by > 0 else reversed(self._rows[:at])
        return next((row.name for row in rows if row.name), "")

    def action_end(self, by: int) -> None:
        """Select the first or the last skill."""
        self.action_move(by * len(self._rows))

    def action_page(self, by: int) -> None:
        """Select a skill a page away."""
        self.action_move(by * max(self.size.height - 2, 1))

    def action_open(self) -> None:
        """Read it; or turn the category that is marked."""
        if self._marked:
            self._turn(self._marked)
        else:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Select the row's skill; fold or unfold its category."""
        offset = event.get_content_offset(self)
        if self._library is None or offset is None or (at := offset.y + self.scroll_offset.y) >= len(self._rows):
            return
        if not self._rows[at].name:
            self._turn(self._rows[at].path)
            return
        self._library.select(self._rows[at].name)
        self.post_message(self.Selected())

    # --- folding --------------------------------------------------------------------------------------

    def action_category(self, by: int) -> None:
        """Mark another category: from the marked one, or from the selected skill."""
        here = self._here
        beyond = [at for at, row in enumerate(self._rows) if row.path and (at > here if by > 0 else at < here)]
        if beyond:
            self._mark(beyond[0 if by > 0 else -1])

    @property
    def _here(self) -> int:
        """The row of what is marked, else of the selected skill or of the folded category that it is in; else none."""
        if self._marked:
            return next((at for at, row in enumerate(self._rows) if row.path == self._marked), -1)
        skill = self._library.current if self._library is not None else None
        if skill is None:
            return -1
        around = paths_to(skill.taxonomy_path)
        of_it = (at for at, row in enumerate(self._rows) if row.name == skill.name or _hides(row, around))
        return next(of_it, -1)

    def action_fold(self) -> None:
        """Fold the marked category, else the selected skill's; what is folded already: the one that it is in."""
        here = self._here
        if here < 0:
            return
        row = self._rows[here]
        if not row.path or not row.is_open:
            above = (at for at in range(here - 1, -1, -1) if self._rows[at].path and self._rows[at].depth < row.depth)
            here = next(above, -1)
        if here >= 0:
            self._mark(here)
            self._turn(self._marked)

    def action_unfold(self) -> None:
        """Unfold the marked category, or the one that hides the selected skill."""
        row = self._rows[self._here] if self._here >= 0 else None
        if row is not None and row.path and not row.is_open:
            self._turn(row.path)

    def action_fold_all(self, folded: bool) -> None:
        """Fold every category, or none."""
        if self._library is not None:
            self._library.fold_all(folded=folded)
            self.post_message(self.Selected())

    def on_blur(self) -> None:
        """The mark is there while the keys are."""
        self._marked = ""
        self.refresh()

    def _turn(self, path: str) -> None:
        if self._library is not None and not self._library.filter.strip():
            self._library.turn(path)
            self.post_message(self.Selected())

    def _mark(self, at: int) -> None:
        self._marked = self._rows[at].path
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if not top <= at < top + height:
            self.scroll_to(y=max(at - height // 3, 0), animate=False, immediate=True)
        self.refresh()

    # --- drawing --------------------------------------------------------------------------------------

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The selected row looks different while the list has the focus."""
        super().watch_has_focus(_has_focus)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        width, at = self.size.width, self.scroll_offset.y + y
        if at >= len(self._rows):
            said = self._said_instead(y) if not self._rows else ""
            return Strip([Segment(f" {said}", self._look("count"))]).adjust_cell_length(width, self.rich_style)
        row = self._rows[at]
        return self._skill(row, width) if row.name else self._category(row, width)

    def _category(self, row: "SkillRow", width: int) -> Strip:
        count = f" {row.count} "
        lead = f"{'  ' * row.depth}{OPEN if row.is_open else FOLDED} "
        label = f"{lead}{clean_line(row.label)}{'' if row.listed else ' (not in the taxonomy)'}"
        marked = self._look("marked") if row.path == self._marked else None
        parts = [
            Segment(_cut(label, width - len(count)), marked or self._look("category")),
            Segment(count, marked or self._look("count")),
        ]
        return Strip(parts).adjust_cell_length(width, marked or self.rich_style)

    def _skill(self, row: "SkillRow", width: int) -> Strip:
        library = self._library
        faults = library.faults.get(row.name) if library is not None else None
        selected = library is not None and library.selected == row.name
        chosen = self._look("selected") if selected else self.rich_style
        glyph, look = (" ", "") if faults is None else ("✓", "good")
        if faults is not None and (faults.errors or faults.warnings):
            glyph, look = ("✗", "bad") if faults.errors else ("!", "warned")
        style = self._look(look) if look and not (selected and self.has_focus) else chosen
        if selected:
            style += chosen.background_style
        lead = f"{'❯' if selected else ' '}{' ' * (2 * row.depth - 1)}"
        counts = f" {_counted(faults)} " if faults is not None and (faults.errors or faults.warnings) else ""
        room = max(width - len(lead) - 2 - len(counts), 0)
        name = set_cell_size(_cut(clean_line(row.label), room), room)
        parts = [Segment(lead, chosen), Segment(f"{glyph} ", style), Segment(name, chosen), Segment(counts, style)]
        return Strip(parts).adjust_cell_length(width, chosen)

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"skill--{name}")

    def _said_instead(self, y: int) -> str:
        width = max(self.size.width - 2, 1)
        lines = [said[start:end] for said in self._instead for start, end in wrap(said, width)]
        return lines[y] if y < len(lines) else ""


def _counted(faults: "Faults") -> str:
    """How many errors and warnings: `1✗ 2!`."""
    counts = ((faults.errors, "✗"), (faults.warnings, "!"))
    return " ".join(f"{number}{glyph}" for number, glyph in counts if number)


def _hides(row: "SkillRow", paths: "Sequence[str]") -> bool:
    """Whether a row is a folded category among these."""
    return not row.is_open and row.path in paths


def _cut(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"
