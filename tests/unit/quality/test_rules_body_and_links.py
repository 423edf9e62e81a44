"""B and L rules."""

import pytest

from skill_fleet_common.skills import Severity
from tests.unit.quality.builders import BODY, found, good


def lines_of(findings):
    return [(finding.rule, finding.line) for finding in findings]


def test_a_body_over_500_lines_is_a_warning_where_it_goes_over():
    assert lines_of(found(good(body="word\n" * 499), "B01")) == []
    assert lines_of(found(good(body="word\n" * 500), "B01")) == [("B01", 505)]


def test_a_body_over_5000_tokens_is_a_warning_and_a_sparse_one_is_mentioned():
    heavy, sparse = found(good(body="word " * 5_000), "B02"), found(good(body="word"), "B02")
    assert (heavy[0].severity, sparse[0].severity) == (Severity.WARNING, Severity.INFO)
    assert found(good(), "B02") == []


@pytest.mark.parametrize(("words", "severities"), [(650, []), (1_950, []), (2_100, [Severity.INFO])])
def test_a_body_beyond_the_size_that_helps_most_is_mentioned(words, severities):
    assert [finding.severity for finding in found(good(body="word " * words), "B02")] == severities


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("text\n\n```py\nx = 1\n", 8),
        ("```\na\n```\n\n```\nb\n", 10),
        ("````md\n```\nx\n```\n", 6),
        ("- item\n  ```\n  code\n", 7),
        ("~~~\ncode\n```\n", 6),
        ("```", 6),
    ],
)
def test_an_unclosed_fence_is_found_where_it_opens_and_is_an_error_in_a_draft(body, line):
    assert lines_of(found(good(body=body), "B05")) == [("B05", line)]
    assert [finding.severity for finding in found(good(body=body), "B05", profile="draft")] == [Severity.ERROR]


@pytest.mark.parametrize(
    "body",
    [
        "```py\nx\n```\n",
        "````md\n```\nx\n```\n````\n",
        "- a\n  ```\n  x\n  ```\n",
        "> ```\n> x\n> ```\n",
        "```\n```",
        "~~~\nx\n~~~~\n",
    ],
)
def test_closed_fences_pass(body):
    assert found(good(body=body), "B05") == []


@pytest.mark.parametrize("text", ["TODO: write", "lorem ipsum dolor", "[insert name here]", "{{ value }}", "- tbd"])
def test_placeholders_outside_code_are_warnings(text):
    assert lines_of(found(good(body=f"first\n\n{text}\n"), "B07")) == [("B07", 8)]


def test_placeholders_in_fenced_code_are_the_codes_own_business():
    assert found(good(body="```\n# TODO {{ x }}\n```\n"), "B07") == []


def test_links_lead_to_files_of_the_skill():
    body = "[there](references/a.md#part) [root](SKILL.md) [web](https://a.org) [here](#top)\n\n![gone](assets/x.png)\n"
    [finding] = found(good(body=body), "L01", files={"references/a.md": "# Part"})
    assert (finding.line, finding.text, finding.severity) == (8, "assets/x.png", Severity.WARNING)
    assert found(good(body=body), "L01", profile="draft")[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    "heading",
    [
        "## Fill it in",
        "## **Fill** it *in*!",
        "## `Fill` it: in?",
        "## 🚀 Fill it / in",
        "Fill it in\n---",
        "> ## Fill it in",
        "## Something else {#fill-it-in}",
        "<h2 align=center>Fill it in</h2>",
        '<a id="fill-it-in"></a>',
        "Text with an <a name='fill-it-in'></a> anchor.",
    ],
)
def test_an_anchor_is_any_heading_or_anchor_of_its_file(heading):
    body = f"Text.\n\n{heading}\n\nSee [it](#fill-it-in) and [it](SKILL.md#Fill-It-In).\n"
    assert found(good(body=body), "L01") == []


@pytest.mark.parametrize("link", ["#", "#top", "#:~:text=fill", "x.py#L10-L12", "https://a.org/#x", "references/#x"])
def test_links_to_the_top_to_lines_and_to_pages_need_no_heading(link):
    files = {"x.py": "pass", "references/a.md": "text"}
    assert found(good(body=f"Text. [x](<{link}>)\n"), "L01", files=files) == []


def test_a_link_to_a_heading_that_is_not_there_is_a_warning_with_the_nearest_and_an_error_in_a_draft():
    files = {"references/a.md": "# Names of fields\n\nBack to [steps](../SKILL.md#stepps).\n"}
    body = "# T\n\n## Steps\n\n[a](references/a.md#names-of-field) or [b](#nowhere-at-all)\n"
    nowhere, steps, names = sorted(found(good(body=body), "L01", files=files), key=lambda each: each.text)
    assert (names.line, names.text, names.severity) == (10, "references/a.md#names-of-field", Severity.WARNING)
    assert names.message == "The link leads to #names-of-field, and references/a.md has no such heading."
    assert names.fix == "Write #names-of-fields, or add the heading."
    assert nowhere.fix == "Link to a heading that is there, or add this one."
    assert (steps.path, steps.line) == ("references/a.md", 3)
    assert found(good(body=body), "L01", files=files, profile="draft")[0].severity is Severity.ERROR


def test_the_second_of_two_headings_of_one_name_has_a_number():
    body = "# T\n\n## Steps\n\n[1](#steps) [2](#steps-1) [3](#steps-2)\n\n## Steps\n"
    assert [finding.text for finding in found(good(body=body), "L01")] == ["#steps-2"]


def test_links_in_references_may_count_from_the_skill_or_from_their_folder():
    files = {"references/a.md": "[b](b.md) [b](references/b.md) [c](c.md)", "references/b.md": "x"}
    [finding] = found(good(body=BODY + "see references/a.md and references/b.md\n"), "L01", files=files)
    assert (finding.path, finding.text) == ("references/a.md", "c.md")


def test_percent_signs_and_folders_in_links_are_understood():
    body = "[a](references/my%20file.md) [folder](references/) [b](<references/my file.md>)"
    assert found(good(body=body), "L01", files={"references/my file.md": "x"}) == []


def test_files_that_the_text_mentions_are_there():
    body = "Run `scripts/fill.py`, read references/gone.md, keep references/*.md and https://x.org/scripts/no.py\n"
    [finding] = found(good(body=body), "L02", files={"scripts/fill.py": "pass"})
    assert "references/gone.md" in finding.message


@pytest.mark.parametrize("target", ["../other/a.md", "/etc/passwd", "references/../../x.md", "C:\\x.md", "~/notes.md"])
def test_links_that_lead_out_are_warnings_and_nothing_else(target):
    assert [finding.rule for finding in found(good(body=f"[x](<{target}>)"), "L01", "L03")] == ["L03"]


def test_references_lie_one_level_deep_and_are_named_in_the_main_file():
    files = {"references/deep/a.md": "x", "references/b.md": "[c](c.md)", "references/c.md": "x"}
    body = BODY + "\nRead references/deep/a.md or references/b.md.\n"
    deep, chain = sorted(found(good(body=body), "L04", files=files), key=lambda finding: finding.line or 0)
    assert deep.path == "references/deep/a.md"
    assert ("references/c.md" in chain.message, chain.path, chain.line) == (True, "references/b.md", 1)
    assert len(found(good(body=body + "Or references/c.md.\n"), "L04", files=files)) == 1
