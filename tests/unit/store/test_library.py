"""What the dashboard knows of the library: the list, the selection, texts, findings, where a query leads."""

from skill_fleet_common.library import Routing, TaxonomyView
from skill_fleet_tui.commands.possible import possible_with_skills
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.store.library import DETAILS_KEPT, Faults, LibraryState
from tests.unit.store.shelf import TAXONOMY, detail, finding, library, revision, summary


def labels(state: LibraryState) -> list[str]:
    return [f"{'  ' * row.depth}{row.label}{f' {row.count}' if not row.name else ''}" for row in state.rows]


def test_skills_stand_below_their_categories_which_say_how_many_they_hold() -> None:
    state = library(summary("b", "development"), summary("a", "development/python"), summary("z", "security"))
    assert labels(state) == ["Development 2", "  b", "  Python 1", "    a", "Security 1", "  z"]
    assert state.selected == "b"


def test_a_folder_that_no_taxonomy_has_is_listed_by_its_name_and_says_so() -> None:
    state = library(summary("a", "attic"))
    assert [(row.label, row.listed) for row in state.rows if not row.name] == [("attic", False)]


def test_words_narrow_the_list_and_the_selection_is_one_that_is_listed() -> None:
    state = library(summary("a", "development"), summary("b", "security", "Rotates keys."))
    state.narrow("ROTATES secur")
    assert labels(state) == ["Security 1", "  b"]
    assert state.selected == "b"
    state.narrow("nothing like it")
    assert (state.rows, state.selected) == ([], "b")
    state.narrow("")
    assert len(state.rows) == 4


def folding() -> LibraryState:
    paths = {"a": "development", "b": "development/python", "c": "development/python", "d": "security", "e": "writing"}
    return library(*(summary(name, path) for name, path in paths.items()))


def test_a_folded_category_is_one_row_and_counts_on() -> None:
    state = folding()
    state.turn("development/python")
    assert labels(state) == ["Development 3", "  a", "  Python 2", "Security 1", "  d", "writing 1", "  e"]
    state.turn("development")
    assert labels(state) == ["Development 3", "Security 1", "  d", "writing 1", "  e"]
    state.turn("development")
    assert "  Python 2" in labels(state)
    assert "    b" not in labels(state)
    state.fold_all(folded=True)
    assert labels(state) == ["Development 3", "Security 1", "writing 1"]
    state.fold_all(folded=False)
    assert len(labels(state)) == 9


def test_who_reads_a_skill_that_is_folded_away_goes_on_from_there() -> None:
    state = folding()
    state.select("b")
    state.turn("development/python")
    assert state.selected == "b"
    state.move(1)
    assert state.selected == "d"
    state.select("b")
    assert state.folded == set(), "who goes to a skill sees its row"
    state.turn("development/python")
    state.move(-1)
    assert state.selected == "a"


def test_folds_stay_while_words_are_looked_for_in_all_and_when_the_library_is_read_again() -> None:
    state = folding()
    state.turn("development")
    state.narrow("b")
    assert labels(state) == ["Development 1", "  Python 1", "    b"]
    state.narrow("")
    state.turn("security")
    state.take(state.skills, TAXONOMY, [])
    assert "  d" not in labels(state)


def test_moving_stays_within_the_list() -> None:
    state = library(summary("a"), summary("b"), summary("c"))
    for by, selected in ((1, "b"), (9, "c"), (-1, "b"), (-9, "a")):
        state.move(by)
        assert state.selected == selected


def test_what_was_known_of_skills_is_asked_again_when_the_library_is_read_again() -> None:
    state = library(summary("a"), summary("b"))
    state.keep(detail("a", findings=[finding("error"), finding("warning")]))
    assert state.faults["a"] == Faults(1, 1)
    state.take([summary("b")], TAXONOMY, [])
    assert (state.details, state.faults, state.selected) == ({}, {}, "b")


def test_no_more_than_so_many_skills_are_held() -> None:
    state = library(*(summary(f"s{number}") for number in range(DETAILS_KEPT + 3)))
    for each in state.skills:
        state.keep(detail(each.name))
    assert len(state.details) == DETAILS_KEPT
    assert len(state.faults) == DETAILS_KEPT + 3


def test_a_file_is_looked_at_at_each_revision_of_the_skill() -> None:
    state = library(summary("a"))
    state.keep(detail("a", text="now", revision=2, revisions=[revision(2), revision(1)]))
    assert [version.label for version in state.versions()] == ["r1", "r2"]
    shown = state.look.shown(state.versions())
    assert shown is not None
    assert state.text(shown) == "now"
    assert state.look.move(state.versions(), -1) == ""
    earlier = state.look.shown(state.versions())
    assert earlier is not None
    assert state.text(earlier) is None
    state.keep_text(earlier.ref, "then")
    assert state.text(earlier) == "then"
    assert state.look.compare(state.versions()) != ""


def test_findings_are_gone_through_with_the_file_that_each_is_in() -> None:
    state = library(summary("a"))
    found = [finding("error", line=3), finding("warning", path="scripts/a.py")]
    state.keep(detail("a", files=["SKILL.md", "scripts/a.py"], findings=found))
    assert state.go_to_finding(1) == found[0]
    assert state.go_to_finding(1) == found[1]
    assert state.file is not None
    assert state.file.path == "scripts/a.py"
    assert state.go_to_finding(1) == found[0]
    assert state.go_to_finding(-1) == found[1]


def test_an_answer_to_what_nobody_asks_any_more_is_dropped() -> None:
    state = library(summary("a"))
    state.ask("first")
    state.ask("second")
    assert not state.answer(Routing(query="first", words=[], ranked=[], skills=1, limits=""))
    assert state.routing is None
    assert state.answer(Routing(query="second", words=[], ranked=[], skills=1, limits=""))
    state.ask(" ")
    assert state.routing is None


def test_only_what_there_is_something_for_is_offered() -> None:
    fleet, state = FleetState(), LibraryState()
    assert possible_with_skills(fleet, state, disk=True) == {"elsewhere", "disk"}
    state.take([summary("a")], TaxonomyView(categories=[], skills=1, own=False), [])
    assert possible_with_skills(fleet, state, disk=True) >= {"skills", "skill", "own-skill"}
    assert "own-skill" not in possible_with_skills(fleet, state, disk=False)
    state.keep(detail("a", findings=[finding("error")]))
    assert {"files", "findings"} <= possible_with_skills(fleet, state, disk=False)
