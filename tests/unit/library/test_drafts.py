"""A draft is on disk as a whole, or the older one still is."""

import errno
import os
from pathlib import Path

import pytest

from skill_fleet_server.errors import Invalid, StorageUnavailable
from skill_fleet_server.library import Drafts

FILES = {"SKILL.md": "one\n", "references/a.md": "ü\n", "scripts/deep/run.py": "pass\n"}


def tree(root: Path) -> dict[str, str]:
    """Every file below a directory, hidden ones too."""
    return {file.relative_to(root).as_posix(): file.read_bytes().decode() for file in root.rglob("*") if file.is_file()}


def test_writes_every_file_and_says_where(tmp_path):
    assert Drafts(tmp_path / "data").write("job-1", "pdf-forms", FILES) == "drafts/job-1/pdf-forms"
    assert tree(tmp_path / "data" / "drafts/job-1/pdf-forms") == FILES


def test_a_new_draft_takes_the_place_of_the_jobs_older_one_whatever_its_name(tmp_path):
    drafts = Drafts(tmp_path)
    drafts.write("job-1", "pdf-forms", FILES)
    drafts.write("job-1", "pdf-forms", {"SKILL.md": "two"})
    assert tree(tmp_path) == {"drafts/job-1/pdf-forms/SKILL.md": "two"}
    drafts.write("job-1", "filling-forms", {"SKILL.md": "three"})
    drafts.write("job-2", "pdf-forms", {"SKILL.md": "other"})
    assert tree(tmp_path) == {
        "drafts/job-1/filling-forms/SKILL.md": "three",
        "drafts/job-2/pdf-forms/SKILL.md": "other",
    }


def test_line_ends_are_written_as_given(tmp_path):
    Drafts(tmp_path).write("job-1", "a", {"SKILL.md": "a\r\nb\n"})
    assert (tmp_path / "drafts/job-1/a/SKILL.md").read_bytes() == b"a\r\nb\n"


@pytest.mark.parametrize(
    ("job_id", "name", "files"),
    [("..", "a", FILES), ("job-1", "../a", FILES), ("job-1", "a", {"SKILL.md": "", "../x": ""}), ("job-1", "a", {})],
)
def test_what_is_refused_leaves_no_trace(tmp_path, job_id, name, files):
    with pytest.raises(Invalid):
        Drafts(tmp_path).write(job_id, name, files)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_full_disk_leaves_the_older_draft_as_it_was_and_says_what_to_do(tmp_path, monkeypatch, step):
    drafts = Drafts(tmp_path)
    drafts.write("job-1", "pdf-forms", FILES)

    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path))

    def full_for_the_new(self, target):
        return full() if self.name == "new" else os.rename(self, target)

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "rename", full_for_the_new)
    with pytest.raises(StorageUnavailable) as refused:
        drafts.write("job-1", "pdf-forms", {"SKILL.md": "two"})
    assert refused.value.detail == (
        "drafts/job-1/pdf-forms was not written. The disk is full; free some space and retry the job."
    )
    assert tree(tmp_path / "drafts/job-1") == {f"pdf-forms/{path}": text for path, text in FILES.items()}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs file permissions that bind")
def test_a_directory_that_cannot_be_written_says_what_to_do(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StorageUnavailable, match="not permitted"):
        Drafts(tmp_path).write("job-1", "a", FILES)
    tmp_path.chmod(0o700)


def test_a_file_in_the_way_is_named_by_what_the_system_says(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageUnavailable, match="The system says: "):
        Drafts(tmp_path / "data").write("job-1", "a", FILES)


@pytest.mark.parametrize("linked", ["drafts", "drafts/job-1"])
def test_a_link_in_the_way_is_not_followed(tmp_path, linked):
    outside, data_dir = tmp_path / "outside", tmp_path / "data"
    outside.mkdir()
    (data_dir / linked).parent.mkdir(parents=True)
    (data_dir / linked).symlink_to(outside, target_is_directory=True)
    with pytest.raises(StorageUnavailable, match=f"{linked} is a link"):
        Drafts(data_dir).write("job-1", "a", FILES)
    assert list(outside.iterdir()) == []


def test_a_link_in_the_drafts_place_is_replaced_and_what_it_leads_to_untouched(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep.txt").write_text("keep")
    (tmp_path / "drafts/job-1").mkdir(parents=True)
    (tmp_path / "drafts/job-1/a").symlink_to(outside, target_is_directory=True)
    Drafts(tmp_path).write("job-1", "a", FILES)
    assert tree(tmp_path / "drafts/job-1/a") == FILES
    assert not (tmp_path / "drafts/job-1/a").is_symlink()
    assert tree(outside) == {"keep.txt": "keep"}


def test_what_a_crash_left_behind_is_tidied_by_the_next_write(tmp_path):
    (tmp_path / "drafts/job-1/.new-x/new").mkdir(parents=True)
    Drafts(tmp_path).write("job-1", "a", {"SKILL.md": "x"})
    assert [entry.name for entry in (tmp_path / "drafts/job-1").iterdir()] == ["a"]
