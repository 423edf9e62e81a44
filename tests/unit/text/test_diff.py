"""Diffs: nothing is lost, what differs is told apart, and any text can be compared with any other."""

import re
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from skill_fleet_tui.text.diff import Fold, Row, counted, emphasis, folded, paired
from skill_fleet_tui.text.diff_lines import change_text, diff_lines
from skill_fleet_tui.text.styled import Line

TEXTS = st.lists(
    st.sampled_from(["", "a", "use hooks", "use hooks at the top", "漢字 e\u0301 👩\u200d👧", "\tx" * 9])
).map("\n".join)
LINES = st.text(alphabet="ab .\t漢-", max_size=40)
OLD = "# Hooks\n\none\ntwo\nthree\nfour\nfive\nsix\nCall hooks anywhere.\nThe end.\n"
NEW = "# Hooks\n\none\ntwo\nthree\nfour\nfive\nsix\nCall hooks at the top level.\nNever in a loop.\nThe end.\n"


def unfolded(shown: list[Row | Fold]) -> list[Row]:
    return [row for item in shown for row in (item.rows if isinstance(item, Fold) else (item,))]


@given(TEXTS, TEXTS)
def test_the_rows_are_both_texts(old: str, new: str) -> None:
    rows = paired(old, new)
    assert "\n".join(row.old for row in rows if row.old is not None) == old
    assert "\n".join(row.new for row in rows if row.new is not None) == new
    assert [row.old_number for row in rows if row.old is not None] == list(range(1, old.count("\n") + 2))
    assert [row.new_number for row in rows if row.new is not None] == list(range(1, new.count("\n") + 2))


@given(TEXTS, TEXTS)
def test_applying_what_came_and_went_gives_the_new_text(old: str, new: str) -> None:
    lines, at = old.split("\n"), 0
    for row in paired(old, new):
        if row.old is not None:
            assert lines[at] == row.old
            lines[at : at + 1] = [] if row.new is None else [row.new]
        elif row.new is not None:
            lines.insert(at, row.new)
        at += row.new is not None
    assert "\n".join(lines) == new


@given(TEXTS, TEXTS, st.integers(0, 4))
def test_folding_hides_unchanged_rows_only_and_loses_none(old: str, new: str, context: int) -> None:
    rows = paired(old, new)
    shown = folded(rows, context)
    assert unfolded(shown) == rows
    assert all(row.is_same for item in shown if isinstance(item, Fold) for row in item.rows)


@given(LINES, LINES)
def test_without_the_words_that_differ_two_lines_are_the_same(old: str, new: str) -> None:
    gone, came = emphasis(old, new)
    assert without(old, gone) == without(new, came)
    if old == new:
        assert not gone
        assert not came


def without(text: str, stretches: list[tuple[int, int]]) -> str:
    kept, at = [], 0
    for start, end in stretches:
        assert at <= start < end
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


@given(TEXTS, TEXTS, st.integers(20, 150))
def test_every_changed_line_is_shown_at_every_width(old: str, new: str, width: int) -> None:
    shown = diff_lines(old, new, width)
    added, removed = counted(paired(old, new))
    if old == new:
        assert shown == [Line("No change.", "empty")]
    text = "\n".join(line.lead + line.text for line in shown)
    assert len(re.findall(r"^ *\d* ?\+ ", text, re.MULTILINE)) == added or width >= 96
    assert len(re.findall(r"^ *\d* ?− ", text, re.MULTILINE)) == removed
    if width >= 96:
        assert {cell_len(line.text) <= width for line in shown} == {True}


def test_alike_lines_stand_in_one_row_and_a_new_one_alone() -> None:
    rows = [row for row in paired(OLD, NEW) if not row.is_same]
    assert rows == [
        Row("Call hooks anywhere.", "Call hooks at the top level.", 9, 9),
        Row(None, "Never in a loop.", 0, 10),
    ]
    assert change_text(OLD, NEW) == "+2 −1"


def test_side_by_side_and_inline_say_the_same() -> None:
    inline = [line.lead + line.text for line in diff_lines(OLD, NEW, 70)]
    assert inline == [
        "⋯ 5 unchanged lines",
        " 6   four",
        " 7   five",
        " 8   six",
        " 9 − Call hooks anywhere.",
        " 9 + Call hooks at the top level.",
        "10 + Never in a loop.",
        "11   The end.",
    ]
    beside = [re.sub(" +", " ", line.text).strip() for line in diff_lines(OLD, NEW, 100)]
    assert beside[4:6] == ["9 − Call hooks anywhere. │ 9 + Call hooks at the top level.", "│ 10 + Never in a loop."]


def test_the_words_that_differ_are_told_apart_without_colour_names_only() -> None:
    removed, added = (line for line in diff_lines(OLD, NEW, 70) if line.text.startswith("Call"))
    assert [removed.text[span.start : span.end] for span in removed.spans] == ["anywhere"]
    assert {span.style for span in added.spans} == {"added-word"}


def test_texts_of_any_shape_are_compared_in_good_time() -> None:
    endless = "w漢" * 500_000
    many = "\n".join(f"line {number % 7}" for number in range(6_000))
    other = "\n".join(f"line {number % 5}" for number in range(6_000))
    began = perf_counter()
    assert diff_lines(endless, endless + "x", 100)
    assert diff_lines(many, other, 100)
    assert diff_lines("", many, 60)
    assert perf_counter() - began < 20
