"""Source code as coloured lines. Imports Pygments when it is first used: call it in a thread."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from skill_fleet_tui.text.styled import Line, Span, untabbed

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

CODE_CHARACTERS: Final = 200_000
"""Longer files are shown without colours."""

LINE_CHARACTERS: Final = 2_000
"""So are files with a longer line, whatever they call themselves."""

STYLES: Final = ("keyword", "string", "comment", "number", "defined")
"""The styles' names, each for a family of Pygments' tokens."""


def coloured_code(path: str, text: str) -> list[Line]:
    """The lines of a file in the colours of the language that its name says; plain where that is not known."""
    from pygments.lexers import find_lexer_class_for_filename

    return _coloured(text, lambda: find_lexer_class_for_filename(path.rpartition("/")[2]))


def coloured_block(language: str, text: str) -> list[Line]:
    """The lines of a piece of code in the colours of the language of that name; plain where that is not known."""
    return _coloured(text, lambda: _lexer_called(language))


def plain(text: str) -> list[Line]:
    """The lines of a file as they are."""
    return [Line(line) for line in untabbed(text).split("\n")]


def _coloured(text: str, find: "Callable[[], type[Lexer] | None]") -> list[Line]:
    text = untabbed(text)
    lines = text.split("\n")
    if len(text) > CODE_CHARACTERS or max(map(len, lines)) > LINE_CHARACTERS or (lexer := find()) is None:
        return [Line(line) for line in lines]
    spans = _spans(lexer(stripnl=False, ensurenl=False), text)
    return [Line(line, "", tuple(found)) for line, found in zip(lines, spans, strict=True)] if spans else plain(text)


@lru_cache(maxsize=64)
def _lexer_called(language: str) -> "type[Lexer] | None":
    """Looked for in a list of hundreds: for a document with fifty blocks only once."""
    from pygments.lexers import find_lexer_class_by_name
    from pygments.util import ClassNotFound

    try:
        return find_lexer_class_by_name(language)
    except ClassNotFound:
        return None


def _spans(lexer: "Lexer", text: str) -> list[list[Span]]:
    """The spans of each line; nothing where the lexer has not kept to the text."""
    spans: list[list[Span]] = [[]]
    told = ""
    for kind, part in lexer.get_tokens(text):
        style = _style(kind)
        for number, piece in enumerate(part.split("\n")):
            if number:
                spans.append([])
                told += "\n"
            at = len(told) - (told.rfind("\n") + 1) if style and piece else 0
            told += piece
            if style and piece:
                spans[-1].append(Span(at, at + len(piece), style))
    return spans if told == text else []


@cache
def _style(kind: "_TokenType") -> str:
    """What a kind of token is shown as; nothing for most."""
    from pygments.token import Token

    families = {
        Token.Keyword: "keyword", Token.Name.Tag: "keyword", Token.Operator.Word: "keyword",
        Token.String: "string", Token.Comment: "comment", Token.Number: "number",
        Token.Name.Function: "defined", Token.Name.Class: "defined", Token.Name.Decorator: "defined",
    }  # fmt: skip
    return next((name for family, name in families.items() if kind in family), "")
