"""What a job knew of its skill stays with every revision, wherever the skill goes, and never among its files."""

import json
from pathlib import Path

import pytest

from skill_fleet_common.library import Promote
from skill_fleet_server.errors import NotFound
from skill_fleet_server.library import Drafts
from skill_fleet_server.library.changes import move, remove, rename, restore
from skill_fleet_server.library.exploring import lead_queries
from skill_fleet_server.library.exporting import chosen, zipped
from skill_fleet_server.library.importing import import_skills
from skill_fleet_server.library.promotion import promote, unpromote
from skill_fleet_server.library.revisions import KEPT
from tests.unit.library.archives import of_skills
from tests.unit.library.builders import draft, evidence, library, shelve, skill, tree

FILL = "Fill in this form for me"


def promoted(data_dir: Path, job_id: str = "job-1", text: str = "", query: str = FILL, **wish: object) -> None:
    text = text or skill()
    draft(data_dir, job_id, text=text, evidence=evidence(text, query))
    promote(library(data_dir), job_id, Promote.model_validate(wish), by="anna")


def asked(data_dir: Path, name: str = "pdf-forms", revision: int | None = None) -> list[str]:
    return [each.query for each in library(data_dir).evidence(name, revision).queries]


def test_a_promoted_skill_keeps_its_test_queries_and_where_its_instructions_come_from(tmp_path):
    promoted(tmp_path)
    known = library(tmp_path).evidence("pdf-forms")
    assert (known.kept, known.revision, [each.query for each in known.queries]) == (True, 1, [FILL])
    assert [(each.text, each.origin, each.reference) for each in known.provenance] == [
        ("Open the form.", "source", "guide.md:1-1"),
        ("Fill in every field.", "source", "guide.md:1-1"),
    ]
    assert known.instructions == 2
    assert library(tmp_path).detail("pdf-forms").revisions[0].evidence


def test_what_is_kept_is_measured_again_with_the_library_as_it_is(tmp_path):
    promoted(tmp_path)
    shelve(tmp_path, "data/contracts", skill("contracts", "Signs contracts. Use when a contract needs to be signed."))
    measures = {each.name: each for each in library(tmp_path).detail("pdf-forms").measures}
    assert measures["lexical routing"].value == 1.0
    assert measures["lexical routing, kept away"].value is None
    assert measures["grounded instructions"].value == 1.0


def test_it_is_not_among_the_files_of_the_skill(tmp_path):
    promoted(tmp_path)
    assert list(tree(tmp_path)) == ["library/development/pdf-forms/SKILL.md"]
    with zipped(chosen(library(tmp_path), [])) as file:
        assert FILL.encode() not in file.read()
    assert [file.path for file in library(tmp_path).detail("pdf-forms").files] == ["SKILL.md"]


def test_lines_are_those_of_the_text_as_it_is(tmp_path):
    bare = skill(taxonomy="")
    promoted(tmp_path, text=bare, taxonomy_path="data")
    lines = library(tmp_path).detail("pdf-forms").text.split("\n")
    known = library(tmp_path).evidence("pdf-forms").provenance
    assert [lines[each.line - 1] for each in known] == ["1. Open the form.", "2. Fill in every field."]
    assert known[0].line > evidence(bare).provenance[0].line, "the category was written into the frontmatter"


def test_what_was_written_by_hand_since_has_no_origin(tmp_path):
    promoted(tmp_path)
    file = tmp_path / "library/development/pdf-forms/SKILL.md"
    file.write_text(file.read_text().replace("Open the form.", "Read the form aloud.") + "3. Save it at once.\n")
    known = library(tmp_path).evidence("pdf-forms")
    assert ([each.text for each in known.provenance], known.instructions) == (["Fill in every field."], 3)


def test_moving_renaming_removing_and_restoring_carry_it_along(tmp_path):
    promoted(tmp_path)
    move(library(tmp_path), "pdf-forms", "data", by="anna")
    rename(library(tmp_path), "pdf-forms", "tax-forms", by="anna")
    known = library(tmp_path).evidence("tax-forms")
    assert (known.revision, len(known.provenance)) == (3, 2)
    assert [asked(tmp_path, "tax-forms", revision) for revision in (1, 2, 3)] == [[FILL]] * 3
    removed = remove(library(tmp_path), "tax-forms", by="anna")
    restore(library(tmp_path), removed.trash_id)
    assert asked(tmp_path, "tax-forms") == [FILL]


def test_each_revision_has_its_own(tmp_path):
    promoted(tmp_path)
    promoted(tmp_path, "job-2", skill(body="# Newer\n\n1. Ask first.\n"), "Which form is it?", replace=True)
    assert [asked(tmp_path, revision=number) for number in (1, 2)] == [[FILL], ["Which form is it?"]]
    assert library(tmp_path).evidence("pdf-forms", 1).provenance[0].text == "Open the form."
    with pytest.raises(NotFound, match="no revision 3"):
        library(tmp_path).evidence("pdf-forms", 3)


