"""Markdown as lines to read, each with the line of the source it comes from. Knows no Textual."""

from io import StringIO
from typing import Any, Final, NamedTuple, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import (
    CodeBlock,
    Heading,
    Markdown,
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
    rows = console.render_lines(document, console.options.update_width(width), pad=False)
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
    return RenderedLine(Line(text, "", tuple(spans)), source)


def _look(style: Style) -> str | Style:
    return style.meta.get(_NAME) or style.clear_meta_and_links()


class _Numbered:
    """An element of text that knows its line."""

    text: Any

    @classmethod
    def create(cls, markdown: Markdown, token: Any) -> Self:
        element = super().create(markdown, token)  # ty: ignore[missing-attribute] (of the class it is mixed into)
        element.numbered = Style.from_meta({_LINE: token.map[0] + 1}) if token.map else None
        return element

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.numbered is not None:
            self.text.stylize(self.numbered)
        yield from super().__rich_console__(console, options)  # ty: ignore[missing-attribute] (as above)

    numbered: Style | None = None


class _Paragraph(_Numbered, Paragraph):
    pass


class _Heading(_Numbered, Heading):
    pass


class _Code(CodeBlock):
    """In the colours that files of its language have. Rich's are those of one theme, and take twice as long."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment.line()
        for line in coloured_block(self.lexer_name, str(self.text).rstrip()):
            for start, end in wrap(line.text, options.max_width - 2):
                yield Segment(" ")
                yield from (Segment(piece.text, _CODE[str(piece.style)]) for piece in pieces(line, start, end))
                yield Segment.line()
        yield Segment.line()


class _Table(TableElement):
    """With every word of every cell. Rich's cuts those that are too long for a column, and takes four times as long."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = [[cell.content for cell in row.cells] for part in (self.header, self.body) for row in _rows(part)]
        wanted = [widest(column) for column in zip(*rows, strict=True)]
        widths = column_widths(wanted, options.max_width - 2 - len(GAP) * (len(wanted) - 1))
        yield Segment.line()
        for number, row in enumerate(rows):
            if number == 0:
                row = [_strong(text) for text in row]
            for segments in side_by_side(console, row, widths):
                yield from (Segment(" "), *segments, Segment.line())
            if number == 0:
                rule = "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
                yield from (Segment(" "), Segment(rule, console.get_style("markdown.table.border")), Segment.line())
        yield Segment.line()


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
        "fence": _Code,
        "code_block": _Code,
        "table_open": _Table,
    }
