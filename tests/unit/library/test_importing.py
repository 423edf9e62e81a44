"""What comes from elsewhere is looked at first, bounded, and taken all at once; the rest is refused with why."""

import io
import time
import zipfile

import pytest
from skills_ref.validator import validate

from skill_fleet_common.library import ImportReport
from skill_fleet_server.errors import ArchiveRefused, Invalid
from skill_fleet_server.library import archive
from skill_fleet_server.library.exporting import chosen, zipped
from skill_fleet_server.library.importing import import_skills, preview_import
from tests.unit.library import archives
from tests.unit.library.archives import made, of_skills, stored
from tests.unit.library.builders import library, shelve, skill, tree


def verdicts(report: ImportReport) -> dict[str, str]:
    return {each.path: each.verdict.value for each in report.skills}


def test_skills_are_found_in_any_folder_and_go_where_they_say_or_lay_or_as_asked(tmp_path):
    found = library(tmp_path)
    files = {
        "repo/.claude/skills/says-so/SKILL.md": skill("says-so", taxonomy="security"),
        "repo/data/lay-there/SKILL.md": skill("lay-there", taxonomy=""),
        "repo/data/lay-there/references/a.md": "more",
        "repo/other/SKILL.md": skill("other", taxonomy="nowhere"),
        "repo/README.md": "x",
        "repo/node_modules/dependency/SKILL.md": skill("dependency"),
    }
    report = import_skills(found, made(files), category="design", by="anna")
    assert report.imported == 3
    assert tree(tmp_path) == {
        "library/data/lay-there/SKILL.md": skill("lay-there", taxonomy="data"),
        "library/data/lay-there/references/a.md": "more",
        "library/design/other/SKILL.md": skill("other", taxonomy="design"),
        "library/security/says-so/SKILL.md": skill("says-so", taxonomy="security"),
    }
    assert found.detail("other").revisions[0].change == "imported"


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path):
    report = preview_import(library(tmp_path), of_skills("data/one", "two"), category="design")
    assert [(each.name, each.taxonomy_path, each.imported) for each in report.skills] == [
        ("one", "data", False),
        ("two", "design", False),
    ]
    assert tree(tmp_path) == {}


def test_without_a_category_one_is_guessed_and_said_to_be(tmp_path):
    text = skill("tables", "Writes SQL queries for databases and dashboards. Use when numbers are asked for.", "")
    [found] = preview_import(library(tmp_path), made({"tables/SKILL.md": text})).skills
    assert (found.taxonomy_path, found.guessed) == ("data", True)
    with pytest.raises(Invalid, match="no category 'cooking'"):
        preview_import(library(tmp_path), made({"tables/SKILL.md": text}), category="cooking")


def test_names_clash_with_the_library_and_with_each_other_but_the_same_skill_is_just_there(tmp_path):
    shelve(tmp_path, "data/one")
    shelve(tmp_path, "data/two", skill("two", body="# Another\n"))
    file = of_skills("data/one", "data/two", "a/three", "b/three")
    report = import_skills(library(tmp_path), file, category="design", by="anna")
    assert verdicts(report) == {"a/three": "valid", "b/three": "clash", "data/one": "present", "data/two": "clash"}
    assert report.imported == 1


def test_the_name_in_skill_md_counts_not_that_of_the_folder(tmp_path):
    import_skills(library(tmp_path), made({"data/x/SKILL.md": skill("real-name")}), by="anna")
    assert list(tree(tmp_path)) == ["library/development/real-name/SKILL.md"]


def test_a_skill_at_the_root_is_one_when_it_is_the_only_one(tmp_path):
    assert verdicts(preview_import(library(tmp_path), made({"SKILL.md": skill("only")}))) == {".": "valid"}
    both = made({"SKILL.md": skill("template"), "skills/one/SKILL.md": skill("one")})
    assert verdicts(preview_import(library(tmp_path), both)) == {"skills/one": "valid"}


def test_a_skill_in_a_skill_is_a_file_of_it(tmp_path):
    files = {"one/SKILL.md": skill("one"), "one/assets/template/SKILL.md": "x"}
    import_skills(library(tmp_path), made(files), by="anna")
    assert "library/development/one/assets/template/SKILL.md" in tree(tmp_path)


