"""Only plain names and paths reach the file system."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_server.errors import Invalid
from skill_fleet_server.library import check_files, check_job_id, check_name, check_path
from skill_fleet_server.library.paths import FILE_BYTES, FILES


@pytest.mark.parametrize(
    "path", ["SKILL.md", "references/a.md", "scripts/fill form.py", "assets/img/logo.png", "references/ü.md"]
)
def test_files_of_a_skill_pass(path):
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/etc/passwd", "..", "../x", "references/../../x", "references/./x", "references//x", "references/",
        "README.md", "x/y", "references", "references\\x", "C:/x", "references/C:x", "references/a\0b",
        "references/a\nb", "references/\u202eb", "references/.hidden", "references/a.", "references/a ",
        "references/-rf", "references/nul", "references/con.txt", "references/a*b", "references/" + "x" * 300,
        "references/" + "ü" * 150, "references/a/b/c/d", "skill.md", "references/\ud800",
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_a_sentence(path):
    with pytest.raises(Invalid) as refused:
        check_path(path)
    assert refused.value.detail.endswith(".")
    assert refused.value.detail.isprintable()


@given(
    path=st.text(max_size=60)
    | st.lists(st.sampled_from(["references", "..", ".", "", "a", "\\", "C:"]), max_size=5).map("/".join)
)
def test_what_passes_stays_inside_on_every_system(path):
    try:
        check_path(path)
    except Invalid:
        return
    assert not PurePosixPath(path).is_absolute()
    assert ".." not in PurePosixPath(path).parts
    assert PureWindowsPath(path).parts == PurePosixPath(path).parts
    assert not PureWindowsPath(path).drive


@pytest.mark.parametrize("name", ["..", "", "a/b", "A", "a b", "con", "x" * 65, "a\n"])
def test_names_that_are_no_skill_names_are_refused(name):
    with pytest.raises(Invalid):
        check_name(name)


@pytest.mark.parametrize("job_id", ["..", "", "a/b", ".a", "a" * 101, "a\0", "-a", "ä"])
def test_ids_that_are_no_job_ids_are_refused(job_id):
    with pytest.raises(Invalid):
        check_job_id(job_id)


@pytest.mark.parametrize("job_id", ["1", "job-1", "0198c7de-b3c5-7e0f-9a3b-1c2d3e4f5a6b", "01J_X"])
def test_job_ids_pass(job_id):
    assert check_job_id(job_id) == job_id


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "needs a SKILL.md"),
        ({"SKILL.md": "x", "references/A.md": "", "references/a.md": ""}, "one file on some systems"),
        ({"SKILL.md": "x", "references/a": "", "references/a/b": ""}, "needs it to be a folder"),
        ({"SKILL.md": "x" * (FILE_BYTES + 1)}, "larger than"),
        ({"SKILL.md": "ü" * (FILE_BYTES // 2 + 1)}, "larger than"),
        ({"SKILL.md": "x", **{f"references/{n}.md": "" for n in range(FILES)}}, "leave some out"),
    ],
)
def test_files_that_do_not_go_together_are_refused(files, said):
    with pytest.raises(Invalid, match=said):
        check_files(files)
