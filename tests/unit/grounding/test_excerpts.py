"""Sources become excerpts that can be cited, and the right ones are chosen for a prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.api import Source
from skill_fleet_server.grounding import Excerpt, cut, select
from skill_fleet_server.grounding.excerpts import CHARACTERS, LINES


def source(text: str, name: str = "notes.md") -> Source:
    return Source(name=name, text=text)


def test_a_short_source_is_one_excerpt_addressed_by_its_lines():
    [excerpt] = cut([source("\n\none\ntwo\n\nthree\n\n")])
    assert (excerpt.reference, excerpt.text) == ("notes.md:3-6", "one\ntwo\n\nthree")


def test_long_sources_are_cut_before_headings_else_at_blank_lines():
    sections = "\n\n".join(f"# Part {n}\n\n" + "\n".join(f"line {n}.{i}" for i in range(12)) for n in range(6))
    assert {excerpt.text.split("\n")[0][:6] for excerpt in cut([source(sections)])} == {"# Part"}
    paragraphs = "\n\n".join("\n".join(["words"] * 7) for _ in range(20))
    assert all(len(excerpt.text.split("\n")) % 8 == 7 for excerpt in cut([source(paragraphs)]))


@given(text=st.text(alphabet="a# \n\r", max_size=6_000).filter(str.strip), name=st.just("a:b/c.md"))
def test_excerpts_are_bounded_in_order_and_hold_every_line_that_says_something(text, name):
    excerpts = cut([source(text, name)])
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for excerpt in excerpts:
        assert len(excerpt.text) <= CHARACTERS
        assert excerpt.last - excerpt.first < LINES
        if len(lines[excerpt.first - 1]) <= CHARACTERS:
            assert excerpt.text == "\n".join(lines[excerpt.first - 1 : excerpt.last])
    covered = {number for excerpt in excerpts for number in range(excerpt.first, excerpt.last + 1)}
    assert {number for number, line in enumerate(lines, 1) if line.strip()} <= covered
    assert [excerpt.first for excerpt in excerpts] == sorted(excerpt.first for excerpt in excerpts)


def test_a_line_longer_than_an_excerpt_is_cut_into_several_of_that_line():
    excerpts = cut([source("short\n" + "x" * 4_500 + "\nshort")])
    assert [(excerpt.first, excerpt.last, len(excerpt.text)) for excerpt in excerpts] == [
        (1, 1, 5), (2, 2, 2_000), (2, 2, 2_000), (2, 2, 500), (3, 3, 5),
    ]  # fmt: skip


def excerpts_about(*topics: str) -> list[Excerpt]:
    return [Excerpt("s", number, number, f"{topic} " * 10) for number, topic in enumerate(topics, 1)]


def test_everything_is_chosen_when_everything_fits():
    excerpts = excerpts_about("invoice", "weather")
    assert select(excerpts, "anything", 10_000) == excerpts


def test_the_most_relevant_are_chosen_within_the_budget_in_their_own_order():
    excerpts = excerpts_about("weather", "invoice", "football", "refund invoice")
    chosen = select(excerpts, "how to refund an invoice", 230)
    assert [excerpt.first for excerpt in chosen] == [2, 4]


@pytest.mark.parametrize("budget", [0, 50, 100, 300])
def test_the_budget_is_never_exceeded(budget):
    chosen = select(excerpts_about("weather", "invoice", "football"), "", budget)
    assert sum(len(excerpt.text) for excerpt in chosen) <= budget
