"""A log narrowed to some lines has them and their headings, and nothing else, however its lines come."""

from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_tui.store.line import LogLine
from skill_fleet_tui.store.narrowed import Narrowed
from skill_fleet_tui.store.outline import Folds
from tests.unit.store.test_outline import GENERATION, UNDERSTANDING, lines_of, outlined, two_phases

WORDS = ("hooks", "gather", "writing", "understanding", "e", "no such words")


def narrowed(lines: list[LogLine], words: str, folds: Folds) -> Narrowed:
    outline = Narrowed(folds, lambda text: words in text.lower())
    outline.take(lines)
    return outline


@given(st.sampled_from(WORDS), st.integers(0, 20), st.booleans())
def test_every_line_that_matches_is_there_and_others_only_as_headings(words: str, cut: int, details: bool) -> None:
    lines, folds = lines_of(two_phases()), Folds(details=details)
    outline = narrowed(lines[:cut], words, folds)
    outline.take(lines[cut:])
    whole = outlined(lines, folds)
    wanted = [entry for entry in whole.entries if words in entry.text.lower()]
    shown = [entry for entry in outline.entries if words in entry.text.lower()]
    assert shown == wanted
    assert {entry for entry in outline.entries if entry not in wanted} <= {
        whole.entries[number] for number in whole.keys
    }
    assert [lines[number] for number in outline.told] == outline.entries
    assert {key: outline.entries[number] for key, number in outline.numbers.items()} == {
        key: whole.entries[number] for key, number in whole.numbers.items() if key in outline.numbers
    }


def test_a_line_stands_under_its_phase_and_a_detail_under_its_module_too() -> None:
    lines = lines_of(two_phases())
    assert list(narrowed(lines, "writing", Folds()).numbers) == [GENERATION]
    found = narrowed(lines, "react", Folds(details=True))
    assert list(found.numbers) == [UNDERSTANDING, "module gather_requirements"]


def test_a_phase_of_which_nothing_is_shown_has_no_heading_and_changes_none() -> None:
    lines = lines_of(two_phases())
    outline = narrowed(lines, "no such words", Folds())
    assert outline.entries == []
    assert outline.open_phase == ""
    assert outline.take([]).changed == frozenset()
