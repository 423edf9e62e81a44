"""Markdown as lines to read, each with the line of the source it comes from. Knows no Textual.

Rich reads it and draws what is rare. What a skill is made of is drawn here, row by row: Rich's console takes every
piece of a nested list through as many generators as it is deep.
"""

from collections.abc import Iterator
from io import StringIO
from typing import Any, ClassVar, Final, NamedTuple, Self

from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markdown import (
    CodeBlock,
    Heading,
    ListElement,
    ListItem,
    Markdown,
    MarkdownContext,
    MarkdownElement,
    Paragraph,
    TableBodyElement,
    TableElement,
    TableHeaderElement,
    TableRowElement,
)
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme

from skill_fleet_tui.text.code import STYLES, coloured_block
from skill_fleet_tui.text.columns import GAP, column_widths, side_by_side, widest
from skill_fleet_tui.text.styled import Line, Span, pieces
from skill_fleet_tui.text.wrap import wrap

_LINE, _NAME = "line", "name"
"""What a style carries besides its looks: the line of the source, and how the view calls what looks like this."""

_LOOKS: Final = {
    "code": "code", "block_quote": "quote", "item.bullet": "marker", "item.number": "marker", "hr": "rule",
    "link": "link", "link_url": "link", "strong": "strong", "table.header": "strong", "table.border": "rule",
    **{f"h{level}": "heading" for level in range(1, 8)},
}  # fmt: skip
"""Rich's own colours are made for a dark screen, and are not those of the person's theme."""

_CODE: Final = {"": None, **{name: Style.from_meta({_NAME: name}) for name in STYLES}}

_THEME: Final = Theme({f"markdown.{element}": Style.from_meta({_NAME: name}) for element, name in _LOOKS.items()})


class RenderedLine(NamedTuple):
    """A row of a rendered document."""

    line: Line
    source: int
    """The line of the source where what it shows begins, counted from 1; 0 where that is not known."""


def rendered(body: str, width: int) -> list[RenderedLine]:
    """Markdown as rows. Takes up to a tenth of a second for a long document: call it in a thread."""
    console = Console(width=width, file=StringIO(), color_system="truecolor", legacy_windows=False, theme=_THEME)
    document = _Document(body.expandtabs(4), hyperlinks=False)
    drawn = document.__rich_console__(console, console.options.update_width(width))
    rows = Segment.split_lines(segment for segment in drawn if isinstance(segment, Segment))
    return [_rendered_line(row) for row in rows]


def _rendered_line(row: list[Segment]) -> RenderedLine:
    spans: list[Span] = []
    text, source = "", 0
    for part, style, control in row:
        if control:
            continue
        if style:
            source = source or style.meta.get(_LINE, 0)
            spans.append(Span(len(text), len(text) + len(part), _look(style)))
        text += part
    return RenderedLine(Line(text.rstrip(), "", tuple(spans)), source)


def _look(style: Style) -> str | Style:
    return style.meta.get(_NAME) or style.clear_meta_and_links()


def _numbered(token: Any) -> Style | None:
    return Style.from_meta({_LINE: token.map[0] + 1}) if token.map else None


class _Heading(Heading):
    # In a wide pane the middle is far from what stands below it.
    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = dict.fromkeys(Heading.LEVEL_ALIGN, "left")
    numbered: Style | None = None

    @classmethod
    def create(cls, markdown: Markdown, token: Any) -> Self:
        element = cls(token.tag)
        element.numbered = _numbered(token)
        return element

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.numbered is not None:
            self.text.stylize(self.numbered)
        yield from super().__rich_console__(console, options)


class _InRows:
    """An element that is drawn here."""

    def rows(self, console: Console, options: ConsoleOptions) -> Iterator[list[Segment]]:
        """Its rows, none wider than there is room for."""
        raise NotImplementedError

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        end = Segment.line()
        for row in self.rows(console, options):
            yield from row
            yield end


