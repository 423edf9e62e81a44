"""Files become sources, or an error that names the file."""

import os
from pathlib import Path

import pytest

from skill_fleet_common import limits
from skill_fleet_tui.client.errors import UsageProblem
from skill_fleet_tui.client.sources import read_sources


def write(path: Path, text: str = "some words") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_named_as_it_is_called(tmp_path: Path) -> None:
    [source] = read_sources([write(tmp_path / "notes.md", "naïve")]).read

    assert (source.name, source.text) == ("notes.md", "naïve")


def test_two_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    sources = read_sources([write(tmp_path / "a" / "notes.md"), write(tmp_path / "b" / "notes.md")]).read

    assert len({source.name for source in sources}) == 2


def test_a_directory_gives_its_text_files_and_says_how_many_it_passed_over(tmp_path: Path) -> None:
    root = tmp_path / "docs"
    write(root / "b.md")
    write(root / "deep" / "a.md")
    write(root / ".git" / "config")
    write(root / ".hidden")
    write(root / "empty.md", " \n")
    (root / "picture.png").write_bytes(b"\x89PNG\0\0")
    (root / "latin.txt").write_bytes("naïve".encode("latin-1"))

    sources = read_sources([root])

    assert [source.name for source in sources.read] == ["docs/b.md", "docs/deep/a.md"]
    assert sources.skipped == 4


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"no file .*nowhere\.md"):
        read_sources([tmp_path / "nowhere.md"])


@pytest.mark.parametrize("content", [b"a\0b", "naïve".encode("latin-1")])
def test_a_binary_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(content)

    with pytest.raises(UsageProblem, match=r"data\.bin is binary"):
        read_sources([path])


def test_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"void\.md is empty"):
        read_sources([write(tmp_path / "void.md", "\n")])


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"big\.md is too large"):
        read_sources([write(tmp_path / "big.md", "x" * (limits.SOURCE_CHARACTERS + 1))])


def test_a_link_out_of_the_directory(tmp_path: Path) -> None:
    write(tmp_path / "secret.md")
    root = tmp_path / "docs"
    write(root / "a.md")
    (root / "b.md").symlink_to(tmp_path / "secret.md")

    with pytest.raises(UsageProblem, match=r"b\.md is a link to a place outside"):
        read_sources([root])


def test_a_link_within_the_directory_is_read(tmp_path: Path) -> None:
    root = tmp_path / "docs"
    (root / "b.md").parent.mkdir()
    (root / "b.md").symlink_to(write(root / "a.md"))

    assert [source.name for source in read_sources([root]).read] == ["docs/a.md", "docs/b.md"]


def test_a_directory_without_text(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no text files"):
        read_sources([tmp_path])


def test_too_many_files(tmp_path: Path) -> None:
    for number in range(limits.SOURCES + 1):
        write(tmp_path / "docs" / f"{number}.md")

    with pytest.raises(UsageProblem, match=f"more than {limits.SOURCES}"):
        read_sources([tmp_path / "docs"])


def test_too_much_text_together(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{number}.md", "x" * limits.SOURCE_CHARACTERS) for number in range(6)]

    with pytest.raises(UsageProblem, match="together"):
        read_sources(paths)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(UsageProblem, match="pipe is not a file"):
        read_sources([tmp_path / "pipe"])
