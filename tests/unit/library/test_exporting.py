"""What leaves the library can be read by others: zips, a prompt's list, a marketplace; and comes back the same."""

import io
import json
import zipfile
from xml.etree import ElementTree

import pytest

from skill_fleet_server.errors import Invalid, NotFound
from skill_fleet_server.library.changes import rename
from skill_fleet_server.library.exporting import available_skills, chosen, marketplace, pieces, zipped
from skill_fleet_server.library.importing import import_skills
from tests.unit.library.builders import library, shelve, skill, tree


def test_a_zip_has_a_flat_folder_per_skill_and_the_same_skills_make_the_same_zip(tmp_path):
    shelve(tmp_path, "data/two")
    (shelve(tmp_path, "design/one") / "logo.png").write_bytes(b"\xff\x00")
    places = chosen(library(tmp_path), [])
    raw = zipped(places).read()
    assert raw == b"".join(pieces(zipped(places)))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.namelist() == ["one/SKILL.md", "one/logo.png", "two/SKILL.md"]
        assert archive.read("one/logo.png") == b"\xff\x00"


def test_what_is_exported_comes_back_as_it_was(tmp_path):
    shelve(tmp_path / "here", "data/two")
    shelve(tmp_path / "here", "design/one")
    file = zipped(chosen(library(tmp_path / "here"), []))
    assert import_skills(library(tmp_path / "there"), file, by="anna").imported == 2
    assert tree(tmp_path / "there") == tree(tmp_path / "here")


def test_skills_are_chosen_by_name_former_name_or_category(tmp_path):
    shelve(tmp_path, "data/two")
    shelve(tmp_path, "design/one")
    found = library(tmp_path)
    rename(found, "one", "first", by="anna")
    assert [place.directory.name for place in chosen(found, ["two", "one"])] == ["first", "two"]
    assert [place.directory.name for place in chosen(found, [], "data")] == ["two"]
    with pytest.raises(NotFound):
        chosen(found, ["none"])
    with pytest.raises(Invalid, match="no skills to export in security"):
        chosen(found, [], "security")


def test_links_are_not_exported(tmp_path):
    directory = shelve(tmp_path, "data/one")
    (tmp_path / "secret").write_text("secret")
    (directory / "linked.md").symlink_to(tmp_path / "secret")
    with zipfile.ZipFile(zipped(chosen(library(tmp_path), []))) as archive:
        assert archive.namelist() == ["one/SKILL.md"]


def test_a_prompts_list_is_well_formed_whatever_descriptions_say(tmp_path):
    shelve(tmp_path, "data/one", skill("one", 'Says "a & b". Use when quotes \' are asked for.'))
    text = available_skills(chosen(library(tmp_path), []), root="/home/a&b/skills/")
    [found] = ElementTree.fromstring(text)
    said = {each.tag: (each.text or "").strip() for each in found}
    assert said["description"] == 'Says "a & b". Use when quotes \' are asked for.'
    assert said["location"] == "/home/a&b/skills/one/SKILL.md"


def test_a_marketplace_has_a_plugin_per_category_whose_skills_are_there(tmp_path):
    shelve(tmp_path, "data/two")
    shelve(tmp_path, "design/one")
    found = library(tmp_path)
    with zipfile.ZipFile(marketplace(found, chosen(found, []))) as archive:
        manifest = json.loads(archive.read(".claude-plugin/marketplace.json"))
        plugins = {plugin["name"]: plugin["skills"] for plugin in manifest["plugins"]}
        assert plugins == {"data": ["./skills/two"], "design": ["./skills/one"]}
        for path in plugins["data"] + plugins["design"]:
            assert f"{path.removeprefix('./')}/SKILL.md" in archive.namelist()
