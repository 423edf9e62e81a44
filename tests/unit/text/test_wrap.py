from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from skill_fleet_tui.text.wrap import wrap

CHARACTERS = ["a", "b", " ", " ", "-", "漢", "e\u0301", "👩", "👩\u200d👧", "❤\ufe0f", "\u0301"]
WORDS = st.lists(st.sampled_from(CHARACTERS), max_size=60).map("".join)
WIDTHS = st.integers(min_value=1, max_value=20)


def rows_of(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


def obvious(text: str, width: int) -> list[str]:
    """The slow way for plain text: the longest row that ends at a space, else the longest row."""
    rows = []
    while len(text) > width:
        cuts = [at for at in range(1, width + 1) if text[at] == " "]
        rows.append(text[: cuts[-1]] if cuts else text[:width])
        text = text[cuts[-1] + 1 :] if cuts else text[width:]
    return [*rows, text]


@given(st.text(alphabet="ab ", max_size=80), WIDTHS)
def test_plain_text_breaks_as_the_obvious_way_does(text: str, width: int) -> None:
    assert rows_of(text, width) == obvious(text, width)


@given(WORDS, WIDTHS)
def test_no_row_is_wider_than_the_view_unless_one_character_is(text: str, width: int) -> None:
    for row in rows_of(text, max(width, 2)):
        assert cell_len(row) <= max(width, 2)


@given(WORDS, WIDTHS)
def test_nothing_but_spaces_at_breaks_is_lost(text: str, width: int) -> None:
    at = 0
    for start, end in wrap(text, width):
        assert text[at:start] in ("", " ")
        at = end
    assert text[at:] == ""


@given(st.text(alphabet="ab ", max_size=80), WIDTHS)
def test_wide_text_breaks_where_plain_text_would(text: str, width: int) -> None:
    wide = text.replace("a", "漢").replace("b", "字").replace(" ", " ")
    assert "".join(rows_of(wide, 1_000)) == wide
    plain, accented = rows_of(text, width), rows_of(text.replace("a", "á"), width)
    assert [row.replace("á", "a") for row in accented] == plain


def test_an_empty_line_is_one_row() -> None:
    assert wrap("", 10) == [(0, 0)]


def test_a_hundred_thousand_columns_are_wrapped() -> None:
    assert len(wrap("x" * 100_000, 80)) == 1_250
    assert len(wrap("字" * 100_000, 80)) == 2_500
