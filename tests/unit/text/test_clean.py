"""No text may reach a terminal with anything in it that the terminal obeys or the reader cannot see."""

import json
import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skill_fleet_tui.text.clean import clean, clean_json, clean_line, is_clean_json, mask

OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\ufeff\ud800-\udfff]")
PIECES = ["\x1b", "[", "]", "31m", "\x9b", "\x9d", "\x07", "\x1b\\", "\r", "\n", "\t", "a", "é", "\u202e", "😀", "\x90"]
hostile = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=30).map("".join)


@given(hostile)
@example("\r\x1b[0m\n")
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    assert not OBEYED.search(clean(text))


@given(hostile)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(st.text(string.printable.replace("\r", "").replace("\x0b", "").replace("\x0c", "")))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("text", ["👩‍👩‍👧 family", "ما‌شاءالله", "naïve café", "日本語", "a\tb\n"])
def test_what_scripts_and_emoji_need_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]52;c;aGk=\x1b\\after", "after"),
        ("\x9d0;title\x9cafter", "after"),
        ("\x1bPq#0\x1b\\after", "after"),
        ("one\r\ntwo", "one\ntwo"),
        ("\x1b]0;never ended\nthe rest", "0;never ended\nthe rest"),
        ("gpj\u202ejpg", "gpj\ufffdjpg"),
        ("back\x08space", "back\ufffdspace"),
    ],
)
def test_sequences_go_and_other_controls_are_seen(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_line_is_one_line() -> None:
    assert clean_line("one \n\n two\tthree\x1b[2J") == "one two three"


@given(hostile)
def test_masking_keeps_the_length(text: str) -> None:
    assert len(mask(text)) == len(text)
    assert not OBEYED.search(mask(text))


def test_every_string_of_a_json_value_is_cleaned() -> None:
    assert clean_json({"a\x1b[1m": ["\x07", {"b": "\x9b5n", "c": 1, "d": None, "e": True}]}) == {
        "a": ["\ufffd", {"b": "", "c": 1, "d": None, "e": True}]
    }


@given(hostile, st.booleans())
def test_json_called_clean_holds_nothing_to_clean(text: str, ascii_only: bool) -> None:
    encoded = json.dumps(text, ensure_ascii=ascii_only)
    if is_clean_json(encoded):
        assert clean(json.loads(encoded)) == text
