"""The `skills-ref` profile gives the reference validator's verdict, and what we write passes it."""

import itertools
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from skills_ref import validate

from skill_fleet_server.library import Drafts
from skill_fleet_server.quality import check, skill_md, suggest_description, suggest_name
from tests.unit.quality.builders import BODY, DESCRIPTION, frontmatter, good, skill_text

MUTATIONS = {
    "as it is": good(),
    "no frontmatter": "# Title\n",
    "empty": "",
    "blank line first": "\n" + good(),
    "byte order mark": "\ufeff" + good(),
    "crlf": good().replace("\n", "\r\n"),
    "unclosed": "---\nname: pdf-forms\ndescription: d\n",
    "closed on the same line": "---\nname: pdf-forms\ndescription: d---",
    "text after the opening": "--- \nname: pdf-forms\ndescription: d\n---\n",
    "text after the closing": "---\nname: pdf-forms\ndescription: d\n--- more\n",
    "dashes in a plain description": skill_text("name: pdf-forms\ndescription: a --- b"),
    "dashes in a quoted description": skill_text('name: pdf-forms\ndescription: "a --- b"'),
    "not a mapping": skill_text("- a"),
    "a scalar": skill_text("text"),
    "nothing but a comment": skill_text("# text"),
    "no fields": "---\n---\nbody\n",
    "two documents": "---\nname: pdf-forms\ndescription: d\n...\nx: y\n---\n",
    "tab indent": skill_text("name: pdf-forms\ndescription: d\nmetadata:\n\ta: b"),
    "tab before value": skill_text("name:\tpdf-forms\ndescription: d"),
}
NAMES = [
    "pdf-forms", "'pdf-forms'", "PDF-forms", "-pdf", "pdf-", "pdf--forms", "pdf_forms", "pdf forms", "x" * 64,
    "x" * 65, "123", "true", "2026-01-01", "null", "~", "", '""', '" "', "мой-навык", "技能", "Ünï", "ünï", "ﬁle",
    "x²", "हिन्दी", "[a]", "{a: b}", "&a b", "*a", "!!str a", "|\n  pdf-forms", ">-\n  pdf-forms", "\n  - a",
    "\n  a: b", "pdf-forms # comment", "'", "@a", "`a`", "%a",
]  # fmt: skip
DESCRIPTIONS = [
    "d", "'it''s'", '"a: b"', "a: b", "a #b", "", '""', '"  "', "x" * 1024, "x" * 1025, "|\n  " + "x" * 1024,
    "|-\n  " + "x" * 1024, ">-\n  two\n  lines", "two\n  lines", "two\nlines", "[a, b]", "{}", "- a", "\n  - a",
    "\n  a: b", "12", "true", "null", "<b>", "ü 技能 😀", "&x d", "*x", "!x d", "!!binary eA==", '"\\x07"', '"\\u2028"',
    "a\u2028b", "a\x07b", '"open', "'open", "a\\", "? a", "a ? b", "a, b", "[a", "x]", "a & b", "%d", '"a\\qb"', "=",
    "<<", "1_000", "0x1F", "12:30:45", ".inf",
]  # fmt: skip
EXTRAS = [
    "version: 1", "author: x", "license: MIT", "license:\n  - a", "license: [a]", "compatibility: c",
    "compatibility:", "compatibility: " + "x" * 500, "compatibility: " + "x" * 501, "compatibility:\n  - a",
    "compatibility:\n  a: b", "allowed-tools: Read", "allowed-tools:\n  - Read", "allowed-tools: [Read]",
    "allowed-tools: Bash(git:*)", "metadata:\n  a: b", "metadata:\n  a: 1", "metadata: {}", "metadata: text",
    "metadata:", "metadata:\n  a:\n    b: c", "metadata:\n  a:\n    - b", "metadata:\n  a: {b: c}",
    "metadata:\n  a: b\n  a: c", "name: again", "description: again", "metadata:\n  a:\n    x: y\n  b:\n      x: y",
    "metadata:\n- a\n- b", "metadata:\n  ? a\n  : b", "? [a]\n: b", "? - a\n: b", "<<: x", "1: x", "# comment",
    "metadata: &m\n  a: b", "metadata:\n  a: *m", "license: !!str x", "license: x\n\n\n", " license: x",
    "license: 'x", "license: x: y", '"license": x', "'version': x", "metadata:\n  \"a b\": c",
    "metadata:\n    a: b\n  c: d", "license: |2\n    x", "license: x\n...", "%YAML 1.2", "license: >\n\n  x\n",
]  # fmt: skip


