"""Tasks are read strictly, and code grades what code can."""

from pathlib import Path

import pytest

from skill_fleet_server.errors import Invalid
from skill_fleet_server.evaluation.graders import holds
from skill_fleet_server.evaluation.tasks import Check, load_tasks

GOOD = "tasks:\n  - id: one\n    prompt: Log a payment.\n    checks:\n      - contains: request id\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tasks.yaml"
    path.write_text(text)
    return path


def test_tasks_are_read_with_their_checks(tmp_path: Path) -> None:
    [task] = load_tasks(written(tmp_path, GOOD))
    assert (task.id, task.checks[0].said) == ("one", "contains: request id")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tasks: [", "YAML"),
        ("", "the file"),
        ("tasks: []", "tasks"),
        (GOOD.replace("contains", "holds"), "checks.0"),
        (GOOD.replace("      - contains: request id", "      - {contains: a, lacks: b}"), "exactly one"),
        (GOOD.replace("contains: request id", "matches: '('"), "regular expression"),
        (GOOD + GOOD.removeprefix("tasks:\n"), "Two tasks are called one"),
        (GOOD.replace("id: one", "id: ../one"), "id"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        load_tasks(written(tmp_path, text))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        load_tasks(tmp_path / "gone.yaml")


@pytest.mark.parametrize(
    ("check", "reply", "held"),
    [
        ({"contains": "Request  ID"}, "the request\nid", True),
        ({"contains": "request id"}, "the request", False),
        ({"lacks": "print("}, "log.info()", True),
        ({"lacks": "print("}, "Print( it", False),
        ({"matches": r"^\d+\."}, "a\n1. b", True),
        ({"avoids": r"TODO"}, "TODO", False),
        ({"at_most_words": 2}, "one two", True),
        ({"at_most_words": 2}, "one two three", False),
        ({"parses": "python"}, "See:\n\n```python\nx = 1\n```\n", True),
        ({"parses": "python"}, "```py\nx =\n```\n\n```py\ny = 1\n```\n", False),
        ({"parses": "json"}, '{"a": 1}', True),
        ({"parses": "json"}, "no json", False),
        ({"parses": "yaml"}, "```yaml\na: [\n```", False),
        ({"judged": "it is polite"}, "anything", None),
    ],
)
def test_code_grades_the_same_reply_always_the_same(check: dict[str, object], reply: str, held: bool | None) -> None:
    assert holds(Check.model_validate(check), reply) is held
