"""A person's own keys: what they may be, what is said of those that cannot be, and where they are shown."""

import re
import tomllib

import pytest

from skill_fleet_tui.commands.bound import everything_bound
from skill_fleet_tui.commands.keymap import KeyMap, shown_key
from skill_fleet_tui.commands.own_keys import read_keys
from skill_fleet_tui.commands.registry import bottom_line
from skill_fleet_tui.screens.help import help_lines
from tests.support.documentation.pages import ROOT


def test_every_binding_has_an_id_of_its_own() -> None:
    ids = [one.id for one in everything_bound()]
    assert all(ids)
    assert len(ids) == len(set(ids))


def test_no_two_keys_of_one_place_are_the_same() -> None:
    unchanged = {one.id: one.keys.split(",") for one in everything_bound() if one.keys and not one.holders}
    keys, problems = read_keys(unchanged)
    assert problems == []
    assert keys.changed["job.create"] == "c"


@pytest.mark.parametrize(
    ("written", "key", "shown"),
    [("b", "b", "b"), ("ctrl+b", "ctrl+b", "^b"), ("!", "exclamation_mark", "!"), ("f5", "f5", "f5"), ("E", "E", "E")],
)
def test_a_key_is_written_as_people_write_it(written: str, key: str, shown: str) -> None:
    keys, problems = read_keys({"job.create": written})
    assert problems == []
    assert keys.keys("job.create", "c") == key
    assert shown_key(key) == shown


def test_an_id_may_be_written_without_quotes() -> None:
    assert read_keys({"job": {"create": ["b", "ctrl+b"]}})[0].changed == {"job.create": "b,ctrl+b"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"job.creat": "b"}, "Did you mean job.create?"),
        ({"job.create": "hyperdrive+b"}, "there is no key 'hyperdrive+b'"),
        ({"job.create": 3}, "a key is a text"),
        ({"job.create": "X"}, "X for job.create is the key of job.cancel too"),
        ({"job.create": "g"}, "g for job.create is the key of jobs.first too"),
    ],
)
def test_what_cannot_be_a_key_is_said_and_changes_nothing(table: dict[str, object], said: str) -> None:
    keys, problems = read_keys(table)
    assert keys.changed == {}
    assert said in problems[0][1]


def test_two_keys_can_change_places() -> None:
    keys, problems = read_keys({"job.create": "X", "job.cancel": "c"})
    assert problems == []
    assert keys.changed == {"job.create": "X", "job.cancel": "c"}


def test_the_keys_that_the_documentation_gives_as_an_example_can_be_had() -> None:
    blocks = [
        block
        for page in sorted((ROOT / "docs").rglob("*.md"))
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        if "[dashboard.keys]" in block
    ]
    assert blocks
    for block in blocks:
        assert read_keys(tomllib.loads(block)["dashboard"]["keys"])[1] == []


def test_the_bottom_line_and_the_help_show_the_keys_that_hold() -> None:
    keys = KeyMap({"job.create": "ctrl+b"})
    assert ("^b", "create") in bottom_line(frozenset(), keys)
    assert any(line.lead.strip() == "^b" for line in help_lines(keys))


def test_the_help_is_narrowed_by_words() -> None:
    told = [line.text for line in help_lines(KeyMap(), words="new skill")]
    assert "Describe a new skill and start a job." in told
    assert not any("Cancel" in text for text in told)
    assert help_lines(KeyMap(), words="xyzzy")[0].text.startswith("Nothing here is about that")
