"""Moving, renaming, removing and restoring: what was before leads to what is now, and nothing is lost."""

import pytest

from skill_fleet_server.errors import Invalid, NameTaken, NotFound
from skill_fleet_server.library import revisions
from skill_fleet_server.library.changes import move, remove, rename, restore, trash
from tests.unit.library.builders import library, shelve, skill, tree


def test_a_move_rewrites_the_category_and_leaves_an_alias(tmp_path):
    shelve(tmp_path, "data/pdf-forms")
    found = library(tmp_path)
    assert move(found, "pdf-forms", "writing-docs", by="anna") == "pdf-forms"
    detail = found.detail("data/pdf-forms")
    assert (detail.name, detail.taxonomy_path, detail.resolved_from) == ("pdf-forms", "writing-docs", "data/pdf-forms")
    assert detail.text == skill(taxonomy="writing-docs")
    assert [(each.revision, each.change.value) for each in detail.revisions] == [(2, "moved"), (1, "found")]
    assert found.contents("pdf-forms", 1).texts["SKILL.md"] == skill(taxonomy="data")


def test_the_oldest_revisions_go_when_there_are_many(tmp_path, monkeypatch):
    monkeypatch.setattr(revisions, "KEPT", 3)
    shelve(tmp_path, "data/one")
    found = library(tmp_path)
    for category in ("design", "data", "design", "data"):
        move(found, "one", category, by="anna")
    assert [each.revision for each in found.detail("one").revisions] == [5, 4, 3]
    assert found.contents("one", 3).texts["SKILL.md"] == skill("one", taxonomy="data")
    with pytest.raises(NotFound, match="no revision 2"):
        found.contents("one", 2)


def test_moving_to_where_it_is_changes_nothing(tmp_path):
    shelve(tmp_path, "data/pdf-forms")
    before = tree(tmp_path)
    move(library(tmp_path), "pdf-forms", "data", by="anna")
    assert tree(tmp_path) == before


def test_a_new_name_is_in_folder_and_frontmatter_and_the_old_ones_lead_to_it(tmp_path):
    shelve(tmp_path, "data/one")
    found = library(tmp_path)
    rename(found, "one", "two", by="anna")
    rename(found, "two", "three", by="anna")
    assert found.detail("one").name == found.detail("two").name == "three"
    assert found.detail("three").aliases == ["one", "two"]
    assert found.detail("three").text.startswith("---\nname: three\n")
    assert [each.revision for each in found.detail("three").revisions] == [3, 2, 1]
    assert found.contents("three", 1).texts["SKILL.md"].startswith("---\nname: one\n")
    rename(found, "one", "three", by="anna")
    assert list(tree(tmp_path)) == ["library/aliases.json", "library/data/three/SKILL.md"]


def test_a_name_that_came_back_is_no_alias_any_more(tmp_path):
    shelve(tmp_path, "data/one")
    found = library(tmp_path)
    rename(found, "one", "two", by="anna")
    rename(found, "two", "one", by="anna")
    assert found.detail("two").name == "one"
    assert found.detail("one").aliases == ["two"]
    assert found.detail("one").resolved_from == ""


@pytest.mark.parametrize(
    ("new", "error", "said"),
    [("two", NameTaken, "has a skill two already"), ("../x", Invalid, "cannot be"), ("Two", Invalid, "cannot be")],
)
def test_a_name_that_does_not_do_changes_nothing(tmp_path, new, error, said):
    shelve(tmp_path, "data/one")
    shelve(tmp_path, "design/two")
    before = tree(tmp_path)
    with pytest.raises(error, match=said):
        rename(library(tmp_path), "one", new, by="anna")
    assert tree(tmp_path) == before


def test_a_skill_whose_frontmatter_has_no_name_is_not_renamed_by_halves(tmp_path):
    shelve(tmp_path, "data/one", "no frontmatter\n")
    with pytest.raises(Invalid, match="no name that can be replaced"):
        rename(library(tmp_path), "one", "two", by="anna")
    assert tree(tmp_path) == {"library/data/one/SKILL.md": "no frontmatter\n"}


def test_what_is_removed_can_be_restored_with_its_past(tmp_path):
    shelve(tmp_path, "data/one")
    found = library(tmp_path)
    rename(found, "one", "two", by="anna")
    before = tree(tmp_path)
    removed = remove(found, "two", by="anna")
    assert "library/data/two/SKILL.md" not in tree(tmp_path)
    assert found.aliases.all() == {}
    assert [each.trash_id for each in trash(found)] == [removed.trash_id]
    assert restore(found, removed.trash_id) == "two"
    assert tree(tmp_path) == before
    assert found.contents("two", 1).texts["SKILL.md"].startswith("---\nname: one\n")
    assert trash(found) == []


def test_removing_asks_for_the_name_it_has_now(tmp_path):
    shelve(tmp_path, "data/one")
    found = library(tmp_path)
    rename(found, "one", "two", by="anna")
    with pytest.raises(NotFound, match="called two now"):
        remove(found, "one", by="anna")


def test_nothing_is_restored_over_another_skill(tmp_path):
    shelve(tmp_path, "data/one")
    found = library(tmp_path)
    removed = remove(found, "one", by="anna")
    shelve(tmp_path, "design/one")
    with pytest.raises(NameTaken, match="Rename that one first"):
        restore(found, removed.trash_id)
    assert len(trash(found)) == 1


@pytest.mark.parametrize("trash_id", ["", "..", "../../library", "20260101T000000000000Z-one"])
def test_what_was_never_removed_is_not_found(tmp_path, trash_id):
    with pytest.raises(NotFound):
        restore(library(tmp_path), trash_id)


def test_two_skills_of_one_name_are_said_to_be(tmp_path):
    shelve(tmp_path, "data/one")
    shelve(tmp_path, "design/one")
    with pytest.raises(NameTaken, match="data/one and design/one"):
        library(tmp_path).detail("one")


def test_a_change_by_hand_is_noticed(tmp_path):
    place = shelve(tmp_path, "data/one")
    found = library(tmp_path)
    rename(found, "one", "two", by="anna")
    (place.with_name("two") / "SKILL.md").write_text(skill("two", body="# Edited\n"))
    assert found.detail("two").revisions[0].edited


def test_links_hidden_and_special_files_are_left_out_and_named(tmp_path):
    place = shelve(tmp_path, "data/one")
    (tmp_path / "secret").write_text("secret")
    (place / "linked.md").symlink_to(tmp_path / "secret")
    (place / ".git").mkdir()
    (place / "assets").mkdir()
    (place / "assets/logo.bin").write_bytes(b"\xff\x00\xfe")
    detail = library(tmp_path).detail("one")
    assert [file.path for file in detail.files] == ["SKILL.md", "assets/logo.bin"]
    assert detail.left_out == [".git: hidden, or left behind by a tool", "linked.md: a link, which is not followed"]
