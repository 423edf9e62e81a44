"""Revisions of files, what is looked at of them, and where instructions come from, as the events tell."""

from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_tui.store.files import FileHistory, edits, versions
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.store.looking import Look
from tests.unit.store.builders import Log, preview, snapshot


def written() -> Log:
    log = Log()
    log.created("a")
    for revision in (1, 2, 4):
        log.writes("a", revision=revision, size=1_000 * revision)
    log.writes("a", "scripts/check.py", revision=3)
    return log


def fleet_of(log: Log) -> FleetState:
    fleet = FleetState()
    for frame in [*snapshot(log, 0, []), *log.events]:
        fleet.apply(frame)
    fleet.select("a")
    return fleet


@given(st.permutations(written().of("a") * 2))
def test_the_revisions_are_the_same_however_their_events_come(events: list) -> None:
    history = FileHistory()
    for event in events:
        history.add([event])
    assert [file.revision for file in history.revisions("SKILL.md")] == [1, 2, 4]
    assert [file.revision for file in history.revisions("scripts/check.py")] == [3]
    assert history.revisions("none.md") == []


def test_provenance_is_that_of_the_text_that_the_question_showed() -> None:
    log = written()
    history = FileHistory()
    history.add(log.of("a"))
    prompt = preview("a")
    said = [Provenance(text="Call hooks.", line=8, origin=Origin.SOURCE, reference="guide.md:1-3")]
    file = prompt.files[0].model_copy(update={"revision": 3})
    history.add_prompt(prompt.model_copy(update={"files": [file], "provenance": said}))
    assert history.provenance(2) == said
    assert history.provenance(1) == []
    assert history.provenance(4) == []


OWN = [Provenance(text="Call hooks.", line=8, origin=Origin.MODEL)]
VOUCHED = [OWN[0].model_copy(update={"confirmed": True})]
NOTHING_SAID: list[Provenance] = []


def traced() -> Log:
    """A skill of which a person vouches for what it says, and a refinement of it."""
    log = Log()
    log.created("a")
    log.writes("a", revision=1)
    log.traces("a", OWN)
    asked = preview("a")
    file = asked.files[0].model_copy(update={"revision": 1})
    log.asks("a", asked.model_copy(update={"files": [file], "provenance": OWN}))
    log.resolved("a", asked)
    log.traces("a", VOUCHED)
    log.writes("a", revision=2)
    log.writes("a", revision=3)
    log.traces("a", OWN, revision=3)
    return log


@given(st.permutations(traced().of("a")))
def test_what_was_said_last_of_a_text_is_where_it_comes_from_however_the_events_come(events: list) -> None:
    history = FileHistory()
    for event in events:
        history.add([event])
    assert [history.provenance(revision) for revision in (1, 2, 3)] == [VOUCHED, NOTHING_SAID, OWN]


def test_a_text_that_a_question_had_with_it_is_found_by_what_it_says() -> None:
    log = Log()
    log.created("a")
    prompt = preview("a")
    log.writes("a", revision=1, size=prompt.files[0].size)
    log.writes("a", revision=2)
    log.asks("a", prompt)
    history = FileHistory()
    history.add(log.of("a"))
    assert history.text("SKILL.md", 1) == prompt.files[0].text
    assert history.text("SKILL.md", 2) is None
    assert history.text("none.md", 1) is None


def test_what_a_person_edits_is_the_newest_version_until_it_is_taken() -> None:
    log = written()
    prompt = preview("a")
    log.asks("a", prompt)
    fleet = fleet_of(log)
    job = fleet.current
    assert job is not None
    draft = fleet.draft(prompt)
    draft.edits["SKILL.md"] = "mine"
    found = versions(fleet, job, "SKILL.md")
    assert [version.label for version in found] == ["r1", "r2", "r4", "your edit"]
    assert found[-1].ref == found[-2].ref
    draft.accepted = True
    assert [version.label for version in versions(fleet, job, "SKILL.md")] == ["r1", "r2", "r4"]


def test_looking_at_older_and_newer_versions_and_comparing_any_two() -> None:
    fleet = fleet_of(written())
    job = fleet.current
    assert job is not None
    found = versions(fleet, job, "SKILL.md")
    look = Look()
    assert (look.shown(found), look.compared(found)) == (found[2], found[1])
    assert look.move(found, -1) == look.move(found, -1) == ""
    assert (look.shown(found), look.compared(found)) == (found[0], None)
    assert look.move(found, -1) == "There is no older revision."
    assert look.move(found, 1) == look.move(found, 1) == ""
    assert look.move(found, 1) == "There is no newer revision."
    assert look.label == ""
    assert look.move_base(found, -1) == ""
    assert (look.shown(found), look.compared(found), look.compares) == (found[2], found[0], True)
    assert "no other revision" in look.move_base(found, -1)
    assert look.move(found, -1) == ""
    assert look.compares


def test_the_newest_version_stays_the_newest_when_another_is_written() -> None:
    log = written()
    fleet = fleet_of(log)
    job = fleet.current
    assert job is not None
    look = Look()
    look.move(versions(fleet, job, "SKILL.md"), -1)
    look.move(versions(fleet, job, "SKILL.md"), 1)
    log.writes("a", revision=5)
    fleet.apply(log.events[-1])
    shown = look.shown(versions(fleet, job, "SKILL.md"))
    assert shown is not None
    assert shown.label == "r5"


def test_going_through_files_comes_back_to_the_first_and_forgets_the_revision() -> None:
    fleet = fleet_of(written())
    job = fleet.current
    assert job is not None
    look = Look(label="r1", compares=True)
    look.next_file(job.view.files, 1)
    assert (look.path, look.label, look.compares) == ("scripts/check.py", "", False)
    look.next_file(job.view.files, 1)
    assert look.path == "SKILL.md"


def test_an_edit_is_looked_at_with_what_it_changed_once() -> None:
    log = written()
    prompt = preview("a")
    log.asks("a", prompt)
    fleet = fleet_of(log)
    job = fleet.current
    assert job is not None
    look = Look(label="r1")
    fleet.draft(prompt).edits["scripts/check.py"] = "mine"
    look.notice(edits(fleet, job))
    assert (look.path, look.label, look.compares) == ("scripts/check.py", "", True)
    look.compares = False
    look.notice(edits(fleet, job))
    assert not look.compares
    look.compares = True
    fleet.draft(prompt).accepted = True
    look.notice(edits(fleet, job))
    assert not look.compares
