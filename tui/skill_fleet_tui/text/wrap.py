"""Where a line of text breaks to fit a width in terminal cells."""

from rich.cells import cell_len, split_graphemes

Piece = tuple[int, int]
"""Start and end of one row of a line, in characters."""


def wrap(text: str, width: int) -> list[Piece]:
    """Break a line at spaces, and inside words that are longer than a row.

    The space at a break belongs to neither row. Every row is at most `width` cells wide, unless one character
    alone is wider. An empty line is one empty row.
    """
    width = max(width, 1)
    if text.isascii():
        return _wrap_ascii(text, width)
    if cell_len(text) <= width:
        return [(0, len(text))]
    return _wrap_cells(text, width)


def _wrap_ascii(text: str, width: int) -> list[Piece]:
    length, start = len(text), 0
    rows: list[Piece] = []
    while length - start > width:
        cut = text.rfind(" ", start + 1, start + width + 1)
        if cut < 0:
            rows.append((start, start + width))
            start += width
        else:
            rows.append((start, cut))
            start = cut + 1
    rows.append((start, length))
    return rows


def _wrap_cells(text: str, width: int) -> list[Piece]:
    rows: list[Piece] = []
    start, used = 0, 0
    cut, used_at_cut = -1, 0
    for begin, end, cells in split_graphemes(text)[0]:
        is_space = text[begin:end] == " "
        while used + cells > width and begin > start:
            if is_space:
                rows.append((start, begin))
                start, used, cells = end, 0, 0
            elif cut > start:
                rows.append((start, cut))
                start, used = cut + 1, used - used_at_cut
            else:
                rows.append((start, begin))
                start, used = begin, 0
            cut = -1
        used += cells
        if is_space and begin > start:
            cut, used_at_cut = begin, used
    rows.append((start, len(text)))
    return rows
