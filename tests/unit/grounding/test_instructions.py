"""What counts as an instruction, and on which line it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_server.grounding import instructions

HEAD = '---\nname: a\ndescription: "Use this when asked."\n---\n\n'


def said(body: str) -> list[tuple[str, int]]:
    return [(each.text, each.line) for each in instructions(HEAD + body)]


def test_list_items_and_steps_are_instructions_with_their_lines_in_the_file():
    body = "# Title\n\n- Read the file.\n- [ ] The sum is right\n\n1. First step\n   - nested one\n2. Second\n   step\n"
    assert said(body) == [
        ("Read the file.", 8),
        ("The sum is right", 9),
        ("First step", 11),
        ("nested one", 12),
        ("Second step", 13),
    ]


def test_of_paragraphs_only_sentences_that_tell_somebody_what_to_do():
    body = "Forms are old. Fill them with `pdftk`. They are\nfun. You must check the result. Never skip it."
    assert said(body) == [
        ("Fill them with pdftk.", 6),
        ("You must check the result.", 7),
        ("Never skip it.", 7),
    ]


@pytest.mark.parametrize(
    "body", ["# Run this\n", "```\n- run this\n```\n", "> Run this now.\n", "| run this |\n|---|\n", "- word\n"]
)
def test_headings_code_quotes_tables_and_single_words_are_none(body):
    assert said(body) == []


@given(text=st.text(max_size=300))
def test_any_text_can_be_read(text):
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= each.line <= lines and "\n" not in each.text for each in instructions(text))