def test_what_rules_find_errors_in_is_refused_and_the_rest_taken(tmp_path):
    files = {"bad/SKILL.md": "no frontmatter", "good/SKILL.md": skill("good")}
    report = import_skills(library(tmp_path), made(files), by="anna")
    assert verdicts(report) == {"bad": "refused", "good": "valid"}
    assert report.skills[0].findings
    assert report.imported == 1


def test_clutter_is_left_out_and_named(tmp_path):
    files = {"one/SKILL.md": skill("one"), "one/.DS_Store": "x", "one/scripts/__pycache__/a.pyc": "x"}
    [found] = import_skills(library(tmp_path), made(files), by="anna").skills
    assert [each.partition(":")[0] for each in found.left_out] == [".DS_Store", "scripts/__pycache__/a.pyc"]
    assert list(tree(tmp_path)) == ["library/development/one/SKILL.md"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil/SKILL.md", "leads out of the archive"),
        ("one/../../evil.md", "leads out of the archive"),
        ("/etc/passwd", "leads out of the archive"),
        ("C:/evil.md", "leads out of the archive"),
        ("one\\..\\evil.md", "backslash"),
    ],
)
def test_a_name_that_leads_out_refuses_the_whole_archive(tmp_path, name, said):
    with pytest.raises(ArchiveRefused, match=said):
        import_skills(library(tmp_path), made({"good/SKILL.md": skill("good"), name: "x"}), by="anna")
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    ("files", "links", "said"),
    [
        ({"one/references/a.md": "/etc/passwd"}, ("one/references/a.md",), "is a link"),
        ({"one/references/A.md": "", "one/references/a.md": ""}, (), "one file on some systems"),
        ({"one/references/a": "", "one/references/a/b.md": ""}, (), "needs it to be a folder"),
        ({"one/references/con.md": ""}, (), "plain name"),
        ({"one/" + "d/" * 20 + "a.md": ""}, (), "nest it"),
        ({f"one/references/{number}.md": "" for number in range(600)}, (), "more than 500 files"),
        ({"one/assets/a.txt": "x" * 5_000_001}, (), "larger than 5,000,000"),
        ({"one/assets/a.txt": b"\0" * 4_000_000}, (), "more tightly"),
    ],
)
def test_what_is_wrong_with_one_skill_refuses_that_one(tmp_path, files, links, said):
    everything = {"one/SKILL.md": skill("one"), "good/SKILL.md": skill("good"), **files}
    report = import_skills(library(tmp_path), made(everything, links=links), by="anna")
    assert verdicts(report) == {"good": "valid", "one": "refused"}
    assert said in report.skills[1].reason
    assert list(tree(tmp_path)) == ["library/development/good/SKILL.md"]


def test_a_file_that_unpacks_to_more_than_it_says_is_no_use(tmp_path):
    with pytest.raises(ArchiveRefused):
        import_skills(library(tmp_path), archives.bomb(50_000_000), by="anna")
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    "raw", [b"", b"PK", b"not a zip" * 1_000, b"PK\x05\x06" + b"\xff" * 18, b"PK\x05\x06" + b"\0" * 18]
)
def test_what_is_no_zip_is_said_to_be_none(tmp_path, raw):
    with pytest.raises(ArchiveRefused):
        preview_import(library(tmp_path), io.BytesIO(raw))


