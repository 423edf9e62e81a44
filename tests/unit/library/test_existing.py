"""A skill is taken in whole for a job that extends it, or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from skill_fleet_server.library.catalog import Catalog
from skill_fleet_server.library.existing import BYTES, read_texts
from skill_fleet_server.quality import skill_md

TEXT = skill_md("log-lines", "Logs. Use when logging.", "# Log lines\n\n1. Bind the id.\n")


def library(tmp_path: Path) -> Path:
    """A library with one skill; returns the skill's directory."""
    directory = tmp_path / "library/development/log-lines"
    (directory / "references").mkdir(parents=True)
    (directory / "SKILL.md").write_text(TEXT)
    (directory / "references/more.md").write_text("# More\n")
    return directory


def test_all_files_of_a_skill_are_read_by_their_paths(tmp_path: Path) -> None:
    library(tmp_path)
    assert read_texts(Catalog(tmp_path), "log-lines") == {"SKILL.md": TEXT, "references/more.md": "# More\n"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda skill: (skill / "references/a.bin").write_bytes(b"\xff\x00"),
        lambda skill: (skill / ".hidden").write_text("x"),
        lambda skill: (skill / "references/link.md").symlink_to(skill / "SKILL.md"),
        lambda skill: (skill / "references/large.md").write_text("x" * (BYTES + 1)),
        lambda skill: (skill / "SKILL.md").unlink(),
    ],
    ids=["not text", "hidden", "a link", "too large", "no SKILL.md"],
)
def test_a_skill_of_which_something_would_be_lost_is_not_taken(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    spoil(library(tmp_path))
    assert read_texts(Catalog(tmp_path), "log-lines") is None


@pytest.mark.parametrize("name", ["gone", "../log-lines", "Log Lines", ""])
def test_what_is_no_skill_of_the_library_is_not_taken(tmp_path: Path, name: str) -> None:
    library(tmp_path)
    assert read_texts(Catalog(tmp_path), name) is None
