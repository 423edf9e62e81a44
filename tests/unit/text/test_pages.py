"""Documents as lines: every line knows where it comes from, and marks stand where their instructions are."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_tui.text import marks
from skill_fleet_tui.text.code import coloured_code
from skill_fleet_tui.text.marks import Excerpt
from skill_fleet_tui.text.pages import LINE_CHARACTERS, code_page, excerpt_page, placed, rendered_page, source_page
from skill_fleet_tui.text.tree import tree

SKILL = """---
name: hooks
description: "Write hooks."
---

# Hooks

Call hooks at the top.
Never call them in a loop.

- name hooks `use…`, so that everybody who reads the component knows at once what they are
- test them

```python
use()
```
"""


def said(line: int, origin: Origin = Origin.SOURCE, reference: str = "guide.md:10-14", **more: object) -> Provenance:
    return Provenance.model_validate({"text": "x", "line": line, "origin": origin, "reference": reference, **more})


def test_a_source_page_counts_lines_as_the_file_does() -> None:
    page = source_page(SKILL)
    shown = {number: line.text for line, number in zip(page.lines, page.numbers, strict=True) if number}
    lines = SKILL.split("\n")
    assert all(lines[number - 1] == text for number, text in shown.items())
    assert shown[8] == "Call hooks at the top."


@pytest.mark.parametrize("width", [30, 80])
def test_marks_stand_where_their_instructions_are_rendered(width: int) -> None:
    page = rendered_page(SKILL, width)
    found = placed(page.numbers, marks.by_line([said(8), said(11), said(12)]))
    texts = [page.lines[at].text.strip() for at, _ in found]
    assert texts[0].startswith("Call hooks at the top.")
    assert texts[1].startswith("• name hooks")
    assert texts[2].startswith("• test them")


@given(st.lists(st.integers(1, 400), max_size=8), st.integers(10, 120))
def test_marks_are_placed_on_lines_that_there_are(lines: list[int], width: int) -> None:
    page = rendered_page(SKILL, width)
    found = placed(page.numbers, marks.by_line([said(line) for line in lines]))
    assert all(0 <= at < len(page.lines) for at, _ in found)
    assert sum(len(each) for _, each in found) == sum(line >= 6 for line in lines)


def test_an_excerpt_is_set_off() -> None:
    page = excerpt_page("a\nb\nc\nd", 2, 3)
    assert [line.style for line in page.lines] == ["", "cited", "cited", ""]


def test_where_an_instruction_comes_from_is_said() -> None:
    quoted = said(1, quote="call  hooks\nat the top", verified=True)
    assert marks.told(quoted) == "§ guide.md:10-14, word for word: “call hooks at the top”"
    assert marks.told(said(1)) == "§ guide.md:10-14, not found there word for word"
    assert marks.told(said(1, Origin.ANSWER, "Which React?")) == "» your answer to “Which React?”"
    assert marks.told(said(1, Origin.MODEL, "", confirmed=True)).endswith("general knowledge, confirmed by a person")


def test_of_several_instructions_on_a_line_that_is_marked_which_needs_eyes() -> None:
    own = said(1, Origin.MODEL, id="1.2")
    assert marks.mark([said(1), own]) == "model"
    assert marks.mark([said(1), own], cut=["1.2"]) == "cut"
    assert marks.mark([own], confirmed=["1.2"]) == "confirmed"
    assert marks.mark([said(1, id="1")]) == "source"


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("guide.md:10-14", Excerpt("guide.md", 10, 14)),
        ("a:b:1-2", Excerpt("a:b", 1, 2)),
        ("../x:1-2", Excerpt("../x", 1, 2)),
        ("guide.md", None),
        ("guide.md:99999999999999999999-2", None),
        ("", None),
    ],
)
def test_a_reference_names_lines_of_a_source(reference: str, found: Excerpt | None) -> None:
    assert marks.excerpt(said(1, reference=reference)) == found


def test_code_is_coloured_by_its_name_and_plain_where_that_says_nothing() -> None:
    text = "def f():\n    '''two\n    lines'''\n\n    return 1  # one\n"
    lines = coloured_code("scripts/check.py", text)
    assert "\n".join(line.text for line in lines) == text
    assert [lines[0].text[span.start : span.end] for span in lines[0].spans] == ["def", "f"]
    assert {span.style for span in lines[2].spans} == {"string"}
    assert {span.style for span in lines[4].spans} == {"keyword", "number", "comment"}
    assert not any(line.spans for line in coloured_code("assets/unknown.qqq", text))


@given(st.text(alphabet="ab '\"#\n\t漢\\{", max_size=80), st.sampled_from(["a.py", "a.json", "a.sh", "a.yaml", "b"]))
def test_no_code_loses_a_character(text: str, path: str) -> None:
    assert "\n".join(line.text for line in coloured_code(path, text)) == text.replace("\t", "    ")


@pytest.mark.parametrize(
    "text",
    ["w漢" * 500_000, "[" * 1_000_000, "`" * 100_000, "x\n" * 200_000],
    ids=["wide", "brackets", "ticks", "lines"],
)
def test_no_shape_of_text_takes_long(text: str) -> None:
    began = perf_counter()
    source_page(text)
    code_page("a.py", text)
    assert perf_counter() - began < 10
    assert max(len(line.text) for line in source_page(text).lines) <= LINE_CHARACTERS + 40


def test_files_stand_in_their_folders() -> None:
    rows = tree(["SKILL.md", "references/a.md", "references/deep/b.md", "scripts/check.py"])
    assert [(row.depth, row.label, row.path) for row in rows] == [
        (0, "SKILL.md", "SKILL.md"),
        (0, "references/", ""),
        (1, "a.md", "references/a.md"),
        (1, "deep/", ""),
        (2, "b.md", "references/deep/b.md"),
        (0, "scripts/check.py", "scripts/check.py"),
    ]


@given(st.lists(st.sampled_from(["a", "b", "a/b", "a/b/c", "/", "//x", "a//b", "", "../x"]), unique=True))
def test_every_file_has_one_row(paths: list[str]) -> None:
    assert [row.path for row in tree(paths) if row.path] == [path for path in paths if path]
