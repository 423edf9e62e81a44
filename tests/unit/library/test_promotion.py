"""A draft becomes a skill of the library, whole or not at all, and a draft again."""

from pathlib import Path

import pytest

from skill_fleet_common.library import Promote
from skill_fleet_server.errors import Invalid, NameTaken, NotADraft, NotFound, NotPromotable
from skill_fleet_server.library.changes import move
from skill_fleet_server.library.promotion import promote, unpromote
from tests.unit.library.builders import draft, library, shelve, skill, tree


def put(data_dir: Path, job_id: str = "job-1", **wish: object) -> str:
    return promote(library(data_dir), job_id, Promote.model_validate(wish), by="anna")


def test_a_draft_goes_where_it_says_and_is_gone(tmp_path):
    draft(tmp_path, references__a_md="more\n")
    assert put(tmp_path) == "pdf-forms"
    assert tree(tmp_path) == {
        "library/development/pdf-forms/SKILL.md": skill(),
        "library/development/pdf-forms/references/a.md": "more\n",
    }
    detail = library(tmp_path).detail("pdf-forms")
    assert (detail.job_id, detail.revision, detail.revisions[0].by) == ("job-1", 1, "anna")


def test_another_category_is_written_into_the_skill(tmp_path):
    draft(tmp_path)
    put(tmp_path, taxonomy_path="writing-docs")
    assert tree(tmp_path) == {"library/writing-docs/pdf-forms/SKILL.md": skill(taxonomy="writing-docs")}


def test_a_category_may_be_named_by_its_alias(tmp_path):
    draft(tmp_path)
    put(tmp_path, taxonomy_path="devops")
    assert "library/infrastructure/pdf-forms/SKILL.md" in tree(tmp_path)


def test_under_another_name(tmp_path):
    draft(tmp_path)
    assert put(tmp_path, name="tax-forms") == "tax-forms"
    assert library(tmp_path).detail("tax-forms").text.startswith("---\nname: tax-forms\n")


def test_sent_again_it_finds_the_skill(tmp_path):
    draft(tmp_path)
    assert put(tmp_path) == put(tmp_path)


@pytest.mark.parametrize(
    ("wish", "error", "said"),
    [
        ({"taxonomy_path": "cooking"}, Invalid, "no category 'cooking'"),
        ({"taxonomy_path": "developmnt"}, Invalid, "such as development"),
        ({"taxonomy_path": "../../etc"}, Invalid, "no category"),
        ({"name": "../x"}, Invalid, "cannot be a skill's name"),
    ],
)
def test_what_does_not_do_is_refused_and_changes_nothing(tmp_path, wish, error, said):
    draft(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(error, match=said):
        put(tmp_path, **wish)
    assert tree(tmp_path) == before


def test_a_job_without_a_draft_is_told_so(tmp_path):
    with pytest.raises(NotFound, match="no draft"):
        put(tmp_path)
    with pytest.raises(Invalid):
        put(tmp_path, "../x")


def test_errors_refuse_with_their_findings_unless_forced(tmp_path):
    draft(tmp_path, text=skill(body="# A\n\nSee [more](references/none.md).\n"))
    with pytest.raises(NotPromotable, match=r"references/none\.md") as refused:
        put(tmp_path)
    assert refused.value.extra["findings"][0]["rule"] == "L01"
    assert put(tmp_path, force=True) == "pdf-forms"


def test_a_taken_name_is_refused_or_becomes_the_next_revision(tmp_path):
    draft(tmp_path)
    put(tmp_path)
    newer = skill(body="# Better\n\n## Steps\n\n1. Do it.\n")
    draft(tmp_path, "job-2", text=newer)
    with pytest.raises(NameTaken, match="in development"):
        put(tmp_path, "job-2")
    put(tmp_path, "job-2", replace=True)
    found = library(tmp_path)
    detail = found.detail("pdf-forms")
    assert (detail.text, detail.revision, detail.job_id) == (newer, 2, "job-2")
    assert found.contents("pdf-forms", 1).texts["SKILL.md"] == skill()


def test_a_skill_that_says_the_same_is_an_overlap(tmp_path):
    words = "Fills PDF forms from a table of values. Use when somebody has a form in PDF to fill in."
    shelve(tmp_path, "data/pdf-filling", skill("pdf-filling", words, "data"))
    draft(tmp_path, text=skill("pdf-forms", words))
    with pytest.raises(NotPromotable, match=r"pdf-filling \(\d\d%\)") as refused:
        put(tmp_path)
    assert refused.value.extra["overlaps"][0]["name"] == "pdf-filling"
    assert put(tmp_path, force=True) == "pdf-forms"


def test_a_link_in_a_draft_is_refused(tmp_path):
    draft(tmp_path)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "drafts/job-1/pdf-forms/notes.md").symlink_to(tmp_path / "secret")
    with pytest.raises(Invalid, match=r"notes\.md: a link"):
        put(tmp_path)


def test_a_category_that_is_a_link_is_not_written_through(tmp_path):
    draft(tmp_path)
    (tmp_path / "outside").mkdir()
    (tmp_path / "library").mkdir()
    (tmp_path / "library/development").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(Exception, match="is a link"):
        put(tmp_path)
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_promotion_can_be_taken_back_and_done_again(tmp_path):
    draft(tmp_path, references__a_md="more\n")
    put(tmp_path, taxonomy_path="data")
    undone = unpromote(library(tmp_path), "pdf-forms")
    assert undone.draft_path == "drafts/job-1/pdf-forms"
    assert tree(tmp_path) == {
        "drafts/job-1/pdf-forms/SKILL.md": skill(taxonomy="data"),
        "drafts/job-1/pdf-forms/references/a.md": "more\n",
    }
    assert put(tmp_path) == "pdf-forms"


def test_taking_back_a_replacement_brings_back_what_it_replaced(tmp_path):
    draft(tmp_path)
    put(tmp_path)
    newer = skill(body="# Better\n\n## Steps\n\n1. Do it.\n")
    draft(tmp_path, "job-2", text=newer)
    put(tmp_path, "job-2", replace=True)
    unpromote(library(tmp_path), "pdf-forms")
    assert tree(tmp_path) == {
        "library/development/pdf-forms/SKILL.md": skill(),
        "drafts/job-2/pdf-forms/SKILL.md": newer,
    }
    assert [each.revision for each in library(tmp_path).detail("pdf-forms").revisions] == [1]


def test_a_skill_that_moved_since_becomes_a_draft_all_the_same(tmp_path):
    draft(tmp_path)
    put(tmp_path)
    move(library(tmp_path), "pdf-forms", "data", by="anna")
    assert unpromote(library(tmp_path), "development/pdf-forms").name == "pdf-forms"
    assert "drafts/job-1/pdf-forms/SKILL.md" in tree(tmp_path)


def test_what_did_not_come_from_a_draft_cannot_become_one(tmp_path):
    shelve(tmp_path, "data/by-hand")
    with pytest.raises(NotADraft, match="Remove it instead"):
        unpromote(library(tmp_path), "by-hand")


def test_a_draft_in_its_place_is_not_overwritten(tmp_path):
    draft(tmp_path)
    put(tmp_path)
    draft(tmp_path, text=skill(body="# Another\n"))
    with pytest.raises(NotADraft, match="has a draft"):
        unpromote(library(tmp_path), "pdf-forms")