def test_a_zip_that_was_cut_short_or_changed_is_refused(tmp_path):
    whole = of_skills("data/one").getvalue()
    for raw in (whole[:-40], whole[: len(whole) // 2], whole.replace(b"SKILL", b"SKULL", 1)):
        with pytest.raises(ArchiveRefused):
            import_skills(library(tmp_path), io.BytesIO(raw), by="anna")
    assert tree(tmp_path) == {}


def test_more_than_anybody_imports_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ENTRIES", 3)
    with pytest.raises(ArchiveRefused, match="more than 3 files"):
        preview_import(library(tmp_path), of_skills("a/one", "a/two", "a/three", "a/four"))
    monkeypatch.setattr(archive, "ENTRIES", 100)
    monkeypatch.setattr(archive, "SKILLS", 3)
    with pytest.raises(ArchiveRefused, match="at most 3 at once"):
        preview_import(library(tmp_path), of_skills("a/one", "a/two", "a/three", "a/four"))


def test_what_skills_hold_together_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "UNPACKED_BYTES", 600)
    with pytest.raises(ArchiveRefused, match="more than it says"):
        import_skills(library(tmp_path), of_skills("a/one", "a/two", "a/three", "a/four"), by="anna")
    assert tree(tmp_path) == {}


def test_an_archive_without_skills_is_said_to_have_none(tmp_path):
    with pytest.raises(ArchiveRefused, match=r"no SKILL\.md"):
        preview_import(library(tmp_path), made({"README.md": "x"}))


def test_a_million_names_cost_no_memory(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made_:
        for number in range(60_000):
            made_.writestr(f"{number}/{'x' * 200}", "")
    with pytest.raises(ArchiveRefused, match="more than 50,000 files"):
        preview_import(library(tmp_path), file)


def wrong(*frontmatter: str, description: str = "Fills in forms. Use when a form is to be filled in.") -> str:
    return "\n".join(["---", *frontmatter, f"description: {description}", "---", "# Forms", "", "1. Fill it in.", ""])


BROKEN = {
    "unknown-fields/SKILL.md": wrong("name: unknown-fields", "version: 1.2", "tags: [a, b]"),
    "unquoted/SKILL.md": wrong("name: unquoted", description="Fills in: forms. Use when a form is to be filled in."),
    "my-folder/SKILL.md": wrong("name: Title Case"),
}


def test_what_rules_can_put_right_is_taken_when_somebody_asks_for_it(tmp_path):
    found = library(tmp_path)
    looked = preview_import(found, made(BROKEN), category="data")
    assert set(verdicts(looked).values()) == {"repairable"}
    assert all(each.repairs and each.findings for each in looked.skills)
    assert import_skills(found, made(BROKEN), category="data", by="anna").imported == 0
    assert tree(tmp_path) == {}
    taken = import_skills(found, made(BROKEN), category="data", repair=True, by="anna")
    assert (taken.imported, verdicts(taken)) == (3, verdicts(looked))
    again = import_skills(found, made(BROKEN), category="data", repair=True, by="anna")
    assert set(verdicts(again).values()) == {"present"}


def test_what_was_repaired_passes_the_reference_validator_once_it_is_exported(tmp_path):
    found = library(tmp_path)
    import_skills(found, made(BROKEN), category="data", repair=True, by="anna")
    with zipfile.ZipFile(zipped(chosen(found, []))) as exported:
        exported.extractall(tmp_path / "out")
    for name in ("unknown-fields", "unquoted", "my-folder"):
        assert validate(tmp_path / "out" / name) == []
    assert "version" in (tmp_path / "out/unknown-fields/SKILL.md").read_text()


@pytest.mark.alone
@pytest.mark.parametrize(
    "text",
    [
        "---\nname: x\ndescription: y\nm: " + "[" * 20_000 + "\n---\n# x\n",
        "---\nname: x\ndescription: " + "dd dd base64 -d curl " * 40_000 + "\n---\n# x\n",
        "---\nname: x\ndescription: y\na: &a [x]\n" + "".join(f"k{n}: [*a]\n" for n in range(400)) + "---\n# x\n",
        "---\nname: x\ndescription: y\n---\n" + "".join(f"{' ' * n}- a\n" for n in range(1_000)),
    ],
)  # fmt: skip
def test_a_text_that_was_made_to_take_long_does_not(tmp_path, text):
    began = time.monotonic()
    preview_import(library(tmp_path), stored({"x/SKILL.md": text}), category="data", repair=True)
    assert time.monotonic() - began < 20


def test_what_is_too_much_like_another_and_a_list_that_grows_too_long_are_noted(tmp_path):
    found = library(tmp_path)
    about = "Turns ledgers of a bank into tables with csvkit. Use when somebody hands over a ledger to be sorted."
    shelve(tmp_path, "data/sorting-ledgers", skill("sorting-ledgers", about, "data"))
    [note] = preview_import(found, made({"a/SKILL.md": skill("ordering-ledgers", about, "data")})).notes
    assert note.startswith("ordering-ledgers: Name and description are much like those of sorting-ledgers (")
    assert preview_import(found, made({"a/SKILL.md": skill("painting-doors", taxonomy="design")})).notes == []
    many = {f"s{n}/SKILL.md": skill(f"sorting-{n}", f"{n} {'word ' * 180}", "data") for n in range(12)}
    assert any("Codex, which gives it 8,000" in note for note in preview_import(found, made(many)).notes)
    assert import_skills(found, made({"a/SKILL.md": skill("ordering-ledgers", about, "data")}), by="anna").notes == [
        note
    ]
