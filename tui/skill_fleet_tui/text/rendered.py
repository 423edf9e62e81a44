"""Markdown as lines to read, each with the line of the source it comes from. Knows no Textual."""

from io import StringIO
from typing import Any, Final, NamedTuple, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown, Paragraph
from rich.segment import Segment
from rich.style import Style
from rich.theme import Theme

from skill_fleet_tui.text.styled import Line, Span

_LINE, _NAME = "line", "name"
"""What a style carries besides its looks: the line of the source, and how the view calls what looks like this."""

_LOOKS: Final = {
    "code": "code", "block_quote": "quote", "item.bullet": "marker", "item.number": "marker", "hr": "rule",
    "link": "link", "link_url": "link", "strong": "strong", "table.header": "strong", "table.border": "rule",
    **{f"h{level}": "heading" for level in range(1, 8)},
}  # fmt: skip
"""Rich's own colours are made for a dark screen, and are not those of the person's theme."""

_THEME: Final = Theme({f"markdown.{element}": Style.from_meta({_NAME: name}) for element, name in _LOOKS.items()})


class RenderedLine(NamedTuple):
    """A row of a rendered document."""

    line: Line
    source: int
    """The line of the source where what it shows begins, counted from 1; 0 where that is not known."""


def rendered(body: str, width: int) -> list[RenderedLine]:
    """Markdown as rows. Takes up to a tenth of a second for a long document: call it in a thread."""
    console = Console(width=width, file=StringIO(), color_system="truecolor", legacy_windows=False, theme=_THEME)
    document = _Document(body.expandtabs(4), code_theme="ansi_dark", hyperlinks=False)
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


class _Document(Markdown):
    elements = {**Markdown.elements, "paragraph_open": _Paragraph, "heading_open": _Heading}