def cases() -> list:
    found = dict(MUTATIONS)
    found |= {f"name {name!r:.40}": skill_text(f"name: {name}\ndescription: d") for name in NAMES}
    found |= {f"description {text!r:.40}": skill_text(f"name: pdf-forms\ndescription: {text}") for text in DESCRIPTIONS}
    found |= {f"extra {extra!r:.40}": good(extra=extra) for extra in EXTRAS}
    return [pytest.param(text, id=f"{number}-{label}") for number, (label, text) in enumerate(found.items())]


def reference_passes(directory: Path, text: str, file: str = "SKILL.md") -> bool:
    directory.mkdir(parents=True)
    (directory / file).write_bytes(text.encode())
    try:
        return validate(directory) == []
    except Exception:
        return False


def we_pass(text: str, directory: str, file: str = "SKILL.md") -> bool:
    return check({file: text}, directory, profile="skills-ref") == []


@pytest.mark.parametrize("text", cases())
def test_the_verdict_is_the_same(text, tmp_path):
    assert we_pass(text, "pdf-forms") is reference_passes(tmp_path / "pdf-forms", text)


@pytest.mark.parametrize(
    "name", ["x" * 64, "x" * 65, "мой-навык", "技能", "ünï", "ﬁle", "x²", "हिन्दी", "ａｂ", "a--b", "A"]
)
@pytest.mark.parametrize("directory", ["same", "normalised"])
def test_the_verdict_on_names_equal_to_their_directory_is_the_same(name, directory, tmp_path):
    folder = name if directory == "same" else unicodedata.normalize("NFKC", name)
    text = skill_text(f"name: {name}\ndescription: d")
    assert we_pass(text, folder) is reference_passes(tmp_path / folder, text)


@pytest.mark.parametrize("file", ["SKILL.md", "skill.md", "Skill.md"])
def test_the_verdict_on_the_main_files_name_is_the_same(file, tmp_path):
    assert we_pass(good(), "pdf-forms", file) is reference_passes(tmp_path / "pdf-forms", good(), file)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), description=st.sampled_from(DESCRIPTIONS), extra=st.sampled_from(EXTRAS))
def test_the_verdict_on_combinations_is_the_same(name, description, extra, tmp_path_factory):
    text = skill_text(f"name: {name}\ndescription: {description}\n{extra}")
    assert we_pass(text, "pdf-forms") is reference_passes(tmp_path_factory.mktemp("skill") / "pdf-forms", text)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text(max_size=1500), body=st.text(max_size=200), value=st.text(max_size=50))
def test_what_we_write_as_a_draft_passes_whatever_it_is_made_of(said, body, value, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("data")
    name = suggest_name(said)
    text = skill_md(name, suggest_description(said), body, metadata={"made-of": value}, license=value)
    written = data_dir / Drafts(data_dir).write("job-1", name, {"SKILL.md": text})
    assert validate(written) == []


def test_no_errors_in_our_profile_means_none_in_the_reference_validator(tmp_path):
    texts = [
        skill_text(f"name: {name}\ndescription: {description}\n{extra}")
        for name, description, extra in itertools.chain(
            itertools.product(["pdf-forms"], DESCRIPTIONS, ["license: MIT"]),
            itertools.product(NAMES, [f'"{DESCRIPTION}"'], ["license: MIT"]),
            itertools.product(["pdf-forms"], [f'"{DESCRIPTION}"'], EXTRAS),
        )
    ] + list(MUTATIONS.values())
    accepted = [
        text for text in texts if all(found.severity != "error" for found in check({"SKILL.md": text}, "pdf-forms"))
    ]
    refused = [
        text for number, text in enumerate(accepted) if not reference_passes(tmp_path / str(number) / "pdf-forms", text)
    ]
    assert len(accepted) > 20
    assert refused == []


def test_the_builders_skill_is_valid(tmp_path):
    assert reference_passes(tmp_path / "pdf-forms", skill_text(frontmatter(), BODY))