def test_taking_a_promotion_back_gives_it_back_to_the_draft(tmp_path):
    promoted(tmp_path)
    promoted(tmp_path, "job-2", query="Which form is it?", replace=True)
    unpromote(library(tmp_path), "pdf-forms")
    assert asked(tmp_path) == [FILL]
    assert not (tmp_path / "library/.fleet/revisions/pdf-forms/evidence/2.json").exists()
    promote(library(tmp_path), "job-2", Promote(replace=True), by="anna")
    assert asked(tmp_path) == ["Which form is it?"]
    unpromote(library(tmp_path), "pdf-forms")
    unpromote(library(tmp_path), "pdf-forms")
    known = Drafts(tmp_path).evidence("job-1")
    assert known is not None
    assert [each.query for each in known.queries] == [FILL]


def test_that_of_revisions_that_are_not_kept_goes_with_them(tmp_path):
    promoted(tmp_path)
    for number in range(KEPT):
        move(library(tmp_path), "pdf-forms", ("data", "development")[number % 2], by="anna")
    kept = {int(each.stem) for each in (tmp_path / "library/.fleet/revisions/pdf-forms/evidence").iterdir()}
    assert kept == set(range(2, KEPT + 2))


def test_a_skill_that_no_job_wrote_says_that_nothing_is_kept(tmp_path):
    shelve(tmp_path, "data/by-hand")
    import_skills(library(tmp_path), of_skills("data/brought"), by="anna")
    draft(tmp_path)
    promote(library(tmp_path), "job-1", Promote(), by="from before such things were kept")
    for name in ("by-hand", "brought", "pdf-forms"):
        known = library(tmp_path).evidence(name)
        assert (known.kept, known.queries, known.provenance) == (False, [], [])
        assert not library(tmp_path).detail(name).revisions[0].evidence
        led = lead_queries(library(tmp_path), name)
        assert (led.kept, led.queries) == (False, [])
    move(library(tmp_path), "brought", "design", by="anna")
    assert not library(tmp_path).evidence("brought").kept


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"queries": [{"query": 1}]}', "\xff", "[" * 9_999])
def test_what_cannot_be_read_counts_as_not_kept(tmp_path, broken, caplog):
    promoted(tmp_path)
    (tmp_path / "library/.fleet/revisions/pdf-forms/evidence/1.json").write_text(broken)
    assert not library(tmp_path).evidence("pdf-forms").kept
    assert "cannot be read" in caplog.text
    move(library(tmp_path), "pdf-forms", "data", by="anna")


def test_a_link_in_its_place_is_not_followed(tmp_path):
    promoted(tmp_path)
    file = tmp_path / "library/.fleet/revisions/pdf-forms/evidence/1.json"
    file.rename(tmp_path / "elsewhere.json")
    file.symlink_to(tmp_path / "elsewhere.json")
    assert not library(tmp_path).evidence("pdf-forms").kept


def test_halves_of_surrogate_pairs_and_endless_queries_are_kept_as_far_as_can_be(tmp_path):
    promoted(tmp_path, query="\ud800 form " + "x" * 9_999)
    [query] = asked(tmp_path)
    assert query.startswith("? form x")
    assert len(query) == 2_000


def test_a_job_that_writes_its_draft_again_leaves_nothing_of_the_one_before(tmp_path):
    draft(tmp_path, evidence=evidence("", "one"))
    draft(tmp_path, evidence=evidence("", "two"))
    known = Drafts(tmp_path).evidence("job-1")
    assert known is not None
    assert known.queries[0].query == "two"
    draft(tmp_path)
    assert Drafts(tmp_path).evidence("job-1") is None


def test_test_queries_are_followed_to_the_neighbours_they_lead_to(tmp_path):
    about = "Fills PDF forms. Use when somebody has a PDF form."
    text = skill("pdf-forms", about)
    draft(tmp_path, text=text, evidence=evidence(text, "this PDF form", "sign my contract", "boil an egg"))
    promote(library(tmp_path), "job-1", Promote(), by="anna")
    shelve(tmp_path, "data/contracts", skill("contracts", "Signs contracts. Use when a contract needs to be signed."))
    led = lead_queries(library(tmp_path), "pdf-forms")
    assert (led.kept, led.skills) == (True, 2)
    here, elsewhere, nowhere = led.queries
    assert (here.reached, here.own_score == here.score > 0) == ("pdf-forms", True)
    assert (elsewhere.reached, elsewhere.score > elsewhere.own_score == 0) == ("contracts", True)
    assert (nowhere.reached, nowhere.score) == ("", 0)
    assert [each.query for each in led.astray] == ["sign my contract", "boil an egg"]
    remove(library(tmp_path), "contracts", by="anna")
    assert [each.reached for each in lead_queries(library(tmp_path), "pdf-forms").queries] == ["pdf-forms", "", ""]


def test_what_is_kept_is_plain_json(tmp_path):
    promoted(tmp_path)
    kept = json.loads((tmp_path / "library/.fleet/revisions/pdf-forms/evidence/1.json").read_text())
    assert kept["queries"] == [{"query": FILL, "kind": "positive"}]
    assert kept["provenance"][0]["origin"] == "source"
