from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_tui.text.rows import TAIL, Place, WrappedLines
from skill_fleet_tui.text.styled import Line, Span, pieces
from skill_fleet_tui.text.wrap import wrap

TEXTS = st.lists(st.text(alphabet="ab 漢\u0301", max_size=30), max_size=8)
WIDTHS = st.integers(min_value=2, max_value=12)


def wrapped(texts: list[str], width: int, tail: list[str] | None = None) -> WrappedLines:
    rows = WrappedLines()
    rows.rewrap(width)
    rows.append(Line(text) for text in texts)
    rows.set_tail([Line(text) for text in tail or []])
    return rows


def shown(rows: WrappedLines) -> list[str]:
    return [row.line.text[row.start : row.end] for row in map(rows.row, range(len(rows)))]


def obvious(texts: list[str], width: int) -> list[str]:
    return [text[start:end] for text in texts for start, end in wrap(text, width)]


@given(TEXTS, TEXTS, TEXTS, WIDTHS)
def test_lines_in_any_pieces_are_the_rows_of_all_of_them(
    first: list[str], later: list[str], tail: list[str], width: int
) -> None:
    rows = wrapped(first, 7, ["for now"])
    rows.append(Line(text) for text in later)
    rows.set_tail([Line(text) for text in tail])
    rows.rewrap(width)
    assert shown(rows) == obvious([*first, *later, *tail], width)


@given(TEXTS.filter(bool), st.text(alphabet="ab ", max_size=40), WIDTHS, st.data())
def test_a_line_is_replaced_in_its_place(texts: list[str], text: str, width: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(texts) - 1))
    rows = wrapped(texts, width, ["tail"])
    before = shown(rows)
    first, beyond = rows.replace(at, Line(text))
    assert shown(rows) == obvious([*texts[:at], text, *texts[at + 1 :], "tail"], width)
    assert shown(rows)[:first] == obvious(texts[:at], width)
    if beyond < TAIL:
        assert shown(rows)[beyond:] == before[beyond:]


@given(TEXTS, TEXTS, WIDTHS)
def test_every_row_is_found_again_by_what_it_shows(texts: list[str], tail: list[str], width: int) -> None:
    rows = wrapped(texts, width, tail)
    for index in range(len(rows)):
        assert rows.row_of(rows.place_of(index)) == index


@given(TEXTS, TEXTS, WIDTHS, st.data())
def test_what_is_selected_is_what_stands_there(
    texts: list[str], tail: list[str], width: int, data: st.DataObject
) -> None:
    rows = wrapped(texts, width, tail)
    lines = [*enumerate(texts), *enumerate(tail, TAIL)]
    places = [Place(number, column) for number, text in lines for column in range(len(text) + 1)] or [Place(0, 0)]
    start, end = sorted(data.draw(st.tuples(st.sampled_from(places), st.sampled_from(places))))
    whole = "\n".join([*texts, *tail])
    assert rows.text_between(start, end) == whole[_offset(lines, start) : _offset(lines, end)]


def _offset(lines: list[tuple[int, str]], place: Place) -> int:
    return sum(len(text) + 1 for number, text in lines if number < place.line) + place.column


def test_a_selection_never_cuts_a_character_in_two() -> None:
    rows = wrapped(["ae\u0301z👩\u200d👧"], 40)
    assert rows.place_in(0, 2) == Place(0, 1)
    assert rows.place_in(0, 2, after=True) == Place(0, 3)
    assert rows.place_in(0, 5, after=True) == Place(0, 7)


def test_the_lead_is_no_part_of_the_text() -> None:
    rows = WrappedLines()
    rows.rewrap(20)
    rows.show([Line("hello there you all", indent=10, lead="14:02:11")])
    assert rows.place_in(0, 3) == Place(0, 0)
    assert rows.place_in(1, 3) == Place(0, 6)
    assert rows.place_in(1, 99) == Place(0, 15)


def test_names_of_rows_in_the_tail_outlive_new_lines() -> None:
    rows = wrapped(["a"], 10, ["b", "c"])
    name = rows.name(2)
    rows.append([Line("more")])
    assert rows.place_in(name, 0) == Place(TAIL + 1, 0)


def test_a_line_is_cut_where_its_looks_change() -> None:
    line = Line("abcdef", spans=(Span(1, 3, "bold"), Span(4, 6, "code")))
    cut = [(piece.text, piece.style, piece.over) for piece in pieces(line, 0, 5, [Span(2, 5, "match")])]
    assert cut == [("a", "", ""), ("b", "bold", ""), ("c", "bold", "match"), ("d", "", "match"), ("e", "code", "match")]


def test_a_hundred_thousand_columns_are_found_their_way_in() -> None:
    rows = wrapped(["漢w" * 50_000], 80)
    last = len(rows) - 1
    assert rows.row_of(Place(0, 99_999)) == last
    assert rows.place_in(rows.name(last), 1).column == rows.row(last).start + 1
