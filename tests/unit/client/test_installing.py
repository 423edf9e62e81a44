"""Skills are put where agents look, whole, and never over what somebody else put there."""

import io
import zipfile
from pathlib import Path

import pytest

from skill_fleet_tui.client.agents import Client, Scope, folder_for
from skill_fleet_tui.client.errors import NotUnderstood, UsageProblem
from skill_fleet_tui.client.installing import install, install_marketplace
from skill_fleet_tui.client.packing import packed


def zipped(**files: str) -> bytes:
    """A zip; `one__SKILL` is `one/SKILL.md`."""
    return of({name.replace("__", "/") + ".md": text for name, text in files.items()})


def of(files: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return file.getvalue()


def there(root: Path) -> dict[str, str]:
    found = (each for each in sorted(root.rglob("*")) if each.is_file() and each.name != ".skill-fleet.json")
    return {each.relative_to(root).as_posix(): each.read_text() for each in found}


def test_every_agent_has_its_folder_in_a_project_and_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder_for(Client.CLAUDE, Scope.PROJECT) == Path(".claude/skills")
    assert folder_for(Client.VSCODE, Scope.HOME) == tmp_path / ".copilot/skills"
    assert {folder_for(client, Scope.PROJECT).is_absolute() for client in Client} == {False}


def test_what_is_new_is_written_what_changed_is_updated_and_nothing_is_left_over(tmp_path):
    first = install(zipped(one__SKILL="1", two__SKILL="2", two__references__a="a"), tmp_path)
    assert first.written == ["one", "two"]
    second = install(zipped(one__SKILL="1", two__SKILL="2b"), tmp_path)
    assert (second.unchanged, second.updated) == (["one"], ["two"])
    assert there(tmp_path) == {"one/SKILL.md": "1", "two/SKILL.md": "2b"}
    assert sorted(each.name for each in tmp_path.iterdir()) == [".skill-fleet.json", "one", "two"]


def test_what_somebody_else_put_there_stays_and_nothing_is_written(tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "two/SKILL.md").write_text("mine")
    with pytest.raises(UsageProblem, match="has two already"):
        install(zipped(one__SKILL="1", two__SKILL="2"), tmp_path)
    assert there(tmp_path) == {"two/SKILL.md": "mine"}
    install(zipped(one__SKILL="1", two__SKILL="2"), tmp_path, force=True)
    assert there(tmp_path) == {"one/SKILL.md": "1", "two/SKILL.md": "2"}


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_what_was_changed_since_it_was_installed_stays(tmp_path, change):
    install(zipped(one__SKILL="1", one__a="a"), tmp_path)
    if change == "edit":
        (tmp_path / "one/SKILL.md").write_text("mine")
    elif change == "add":
        (tmp_path / "one/b.md").write_text("mine")
    else:
        (tmp_path / "one/a.md").unlink()
    before = there(tmp_path)
    with pytest.raises(UsageProblem):
        install(zipped(one__SKILL="2", one__a="a"), tmp_path)
    assert there(tmp_path) == before


def test_the_same_skill_that_lies_there_already_is_taken_as_ours(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one/SKILL.md").write_text("1")
    assert install(zipped(one__SKILL="1"), tmp_path).unchanged == ["one"]
    assert install(zipped(one__SKILL="2"), tmp_path).updated == ["one"]


def test_a_link_in_its_place_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "SKILL.md").write_text("mine")
    folder = tmp_path / "skills"
    folder.mkdir()
    (folder / "one").symlink_to(outside, target_is_directory=True)
    with pytest.raises(UsageProblem):
        install(zipped(one__SKILL="1"), folder)
    install(zipped(one__SKILL="1"), folder, force=True)
    assert there(outside) == {"SKILL.md": "mine"}
    assert not (folder / "one").is_symlink()


@pytest.mark.parametrize(
    "name",
    ["../x/SKILL.md", "/x/SKILL.md", "one/../../x", "one//x", "SKILL.md", "one\\x", "C:/x", "one/a\x1b]0;x", "one/nul",
     ".hidden/SKILL.md", "one/a."],
)  # fmt: skip
def test_an_odd_name_from_a_server_writes_nothing(tmp_path, name):
    with pytest.raises(NotUnderstood) as refused:
        install(of({"one/SKILL.md": "1", name: "x"}), tmp_path / "skills")
    assert refused.value.message.isprintable()
    assert there(tmp_path) == {}


def test_what_is_no_zip_is_said_to_be_none(tmp_path):
    with pytest.raises(NotUnderstood, match="not a zip"):
        install(b"<html>", tmp_path)


def test_another_marketplace_is_not_overwritten(tmp_path):
    market = of({".claude-plugin/marketplace.json": '{"name": "ours"}', "skills/one/SKILL.md": "1"})
    assert install_marketplace(market, tmp_path).written == ["one"]
    assert install_marketplace(market, tmp_path).unchanged == ["one"]
    (tmp_path / ".claude-plugin/marketplace.json").write_text('{"name": "theirs"}')
    with pytest.raises(UsageProblem, match="another marketplace"):
        install_marketplace(market, tmp_path)


def test_a_folder_is_packed_without_links_clutter_and_what_is_no_skill(tmp_path):
    for path in (".claude/skills/one/SKILL.md", ".claude/skills/one/.env", "README.md", "node_modules/x/SKILL.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / ".claude/skills/one/linked.md").symlink_to(tmp_path / "README.md")
    with packed(tmp_path) as pack, zipfile.ZipFile(pack.file) as archive:
        assert (archive.namelist(), pack.links) == ([".claude/skills/one/SKILL.md"], 1)


def test_a_skills_own_folder_is_packed_under_its_name(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one/SKILL.md").write_text("x")
    with packed(tmp_path / "one") as pack, zipfile.ZipFile(pack.file) as archive:
        assert archive.namelist() == ["one/SKILL.md"]


def test_a_folder_without_skills_is_said_to_have_none(tmp_path):
    with pytest.raises(UsageProblem, match=r"no SKILL\.md"), packed(tmp_path):
        pass
