import time
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_tui.text.search import Match, Search

TEXT = st.text(alphabet="aAbB İσΣς漢\u0301[", max_size=30)
LINES = st.lists(TEXT, max_size=8)
WORDS = st.text(alphabet="aAbBİiσΣ漢\u0301[", min_size=1, max_size=3)


def small(letter: str) -> str:
    return letter.lower() if len(letter.lower()) == 1 else letter


def obvious(words: str, text: str) -> list[tuple[int, int]]:
    """The slow way: at every place, letter by letter."""
    exact = any(small(letter) != letter for letter in words)
    same = (lambda a, b: a == b) if exact else (lambda a, b: small(a) == small(b))
    spans: list[tuple[int, int]] = []
    at = 0
    while at + len(words) <= len(text):
        if all(same(word, text[at + offset]) for offset, word in enumerate(words)):
            spans.append((at, at + len(words)))
            at += len(words)
        else:
            at += 1
    return spans


def all_of(words: str, lines: list[str]) -> list[Match]:
    return [Match(number, nth) for number, line in enumerate(lines) for nth in range(len(obvious(words, line)))]


def matches(search: Search) -> list[Match]:
    return [search.match(number) for number in range(search.total)]


@given(WORDS, TEXT)
def test_words_are_where_the_slow_way_finds_them(words: str, text: str) -> None:
    assert Search(words).spans(text) == obvious(words, text)


@given(WORDS, LINES, LINES, LINES)
def test_lines_that_come_later_and_the_tail_are_searched(
    words: str, first: list[str], later: list[str], tail: list[str]
) -> None:
    search = Search(words)
    search.add(first)
    search.set_tail(["aA漢", *tail])
    search.add(later)
    search.set_tail(tail)
    assert matches(search) == all_of(words, [*first, *later, *tail])


@given(WORDS, LINES.filter(bool), TEXT, st.data())
def test_a_line_that_changes_is_searched_anew(words: str, lines: list[str], text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    search = Search(words)
    search.add(lines)
    search.change(at, text)
    assert matches(search) == all_of(words, [*lines[:at], text, *lines[at + 1 :]])


@given(WORDS, LINES, LINES)
def test_a_match_knows_its_number(words: str, lines: list[str], tail: list[str]) -> None:
    search = Search(words)
    search.add(lines)
    search.set_tail(tail)
    assert [search.number_of(match) for match in matches(search)] == list(range(search.total))


@given(WORDS, TEXT, st.integers(0, 30), st.integers(0, 30))
def test_the_matches_of_a_row_are_those_that_reach_into_it(words: str, text: str, start: int, end: int) -> None:
    search = Search(words)
    reaching = [
        (nth, *span) for nth, span in enumerate(search.spans(text)) if span[0] < end and span[1] > start and start < end
    ]
    assert (search.spans_between(text, start, end) if start < end else []) == reaching


def test_capitals_count_only_where_the_words_have_some() -> None:
    assert Search("error").spans("Error, error") == [(0, 5), (7, 12)]
    assert Search("Error").spans("Error, error") == [(0, 5)]


def test_nothing_is_found_for_no_words() -> None:
    search = Search("")
    search.add(["a"])
    assert search.total == 0
    assert search.spans("a") == []


def test_a_hundred_thousand_lines_are_searched_between_two_keys() -> None:
    lines = [
        f"14:02:11 write_skill · attempt {number} · the Model wrote some eighty columns of text here"
        for number in range(100_000)
    ]
    plain = min(_seconds(lambda: sum("model" in line for line in lines)) for _ in range(3))
    searched = min(_seconds(lambda: Search("model").add(lines)) for _ in range(3))
    # A ratio, because machines differ: about 25 ms against 5 ms where this was written.
    assert searched < 20 * plain


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def test_a_megabyte_without_a_newline_is_searched() -> None:
    line = "wordİ " * 170_000
    search = Search("word")
    search.add([line])
    assert search.total == 170_000
    assert search.spans_between(line, 600_000, 600_012) == [(100_000, 600_000, 600_004), (100_001, 600_006, 600_010)]
