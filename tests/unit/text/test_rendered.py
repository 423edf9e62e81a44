"""Markdown rendered: tables keep every word at any width, code has the colours that files of its language have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from skill_fleet_tui.text.code import coloured_code
from skill_fleet_tui.text.columns import column_widths
from skill_fleet_tui.text.rendered import rendered

TABLE = """\
| state | who | what comes next |
| :--- | ---: | :---: |
| planned `now` | author | an unbelievablylongwordthatfitsnocolumn of the table |
| ran | 操作员 | watch |
| | b | **c** |
"""


def shown(text: str, width: int) -> list[str]:
    return [said for row in rendered(text, width) if (said := row.line.text.rstrip())]


def test_a_table_that_fits_stands_in_columns_justified_as_it_says() -> None:
    assert shown("| a | bbb | c |\n| --- | ---: | :---: |\n| 1 | 2 | three |\n", 40) == [
        " a  bbb    c",
        " ─────────────",
        " 1    2  three",
    ]


@pytest.mark.parametrize("width", [12, 24, 40, 60, 200])
def test_a_table_keeps_every_character_of_its_cells(width: int) -> None:
    said = "".join(shown(TABLE, width))
    assert sorted(filter(str.isalpha, said)) == sorted(filter(str.isalpha, TABLE))


def test_a_table_in_a_list_stands_behind_its_bullet() -> None:
    assert shown("* | x | y |\n  | - | - |\n  | 1 | 2 |\n", 20) == [" •", "    x  y", "    ────", "    1  2"]


@pytest.mark.parametrize("text", ["| a | b |\n| --- | --- |\n", "| |\n| --- |\n| |\n"])
def test_a_table_of_nearly_nothing_is_drawn(text: str) -> None:
    assert "─" in "".join(shown(text, 20))


@given(st.lists(st.integers(0, 90), min_size=1, max_size=8), st.integers(0, 120))
def test_columns_share_the_room_and_none_gets_more_than_it_wants(wanted: list[int], room: int) -> None:
    widths = column_widths(wanted, room)
    assert all(1 <= width <= max(want, 1) for width, want in zip(widths, wanted, strict=True))
    # A column of nothing has a place all the same.
    least = [max(want, 1) for want in wanted]
    if sum(least) <= room:
        assert widths == least
    elif room >= len(wanted):
        assert sum(widths) <= room
        # Who gets less than they want gets no less than anybody else.
        assert all(width >= max(widths) - 1 for width, want in zip(widths, wanted, strict=True) if width < want)


def test_code_in_a_document_looks_like_a_file_of_its_language() -> None:
    source = 'def use() -> str:\n    return "it"'
    rows = rendered(f"```python\n{source}\n```\n", 60)
    block = [row.line for row in rows if row.line.text.strip()]
    for line, of_file in zip(block, coloured_code("a.py", source), strict=True):
        assert line.text.rstrip() == f" {of_file.text}"
        assert [(start - 1, end - 1, style) for start, end, style in line.spans] == list(of_file.spans)


@pytest.mark.parametrize("language", ["", "no-such-language", "python title=x"])
def test_code_of_any_language_is_shown_whole(language: str) -> None:
    assert " x = 1" in shown(f"```{language}\nx = 1\n```\n", 30)


def test_a_long_line_of_code_is_wrapped() -> None:
    rows = shown("```\n" + "word " * 20 + "\n```\n", 30)
    assert " ".join(rows).split() == ["word"] * 20
    assert max(map(len, rows)) <= 30


DEEP = """\
1. Run *both* against a **copy of the data**, and `compare`:
   * forward, with the load of a weekday
     that is busy,
   * back.

   > Never on a Friday.

   ```
   make it
   ```
10. 操作员 watch, for asverylongawordasnobodywrites.
"""


def test_lists_stand_under_each_other_with_what_is_in_them() -> None:
    assert shown(DEEP, 60) == [
        " 1 Run both against a copy of the data, and compare:",
        "    • forward, with the load of a weekday that is busy,",
        "    • back.",
        "   ▌ Never on a Friday.",
        "    make it",
        " 2 操作员 watch, for asverylongawordasnobodywrites.",
    ]


@pytest.mark.parametrize("width", [12, 20, 33, 60])
def test_lists_keep_to_the_width_and_every_word(width: int) -> None:
    rows = shown(DEEP, width)
    assert max(map(cell_len, rows)) <= width
    said = "".join(filter(str.isalpha, "".join(rows)))
    assert said == "".join(filter(str.isalpha, DEEP))


def test_a_row_knows_the_line_it_comes_from_and_how_its_words_look() -> None:
    rows = [row for row in rendered(DEEP, 60) if row.line.text.strip()]
    assert [row.source for row in rows][:3] == [1, 2, 4]
    looks = [(rows[0].line.text[span.start : span.end], span.style) for span in rows[0].line.spans if span.style]
    assert ("copy of the data", "strong") in looks
    assert ("compare", "code") in looks