class _Paragraph(_InRows, Paragraph):
    numbered: Style | None = None

    @classmethod
    def create(cls, markdown: Markdown, token: Any) -> Self:
        element = cls(justify="left")
        element.numbered = _numbered(token)
        return element

    def rows(self, console: Console, options: ConsoleOptions) -> Iterator[list[Segment]]:
        before = 0
        for line in self.text.plain.split("\n"):
            for start, end in wrap(line, options.max_width):
                yield self._row(before + start, before + end)
            before += len(line) + 1

    def _row(self, start: int, end: int) -> list[Segment]:
        row: list[Segment] = []
        text, at = self.text.plain, start
        # Rich's parser gives them in their order, none over another, each with all of its style.
        for left, right, style in self.text.spans:
            if left >= end or right <= start:
                continue
            if left > at:
                row.append(Segment(text[at:left], self.numbered))
            at = min(right, end)
            assert isinstance(style, Style)
            row.append(Segment(text[max(left, start) : at], self.numbered + style if self.numbered else style))
        if at < end:
            row.append(Segment(text[at:end], self.numbered))
        return row


class _Item(_InRows, ListItem):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[MarkdownElement] = []

    def on_child_close(self, context: MarkdownContext, child: MarkdownElement) -> bool:
        self.inside.append(child)
        return False

    def rows(self, console: Console, options: ConsoleOptions) -> Iterator[list[Segment]]:
        for element in self.inside:
            if isinstance(element, _InRows):
                yield from element.rows(console, options)
            else:
                yield from console.render_lines(element, options, pad=False)


class _List(_InRows, ListElement):
    def rows(self, console: Console, options: ConsoleOptions) -> Iterator[list[Segment]]:
        is_numbered, first = self.list_type != "bullet_list_open", self.list_start or 0
        width = len(str(first + len(self.items))) + 2 if is_numbered else 3
        looks = console.get_style("markdown.item.number" if is_numbered else "markdown.item.bullet")
        inside = options.update(width=max(options.max_width - width, 1))
        for number, item in enumerate(self.items, first):
            assert isinstance(item, _Item)
            marker = f"{number}".rjust(width - 1) + " " if is_numbered else " • "
            for row in item.rows(console, inside):
                yield [Segment(marker, looks), *row]
                marker = " " * width


class _Code(_InRows, CodeBlock):
    """In the colours that files of its language have. Rich's are those of one theme, and take twice as long."""

    def rows(self, console: Console, options: ConsoleOptions) -> Iterator[list[Segment]]:
        yield []
        for line in coloured_block(self.lexer_name, str(self.text).rstrip()):
            for start, end in wrap(line.text, options.max_width - 2):
                code = (Segment(piece.text, _CODE[str(piece.style)]) for piece in pieces(line, start, end))
                yield [Segment(" "), *code]
        yield []


class _Table(_InRows, TableElement):
    """With every word of every cell. Rich's cuts those that are too long for a column, and takes four times as long."""

    def rows(self, console: Console, options: ConsoleOptions) -> Iterator[list[Segment]]:
        rows = [[cell.content for cell in row.cells] for part in (self.header, self.body) for row in _rows(part)]
        wanted = [widest(column) for column in zip(*rows, strict=True)]
        widths = column_widths(wanted, options.max_width - 2 - len(GAP) * (len(wanted) - 1))
        yield []
        for number, row in enumerate(rows):
            if number == 0:
                row = [_strong(text) for text in row]
            for segments in side_by_side(console, row, widths):
                yield [Segment(" "), *segments]
            if number == 0:
                rule = "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
                yield [Segment(" "), Segment(rule, console.get_style("markdown.table.border"))]
        yield []


def _rows(part: TableHeaderElement | TableBodyElement | None) -> list[TableRowElement]:
    if isinstance(part, TableHeaderElement):
        return [part.row] if part.row is not None else []
    return part.rows if part is not None else []


def _strong(text: Text) -> Text:
    text = text.copy()
    text.stylize("markdown.table.header")
    return text


class _Document(Markdown):
    elements = {
        **Markdown.elements,
        "paragraph_open": _Paragraph,
        "heading_open": _Heading,
        "bullet_list_open": _List,
        "ordered_list_open": _List,
        "list_item_open": _Item,
        "fence": _Code,
        "code_block": _Code,
        "table_open": _Table,
    }
