"""A text to read: as it is written, as source, rendered, or what changed in it. Keeps the reader's place."""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from skill_fleet_tui.commands.registry import bindings_in
from skill_fleet_tui.text import code, diff_lines, marks, pages
from skill_fleet_tui.text.markdown import MarkdownSource
from skill_fleet_tui.text.pages import Page
from skill_fleet_tui.text.rows import Place
from skill_fleet_tui.text.styled import Line, untabbed
from skill_fleet_tui.widgets.line_view import ROWS_ABOVE, LineView

if TYPE_CHECKING:
    from skill_fleet_common.skills import Provenance

RENDERED_CHARACTERS = 200_000
"""Longer documents stay source."""

TAIL_CHARACTERS = 4_000
"""How much is shown of a line that is being written: it is wrapped anew with every beat."""

MARGIN = 2
"""Columns for the glyphs that say where instructions come from."""

_NAMES = (
    "heading", "code", "fence", "quote", "marker", "strong", "link", "name", "cited",
    "source", "answer", "model", "cut", "confirmed", *code.STYLES, *diff_lines.STYLES,
)  # fmt: skip


class Document(LineView):
    """Shows one text at a time. What takes long is made in a thread, for the width that the view has."""

    DEFAULT_CSS = """
    Document {
        padding: 0 0 0 1; width: 1fr; height: 1fr;
        & > .line--heading, & > .line--name, & > .line--marker { color: $text-accent; }
        & > .line--heading, & > .line--strong { text-style: bold; }
        & > .line--code, & > .line--string, & > .line--added { color: $text-success; }
        & > .line--fence, & > .line--comment, & > .line--empty, & > .line--number { color: $text-muted; }
        & > .line--quote, & > .line--comment { color: $text-muted; text-style: italic; }
        & > .line--link, & > .line--keyword, & > .line--defined, & > .line--source { color: $text-primary; }
        & > .line--removed { color: $text-error; }
        & > .line--added-word { color: $text-success; text-style: bold underline; }
        & > .line--removed-word { color: $text-error; text-style: bold underline; }
        & > .line--fold { color: $text-muted; text-style: italic; }
        & > .line--rule { color: $foreground 30%; }
        & > .line--answer, & > .line--confirmed { color: $text-success; }
        & > .line--cut { color: $text-error; text-style: bold; }
        & > .line--model { color: $text-warning; text-style: bold; }
        & > .line--cited { color: $text-accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{name}" for name in _NAMES}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("preview")]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=False, id=id)
        self.follows_at_end = False
        self.change = ""
        """Of the diff that is shown: how much changed, as `+3 −1`."""
        self._shown: tuple[object, ...] = ()
        self._page = Page((), ())
        self._marks: list[tuple[int, list[Provenance]]] = []
        self._mark = -1
        self._mark_of: Callable[[Sequence[Provenance]], str] = marks.mark
        self._make: Callable[[int], Page] | None = None
        self._making: asyncio.Task[None] | None = None
        self._source = MarkdownSource()
        self._taken = 0

    # --- what is shown --------------------------------------------------------------------------------

    def say(self, key: tuple[object, ...], said: Sequence[str]) -> None:
        """Show sentences in place of a text."""
        if self._begin(key):
            self._put(Page([Line(line, "empty") for line in said], [0] * len(said)))

    def stream(self, key: tuple[object, ...], text: str, *, settled: bool) -> None:
        """Show Markdown as it is written; called with the whole text again and again."""
        if self._begin(key):
            self._source, self._taken = MarkdownSource(), 0
            self._put(Page((), ()))
            self.follow = self.follows_at_end = True
        end = text.rfind("\n") + 1
        if end > self._taken:
            self.append([self._source.line(pages.cut(line)) for line in text[self._taken : end - 1].split("\n")])
            self._taken = end
        cursor, last = "" if settled else "▌", text[end:]
        shown = last if len(last) <= TAIL_CHARACTERS else f"…{last[-TAIL_CHARACTERS:]}"
        self.set_tail([Line(untabbed(shown) + cursor)] if shown or cursor else [])

    def file(
        self,
        key: tuple[object, ...],
        path: str,
        text: str,
        *,
        rendered: bool = True,
        origins: Mapping[int, list["Provenance"]] | None = None,
        mark: Callable[[Sequence["Provenance"]], str] = marks.mark,
        at: int = 0,
    ) -> None:
        """Show a file: at once as source, and soon rendered or coloured.

        Args:
            key: Names what is shown; the same one again changes nothing.
            path: Says what kind of file it is.
            text: All of it.
            rendered: Whether Markdown is shown so.
            origins: By line, where its instructions come from.
            mark: What is marked in the margin of those of a line.
            at: The line of the text to begin with, counted from 1; 0 for its beginning.
        """
        if not self._begin(key):
            return
        is_markdown = path.lower().endswith((".md", ".markdown"))
        self._mark_of = mark
        origins = origins or {}
        source = pages.source_page(text) if is_markdown else pages.plain_page(text)
        self._put(source, origins, at)
        if is_markdown and (
            not rendered or len(text) > RENDERED_CHARACTERS or pages.longest(text) > pages.LINE_CHARACTERS
        ):
            return
        margin = MARGIN if origins else 0
        if is_markdown:
            self._make_soon(lambda width: pages.rendered_page(text, max(width - 1 - margin, 10)), origins)
        else:
            self._make_soon(lambda _: pages.code_page(path, text), origins)

    def excerpt(self, key: tuple[object, ...], text: str, first: int, last: int) -> None:
        """Show a text with some of its lines set off, and these in view."""
        if self._begin(key):
            self._put(pages.excerpt_page(text, first, last), {}, first, below=ROWS_ABOVE)

    def diff(self, key: tuple[object, ...], old: str, new: str) -> None:
        """Show what changed."""
        if self._begin(key):
            self._put(Page([Line("Comparing…", "empty")], [0]))
            self._make_soon(lambda width: pages.diff_page(old, new, width), {})

    def _begin(self, key: tuple[object, ...]) -> bool:
        """Whether another text is to be shown than is shown now."""
        if key == self._shown:
            return False
        self._shown = key
        self._cancel()
        self._make = None
        self.follow = self.follows_at_end = False
        self.change = ""
        return True

    def _put(
        self, page: Page, origins: Mapping[int, list["Provenance"]] | None = None, number: int = 0, *, below: int = 0
    ) -> None:
        self._page, self.change, self._mark = page, page.change, -1
        self._marks = pages.placed(page.numbers, origins or {})
        lines = list(page.lines)
        if origins:
            lines = [line._replace(indent=MARGIN) for line in lines]
            for at, provenance in self._marks:
                mark = self._mark_of(provenance)
                lines[at] = lines[at]._replace(lead=marks.GLYPHS[mark], lead_style=mark)
        self.show(lines)
        if number > 1:
            at = next((at for at, found in enumerate(page.numbers) if found >= number), 0)
            self.go_to(Place(at, 0), below=below)

    # --- made in a thread -----------------------------------------------------------------------------

    def _make_soon(self, make: Callable[[int], Page], origins: Mapping[int, list["Provenance"]]) -> None:
        self._make, self._origins = make, origins
        self._cancel()
        if self.columns:
            self._making = asyncio.create_task(self._render_in_thread(make, self.columns), name="document")

    async def _render_in_thread(self, make: Callable[[int], Page], width: int) -> None:
        page = await asyncio.to_thread(make, width)
        if make is self._make and width == self.columns:
            self._put(page, self._origins, self.number_at_top)
            self.flush()

    def _cancel(self) -> None:
        if self._making is not None:
            self._making.cancel()
            self._making = None

    def width_changed(self) -> None:
        """What was made for a width is made again."""
        if self._make is not None:
            self._make_soon(self._make, self._origins)

    def on_unmount(self) -> None:
        """Nothing is made for a view that is gone."""
        self._cancel()

    # --- where it stands ------------------------------------------------------------------------------

    @property
    def number_at_top(self) -> int:
        """The line of the text at the top of the view, counted from 1; 0 at its beginning."""
        if not self.scroll_offset.y:
            return 0
        above = self._page.numbers[: self.place.line + 1]
        return next((number for number in reversed(above) if number), 0)

    @property
    def has_marks(self) -> bool:
        """Whether it is known where instructions come from."""
        return bool(self._marks)

    @property
    def mark(self) -> Sequence["Provenance"]:
        """Where the instructions of the line come from that was gone to, or else of the first one in view."""
        if self._mark >= 0:
            return self._marks[self._mark][1]
        top = self.place.line
        at = bisect_left(self._marks, top, key=lambda mark: mark[0])
        return self._marks[at][1] if at < len(self._marks) else ()

    def go_to_mark(self, by: int) -> None:
        """Show the next instruction, or the one before; after the last the first."""
        if not self._marks:
            return
        if self._mark < 0:
            after = bisect_left(self._marks, self.place.line, key=lambda mark: mark[0])
            self._mark = (after if by > 0 else after - 1) % len(self._marks)
        else:
            self._unmark()
            self._mark = (self._mark + by) % len(self._marks)
        at = self._marks[self._mark][0]
        line = self.lines[at]
        self.replace(at, line._replace(lead=f"{line.lead[:1]}❯"))
        self.go_to(Place(at, 0), below=ROWS_ABOVE)

    def _unmark(self) -> None:
        at = self._marks[self._mark][0]
        line = self.lines[at]
        self.replace(at, line._replace(lead=line.lead[:1]))
