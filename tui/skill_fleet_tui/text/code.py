"""Source code as coloured lines. Imports Pygments when it is first used: call it in a thread."""

from typing import Final

from skill_fleet_tui.text.styled import Line, Span, untabbed

CODE_CHARACTERS: Final = 200_000
"""Longer files are shown without colours."""

LINE_CHARACTERS: Final = 2_000
"""So are files with a longer line, whatever they call themselves."""

STYLES: Final = ("keyword", "string", "comment", "number", "defined")
"""The styles' names, each for a family of Pygments' tokens."""


def coloured_code(path: str, text: str) -> list[Line]:
    """The lines of a file in the colours of the language that its name says; plain where that is not known."""
    text = untabbed(text)
    lines = text.split("\n")
    if len(text) > CODE_CHARACTERS or max(map(len, lines)) > LINE_CHARACTERS:
        return [Line(line) for line in lines]
    spans = _spans(path, text)
    return [Line(line, "", tuple(found)) for line, found in zip(lines, spans, strict=True)] if spans else plain(text)


def plain(text: str) -> list[Line]:
    """The lines of a file as they are."""
    return [Line(line) for line in untabbed(text).split("\n")]


def _spans(path: str, text: str) -> list[list[Span]]:
    """The spans of each line; nothing where the language is not known, or its lexer has not kept to the text."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.token import Token
    from pygments.util import ClassNotFound

    families = {
        Token.Keyword: "keyword", Token.Name.Tag: "keyword", Token.Operator.Word: "keyword",
        Token.String: "string", Token.Comment: "comment", Token.Number: "number",
        Token.Name.Function: "defined", Token.Name.Class: "defined", Token.Name.Decorator: "defined",
    }  # fmt: skip
    try:
        lexer = get_lexer_for_filename(path.rpartition("/")[2], stripnl=False, ensurenl=False)
    except ClassNotFound:
        return []
    spans: list[list[Span]] = [[]]
    told = ""
    for kind, part in lexer.get_tokens(text):
        style = next((name for family, name in families.items() if kind in family), "")
        for number, piece in enumerate(part.split("\n")):
            if number:
                spans.append([])
                told += "\n"
            at = len(told) - (told.rfind("\n") + 1) if style and piece else 0
            told += piece
            if style and piece:
                spans[-1].append(Span(at, at + len(piece), style))
    return spans if told == text else []
