"""The check runs every rule, sorts what they say, and survives any input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality import check, engine, parse, registry
from skill_fleet_server.quality.engine import Notice, Rule, rules
from tests.unit.quality.builders import found, good

pieces = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "---\n", "--- ", "name: a\n", "name: [a\n", "description: b: c\n", "description: |\n  x\n",
                "metadata:\n  a: {b: c}\n", "? [x]\n: y\n", "&a [*a]\n", "<<: *a\n", "!!python/object:os.system x\n",
                "%YAML 9.9\n", "\t", "\ufeff", "\0", "\r\n", "\u2028", "\ud800", "```\n", "````md\n", "~~~\n",
                "> > > - 1. ", "[x](y.md)", "![](<../../a b>)", "](", "[a]: /b\n", "<!-- ", "| a | b |\n|---|---|\n",
                "# ", "TODO", "{{", "C:\\x", "x" * 5000, "[" * 200, "- " * 200, "&" * 50,
            ]
        ),
        st.text(max_size=40),
    ),
    max_size=25,
)  # fmt: skip


def strictly(files: dict[str, str], directory: str) -> None:
    """Every rule of both profiles, without the engine's safety net."""
    skill = parse(files, directory)
    for profile in ("spec", "skills-ref"):
        for each in rules(profile):
            list(each.judge(skill))


@settings(max_examples=150, deadline=None)
@given(parts=pieces, other=pieces, directory=st.text(max_size=20))
def test_no_rule_fails_on_any_input(parts, other, directory):
    text = "".join(parts)
    strictly({"SKILL.md": text, "references/a.md": "".join(other)}, directory)
    strictly({"SKILL.md": f"---\n{text}\n---\n{''.join(other)}"}, directory)


@pytest.mark.parametrize("files", [{}, {"SKILL.md": ""}, {"skill.md": good()}, {"references/a.md": "text"}])
def test_a_skill_without_a_readable_main_file_is_one_error_not_a_crash(files):
    strictly(files, "pdf-forms")
    assert [finding.rule for finding in check(files, "pdf-forms") if finding.severity is Severity.ERROR] == ["F01"]


def test_deep_nesting_and_expanding_aliases_end_quickly():
    bomb = "\n".join(["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)])
    strictly({"SKILL.md": f"---\n{bomb}\n---\n"}, "a")
    strictly({"SKILL.md": "---\na: " + "[" * 4_000 + "\n---\n"}, "a")
    strictly({"SKILL.md": "---\nname: a\n---\n" + "> " * 5_000 + "x\n" + "x" * 300_000}, "a")


def test_errors_come_first_then_warnings_each_in_reading_order():
    text = good(body="TODO one\n\n[gone](references/gone.md)\n\nTODO two\n\n```\nopen\n")
    ranked = [(list(Severity).index(finding.severity), finding.line) for finding in found(text)]
    assert ranked == sorted(ranked)
    assert {finding.rule for finding in found(text)} >= {"L01", "B05", "B07"}


def test_a_rule_that_fails_does_not_hide_the_others(monkeypatch):
    def broken(_skill):
        yield Notice(message="seen")
        raise RuntimeError("odd input")

    bad = Rule(id="Q99", family="test", severity=Severity.ERROR, source="", profiles=frozenset({"spec"}), judge=broken)
    monkeypatch.setitem(registry.REGISTERED, "Q99", bad)
    rules_found = {finding.rule for finding in check({"SKILL.md": ""}, "a")}
    assert rules_found >= {"Q99", "F01"}


def test_ids_are_unique_and_every_rule_has_a_family_and_a_source():
    every = [*rules("spec"), *rules("skills-ref")]
    assert len({each.id for each in every}) == len(every)
    assert all(each.family in registry.FAMILIES and each.source for each in every)
    with pytest.raises(ValueError, match="two rules F01"):
        engine.Rule("F01", "frontmatter", Severity.ERROR, source="")(lambda _skill: [])


def test_an_unknown_profile_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="choose one of claude, codex"):
        check({}, "a", profile="fantasy")


def test_offending_text_is_shown_short_and_on_one_line():
    finding = found(good(description="x" * 2000), "D03")[0]
    assert len(finding.text) <= registry.SHOWN_CHARACTERS
    assert finding.severity is Severity.ERROR
