"""B09, X03 and X04: what is true only for now, what agents cannot run, what is fetched in any version."""

import pytest

from skill_fleet_common.skills import Severity
from tests.unit.quality.builders import BODY, found, good


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Until March 2026 use the old form.", Severity.WARNING),
        ("Tables are currently not supported.", Severity.INFO),
        ("At the time of writing there are three viewers.", Severity.INFO),
        ("The option was recently renamed.", Severity.INFO),
        ("The latest stable version is 3.2.", Severity.INFO),
    ],
)
def test_what_will_not_be_true_for_long_is_noticed_with_its_line(text, severity):
    [finding] = found(good(body=f"# T\n\nOne line.\n{text}\n"), "B09")
    assert (finding.severity, finding.line) == (severity, 9)
    assert found(good(body=f"# T\n\n## Old versions\n\n{text}\n"), "B09") == []


@pytest.mark.parametrize(
    "text",
    [
        "Open the currently selected row.",
        "Say which files are currently open.",
        "Use the latest file of the folder.",
        "Install the latest version.",
        "Sort by recently changed.",
        "List the latest release's notes.",
        "```\nThis is currently not supported.\n```",
    ],
)
def test_what_is_so_at_any_time_is_left_alone(text):
    assert found(good(body=f"# T\n\n{text}\n"), "B09") == []


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("npx eslint .", "eslint@VERSION"),
        ("npx -y create-app@latest x", "create-app@VERSION"),
        ("npx --package=@scope/a a", "@scope/a@VERSION"),
        ("cd a && uvx ruff check", "ruff==VERSION"),
        ("pipx run --spec black black .", "black==VERSION"),
        ("$ uv tool install ruff", "ruff==VERSION"),
    ],
)
def test_a_program_that_is_fetched_without_a_version_is_mentioned_once(command, named):
    body = f"{BODY}\nRun\n`{command}`.\n\n```sh\nls\n{command}\n```\n"
    [finding] = found(good(body=body), "X04")
    assert (finding.severity, finding.line) == (Severity.INFO, 8 + BODY.count("\n"))
    assert finding.fix == f"Name the version you tried: {named}."


@pytest.mark.parametrize(
    "command",
    [
        "npx eslint@9.0.0 .",
        "npx @scope/a@1 b",
        "npx -p a@2 b",
        "npx --no-install tsc",
        "npx ./tools/a",
        "npx <package>",
        "npx",
        "uvx ruff==0.5 check",
        "uvx --with a --from b==1 c",
        "uvx --from git+https://a.org/b c",
        'pipx install "black==24.1"',
        "man npx eslint",
    ],
)
def test_a_version_a_local_program_and_a_placeholder_pass(command):
    assert found(good(body=f"{BODY}\nRun `{command}`.\n"), "X04") == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys\nprint(sys.argv[1])\n", 1),
        ("import sys\nfor each in sys.argv[1:]:\n    print(each)\n", 1),
        ("import sys\nif not sys.argv[1:]:\n    sys.exit('Usage: a.py FILE')\n", 0),
        ("import argparse, sys\nargparse.ArgumentParser().parse_args(sys.argv[1:])\n", 0),
        ("print(1)\n", 0),
    ],
)
def test_a_script_that_takes_arguments_says_which(script, said):
    findings = found(good(), "X03", files={"scripts/a.py": f"#!/usr/bin/env python3\n{script}"})
    assert [finding.severity for finding in findings] == [Severity.INFO] * said


def test_an_unquoted_number_sign_that_cuts_the_description_is_said_where_it_stands():
    text = "---\nname: pdf-forms\ndescription: Fills form #4 of the office. Use when asked for it.\n---\n# T\n"
    [finding] = found(text, "F05")
    assert (finding.severity, finding.line, finding.column) == (Severity.WARNING, 3, 25)
    assert "“#4 of the office. Use when asked for it.” for a comment" in finding.message
    assert found(text.replace("form #4", "form#4"), "F05") == []
