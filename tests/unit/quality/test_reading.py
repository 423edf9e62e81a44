"""Whatever lies in a skill's directory is read, or said to be unreadable; never through a link, never without end."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.profiles import PROFILES
from skill_fleet_server.quality.reading import read_skill
from tests.support.skills import good_skill


@pytest.fixture
def skill(tmp_path) -> Path:
    return good_skill(1).write(tmp_path)


def errors(directory: Path, profile: str = "spec") -> list[Finding]:
    return [found for found in check_skill(read_skill(directory), profile) if found.severity is Severity.ERROR]


def test_a_main_file_that_is_a_directory_is_an_error_that_says_so(skill):
    (skill / "SKILL.md").unlink()
    (skill / "SKILL.md").mkdir()
    assert [found.message for found in errors(skill)] == ["SKILL.md is a directory."]


def test_no_link_is_followed_out_of_the_skill(skill, tmp_path):
    (tmp_path / "secret.md").write_text("AKIABCDEFGHJKLMNPQRS")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside.md").write_text("x")
    (skill / "SKILL.md").unlink()
    (skill / "SKILL.md").symlink_to(tmp_path / "secret.md")
    (skill / "references").mkdir(exist_ok=True)
    (skill / "references" / "folder").symlink_to(tmp_path / "folder")
    read = read_skill(skill)
    assert not {"SKILL.md", "references/folder/inside.md"} & set(read.files)
    assert {read.on_disk.others[path].kind for path in ("SKILL.md", "references/folder")} == {"link out"}
    assert [found.message for found in errors(skill)] == ["SKILL.md is a link that leads out of the skill."]


def test_links_in_a_circle_end(skill):
    (skill / "loop").symlink_to(skill)
    (skill / "a").symlink_to("b")
    (skill / "b").symlink_to("a")
    assert {path: other.kind for path, other in read_skill(skill).on_disk.others.items()} == {
        "loop": "link out", "a": "link", "b": "link",
    }  # fmt: skip


def test_what_is_not_utf8_is_read_with_its_line_and_never_repaired(skill):
    (skill / "SKILL.md").write_bytes(b"---\nname: caf\xe9\nversion: 1\n---\n")
    found = errors(skill)
    assert ("F06", 2, False) in {(each.rule, each.line, each.fixable) for each in found}


def test_a_pipe_and_a_file_without_rights_do_not_stop_anything(skill):
    os.mkfifo(skill / "pipe.md")
    (skill / "closed.md").write_text("x")
    (skill / "closed.md").chmod(0)
    read = read_skill(skill)
    assert read.on_disk.others["pipe.md"].kind == "special"
    assert errors(skill) == []


def test_binary_and_large_files_are_known_by_name_only(skill):
    (skill / "assets").mkdir()
    (skill / "assets" / "a.dat").write_bytes(b"\0\1")
    (skill / "assets" / "b.txt").write_bytes(b"x" * 1_000_001)
    (skill / "SKILL.md").write_text((skill / "SKILL.md").read_text() + "\n[a](assets/a.dat) [b](assets/b.txt)\n")
    read = read_skill(skill)
    assert {path: other.kind for path, other in read.on_disk.others.items()} == {
        "assets/a.dat": "binary", "assets/b.txt": "large",
    }  # fmt: skip
    assert not [found for found in check_skill(read) if found.rule.startswith("L")]


BOMB = "\n".join(["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)])


@pytest.mark.parametrize(
    "text",
    [
        "---\nname: a\ndescription: " + "x" * 10_000_000 + "\n---\n",
        f"---\n{BOMB}\n---\n",
        "---\nname: a\n---\n" + "".join("  " * depth + "- x\n" for depth in range(1_000)),
        "---\nname: a\n---\n" + "- " * 50_000,
        "---\nname: a\n---\n" + "[" * 200_000,
        "---\nname: a\n---\n" + "<!-- " * 100_000,
        "---\nname: a\n---\n" + "*a **b " * 50_000,
        "---\nname: a\n---\n" + "`" * 100_000,
        "---\nname: a\n---\n" + "a1B/" * 250_000,
        "---\nname: a\n---\n" + "curl x " * 100_000,
        "---\na: " + "[" * 50_000 + "\n---\n",
        "---\n" + "a:\n " * 20_000 + "\n---\n",
    ],
    ids=lambda text: text[-12:].strip(),
)
def test_hostile_texts_take_seconds_at_most(skill, text):
    (skill / "SKILL.md").write_text(text)
    began = time.process_time()
    assert errors(skill)
    assert time.process_time() - began < 10


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=400),
    other=st.binary(max_size=200),
    name=st.sampled_from(["a.md", "b.py", "c.sh", "d.json"]),
)
def test_no_bytes_break_any_profile(tmp_path_factory, data, other, name):
    directory = tmp_path_factory.mktemp("skill")
    (directory / "SKILL.md").write_bytes(b"---\n" + data + b"\n---\n" + other)
    (directory / name).write_bytes(other)
    for profile in PROFILES:
        assert all("could not read" not in found.message for found in check_skill(read_skill(directory), profile))
