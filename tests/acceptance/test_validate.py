"""`skill-fleet validate` as people and CI use it: on directories, without any server."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from skill_fleet_server.cli import exits as our_exits
from skill_fleet_tui.cli.exits import Exit
from tests.support.program import COMMAND, SECONDS
from tests.support.skills import good_skill
from tests.support.terminal import Terminal

WRONG = """---
name: Sorting
version: 1.0
description: "Sorts files by name. Use when a folder is in disorder."
---

# Sort

Text.
"""
"""A name with a capital, and a field that the specification does not have."""

SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"pattern": "sarif.*2.1.0"},
        "runs": {
            "minItems": 1,
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": {"required": ["text"]},
                                                "fullDescription": {"required": ["text"]},
                                                "defaultConfiguration": {
                                                    "properties": {
                                                        "level": {"enum": ["none", "note", "warning", "error"]}
                                                    }
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                        "required": ["driver"],
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "level", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"required": ["text"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "locations": {
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": ["uri"],
                                                        "properties": {"uri": {"pattern": r"^[!-~]+$"}},
                                                    },
                                                    "region": {
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        },
                                                    },
                                                },
                                            }
                                        },
                                    }
                                },
                            },
                        }
                    },
                },
            },
        },
    },
}
"""The parts of the SARIF 2.1.0 schema that we write, with its constraints."""


def validate(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "validate", *map(str, arguments)],
        capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL, cwd=cwd,
    )  # fmt: skip


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    directory = tmp_path / "sorting-files"
    directory.mkdir()
    (directory / "SKILL.md").write_text(WRONG)
    return directory


def test_a_good_skill_has_no_errors_and_code_0(tmp_path: Path) -> None:
    ran = validate(good_skill(1).write(tmp_path))
    assert (ran.returncode, ran.stderr) == (Exit.OK, "")
    assert ran.stdout.splitlines()[-1] == "1 skill: no errors · nothing found"


def test_a_reader_who_has_had_enough_is_not_complained_about(wrong: Path) -> None:
    ran = subprocess.Popen(
        [*COMMAND, "validate", str(wrong), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert ran.stdout
    ran.stdout.close()
    assert (ran.communicate(timeout=SECONDS)[1], ran.returncode) == ("", Exit.FAILED)


def test_each_finding_has_its_place_its_line_why_and_what_to_do(wrong: Path) -> None:
    ran = validate(wrong)
    assert ran.returncode == Exit.NEEDS_REVIEW
    at = ran.stdout.index("F02")
    said = ran.stdout[at:]
    for part in (
        "SKILL.md:3:1",
        "3 │ version: 1.0",
        "fix │ Move it under metadata",
        "--fix does it",
        "why │ Only the six",
    ):
        assert part in said
    assert "\x1b" not in ran.stdout


def test_from_inside_the_skill_its_directory_has_its_name(tmp_path: Path) -> None:
    assert validate(".", cwd=good_skill(1).write(tmp_path)).returncode == Exit.OK
    assert validate("SKILL.md", cwd=good_skill(2).write(tmp_path)).returncode == Exit.OK


def test_profiles_differ(wrong: Path) -> None:
    assert validate(wrong, "--profile", "codex").returncode == Exit.OK
    assert validate(wrong, "--profile", "skills-ref").returncode == Exit.NEEDS_REVIEW
    assert validate(wrong, "--profile", "codex", "--strict").returncode == Exit.NEEDS_REVIEW


def test_the_matrix_has_a_row_for_every_client_with_what_it_does_and_why(wrong: Path) -> None:
    rows = [line for line in validate(wrong, "--matrix").stdout.splitlines() if line.startswith(("  ✓", "  ~", "  ✗"))]
    assert [line[:3].strip() for line in rows] == ["✗", "✗", "~", "✓", "~", "✓"]
    assert "It is called sorting-files, after the directory." in rows[4]


def test_the_matrix_of_several_skills_is_a_table_of_marks(wrong: Path, tmp_path: Path) -> None:
    good_skill(1).write(tmp_path)
    table = validate(tmp_path, "--matrix").stdout.splitlines()
    assert [line.split()[-6:] for line in table[1:3]] == [["✓"] * 6, ["✗", "✗", "~", "✓", "~", "✓"]]
    assert "Codex         2 loads" in table


def test_json_is_a_line_for_each_skill(wrong: Path, tmp_path: Path) -> None:
    good_skill(1).write(tmp_path)
    ran = validate(tmp_path, "--json", "--matrix")
    rows = {row["name"]: row for row in map(json.loads, ran.stdout.splitlines())}
    assert {name: row["ok"] for name, row in rows.items()} == {good_skill(1).name: True, "Sorting": False}
    version = next(found for found in rows["Sorting"]["findings"] if found["rule"] == "F02")
    assert (version["line"], version["source_line"], version["fixable"]) == (3, "version: 1.0", True)
    assert len(rows["Sorting"]["matrix"]) == 6


def test_skills_are_held_against_each_other_last(tmp_path: Path) -> None:
    good_skill(1).write(tmp_path / "a")
    second = good_skill(1).write(tmp_path / "b")
    good_skill(2).write(tmp_path / "b")
    (second / "SKILL.md").write_text((second / "SKILL.md").read_text() + "\nOne more line.\n")
    ran = validate("a", "b", cwd=tmp_path)
    assert ran.returncode == Exit.NEEDS_REVIEW
    said = ran.stdout[ran.stdout.index("beside the others") :]
    for part in ("N05", "SKILL.md:2:7", f"There is another skill of this name: a/{second.name}.", "Rename one"):
        assert part in said
    assert "3 skills: 2 without errors, 1 with" in said
    last = json.loads(validate("a", "b", "--json", cwd=tmp_path).stdout.splitlines()[-1])
    assert (last["path"], last["together"], last["ok"]) == (f"b/{second.name}", True, False)
    [result] = json.loads(validate("a", "b", "--sarif", cwd=tmp_path).stdout)["runs"][0]["results"][-1:]
    assert result["ruleId"] == "N05"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == f"b/{second.name}/SKILL.md"


def test_sarif_is_valid_and_relative_to_where_it_was_made(wrong: Path, tmp_path: Path) -> None:
    (wrong / "references").mkdir()
    (wrong / "references" / "ein Blatt ü.md").write_text("See /Users/maria/x\n")
    ran = validate(".", "--sarif", cwd=tmp_path)
    document = json.loads(ran.stdout)
    jsonschema.validate(document, SARIF)
    [run] = document["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    addresses = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert addresses == {"sorting-files/SKILL.md", "sorting-files/references/ein%20Blatt%20%C3%BC.md"}


def test_fix_writes_what_it_shows_and_is_checked_again(wrong: Path) -> None:
    ran = validate(wrong, "--fix", "--yes")
    assert ran.returncode == Exit.OK
    assert "-version: 1.0\n" in ran.stderr
    assert '+  version: "1.0"\n' in ran.stderr
    text = (wrong / "SKILL.md").read_text()
    assert "name: sorting-files\n" in text
    assert 'metadata:\n  version: "1.0"\n' in text
    assert os.listdir(wrong) == ["SKILL.md"]


def test_fix_of_one_rule_leaves_the_rest(wrong: Path) -> None:
    assert validate(wrong, "--fix", "--yes", "--rule", "F02").returncode == Exit.NEEDS_REVIEW
    assert "name: Sorting\n" in (wrong / "SKILL.md").read_text()


def test_fix_asks_and_no_is_no(wrong: Path) -> None:
    with Terminal([*COMMAND, "validate", str(wrong), "--fix"], dict(os.environ)) as terminal:
        terminal.expect("apply the fixes of F02, N01?")
        terminal.enter("n")
        terminal.expect("1 skill: with errors")
    assert (wrong / "SKILL.md").read_text() == WRONG


def test_fix_writes_through_no_link(wrong: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text(WRONG)
    (wrong / "SKILL.md").unlink()
    (wrong / "SKILL.md").symlink_to(outside)
    assert validate(wrong, "--fix", "--yes").returncode == Exit.NEEDS_REVIEW
    assert outside.read_text() == WRONG


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nothing-here"], Exit.NOT_FOUND, "There is nothing at nothing-here."),
        (["notes.txt"], Exit.USAGE, "name the skill's directory"),
        (["."], Exit.NEEDS_REVIEW, ""),
        ([".", "--fix"], Exit.USAGE, "add --yes"),
        ([".", "--rule", "F02"], Exit.USAGE, "go with --fix"),
        ([".", "--fix", "--yes", "--rule", "D01"], Exit.USAGE, "no fix for D01"),
        ([".", "--profile", "fantasy"], Exit.USAGE, "invalid choice"),
        ([], Exit.USAGE, "PATH"),
    ],
)
def test_what_does_not_fit_is_said(arguments: list[str], code: Exit, said: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    ran = validate(*arguments, cwd=tmp_path)
    assert ran.returncode == code
    assert said in ran.stderr


def test_a_secret_is_never_shown(wrong: Path) -> None:
    secret = "ghp_" + "k3Jf8Qm2Zx7Vb4Nw9Rt5Ly6Ph1Gd0Sc2Ba7Ex"
    (wrong / "SKILL.md").write_text(f"{WRONG}\nUse {secret} at /Users/maria/x.\n")
    for flags in ([], ["--json"], ["--sarif"], ["--fix", "--yes"]):
        ran = validate(wrong, *flags)
        assert "Z01" in ran.stdout
        assert secret[6:] not in ran.stdout + ran.stderr


def test_what_a_terminal_would_act_on_is_shown_as_a_mark(wrong: Path) -> None:
    (wrong / "SKILL.md").write_text(WRONG.replace("version: 1.0", "version\x1b[31m: [bold]1"))
    ran = validate(wrong)
    assert "\x1b" not in ran.stdout
    assert "[bold]" in ran.stdout


def test_hundreds_of_skills_are_checked_side_by_side_in_order(tmp_path: Path) -> None:
    names = sorted(good_skill(number).write(tmp_path).name for number in range(120))
    rows = [json.loads(line) for line in validate(tmp_path, "--json").stdout.splitlines()]
    assert [row["name"] for row in rows if not row.get("together")] == names


def test_on_a_terminal_many_skills_have_a_progress_bar(tmp_path: Path) -> None:
    for number in range(60):
        good_skill(number).write(tmp_path)
    with Terminal([*COMMAND, "validate", str(tmp_path)], dict(os.environ)) as terminal:
        terminal.expect("checking")
        terminal.expect("60 skills: all without errors")


def test_the_exit_codes_are_those_of_the_program() -> None:
    for ours in our_exits.Exit:
        assert Exit(ours.value).name == ours.name
