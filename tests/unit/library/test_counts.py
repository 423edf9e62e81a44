"""What rules found in a skill is counted when it comes into the library, and known to every list from then on."""

from skill_fleet_common.library import Promote
from skill_fleet_server.library.changes import move
from skill_fleet_server.library.exploring import page, promotions
from skill_fleet_server.library.importing import import_skills
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.promotion import promote, unpromote
from tests.unit.library.archives import of_skills
from tests.unit.library.builders import draft, library, shelve, skill

DEAD_LINK = "# Filling forms\n\n## Steps\n\n1. Open [the form](references/none.md).\n2. Fill in every field.\n"


def listed(found: Library) -> dict[str, tuple[int | None, int | None]]:
    skills = page(found.catalog, category="", q="", offset=0, limit=10).skills
    return {each.name: (each.errors, each.warnings) for each in skills}


def test_a_promoted_skill_is_listed_with_what_rules_find_in_it(tmp_path):
    draft(tmp_path, text=skill(body=DEAD_LINK))
    promote(library(tmp_path), "job-1", Promote(force=True), by="anna")
    detail = library(tmp_path).detail("pdf-forms")
    assert listed(library(tmp_path)) == {"pdf-forms": (detail.errors, detail.warnings)}
    assert detail.warnings == sum(each.severity == "warning" for each in detail.findings) > 0


def test_so_is_an_imported_one_and_one_that_was_moved_since(tmp_path):
    import_skills(library(tmp_path), of_skills("data/brought"), by="anna")
    before = listed(library(tmp_path))
    assert before["brought"] != (None, None)
    move(library(tmp_path), "brought", "design", by="anna")
    assert listed(library(tmp_path)) == before


def test_no_list_counts_anew(tmp_path):
    text = skill(body=DEAD_LINK.replace("none.md", "a.md"))
    draft(tmp_path, text=text, references__a_md="# The form\n")
    promote(library(tmp_path), "job-1", Promote(), by="anna")
    (tmp_path / "library/development/pdf-forms/references/a.md").unlink()
    found = library(tmp_path)
    assert listed(found) == {"pdf-forms": (0, 0)}, "as when it came, although its link leads nowhere now"
    assert found.detail("pdf-forms").warnings
    assert listed(found)["pdf-forms"][1], "but once somebody has looked, that is what counts"


def test_of_a_skill_that_lay_there_nothing_is_known_until_somebody_looks(tmp_path):
    shelve(tmp_path, "data/by-hand", skill("by-hand", taxonomy="data", body=DEAD_LINK))
    found = library(tmp_path)
    assert listed(found) == {"by-hand": (None, None)}
    detail = found.detail("by-hand")
    assert listed(found) == {"by-hand": (detail.errors, detail.warnings)}


def test_counts_of_a_text_that_was_edited_by_hand_do_not_hold(tmp_path):
    draft(tmp_path)
    promote(library(tmp_path), "job-1", Promote(), by="anna")
    found = library(tmp_path)
    assert listed(found) == {"pdf-forms": (0, 0)}
    (tmp_path / "library/development/pdf-forms/SKILL.md").write_text(skill(body=DEAD_LINK))
    assert listed(found) == listed(library(tmp_path)) == {"pdf-forms": (None, None)}
    assert found.detail("pdf-forms").warnings
    assert listed(found)["pdf-forms"][1]


def test_a_library_from_before_says_nothing_rather_than_failing(tmp_path):
    draft(tmp_path)
    promote(library(tmp_path), "job-1", Promote(), by="anna")
    note = tmp_path / "library/.fleet/revisions/pdf-forms/1.json"
    note.write_text('{"revision": 1, "change": "promoted", "job_id": "job-1"}')
    assert listed(library(tmp_path)) == {"pdf-forms": (None, None)}
    assert promotions(library(tmp_path).catalog)["job-1"].name == "pdf-forms"


def test_what_drafts_became_is_known_by_job_wherever_the_skill_goes(tmp_path):
    draft(tmp_path)
    promote(library(tmp_path), "job-1", Promote(), by="anna")
    draft(tmp_path, "job-2", text=skill(body="# Newer\n\n1. Do it.\n"))
    promote(library(tmp_path), "job-2", Promote(replace=True), by="ben")
    found = library(tmp_path)
    move(found, "pdf-forms", "data", by="anna")
    known = promotions(found.catalog)
    assert {job: (each.name, each.taxonomy_path, each.revision, each.by) for job, each in known.items()} == {
        "job-1": ("pdf-forms", "data", 1, "anna"),
        "job-2": ("pdf-forms", "data", 2, "ben"),
    }
    assert known["job-1"].at is not None


def test_a_promotion_that_was_taken_back_is_known_no_more(tmp_path):
    draft(tmp_path)
    found = library(tmp_path)
    promote(found, "job-1", Promote(), by="anna")
    assert set(promotions(found.catalog)) == {"job-1"}
    draft(tmp_path, "job-2", text=skill(body="# Newer\n\n1. Do it.\n"))
    promote(found, "job-2", Promote(replace=True), by="ben")
    assert set(promotions(found.catalog)) == {"job-1", "job-2"}
    unpromote(found, "pdf-forms")
    assert set(promotions(found.catalog)) == {"job-1"}
    unpromote(found, "pdf-forms")
    assert promotions(found.catalog) == {}
