"""The Skills screen: what is shown in each state, at each width, and what keys do."""

from collections.abc import Callable
from datetime import UTC

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from skill_fleet_common.evidence import SkillEvidence, SkillRouting
from skill_fleet_common.library import (
    Budget,
    ClientBudget,
    ListingSize,
    MatchedWord,
    RoutedSkill,
    Routing,
    SkillDetail,
    SkillSummary,
)
from skill_fleet_common.skills import Measure
from skill_fleet_tui.screens.main import MainScreen
from skill_fleet_tui.screens.skills import SkillsScreen
from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.store.library import LibraryState
from skill_fleet_tui.text.clean import clean_json
from skill_fleet_tui.widgets.find_line import FindLine
from skill_fleet_tui.widgets.status_bar import StatusBar
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store.builders import clarify
from tests.unit.store.shelf import detail, finding, library, revision, summary

TEXT = "---\nname: release-notes\ndescription: Writes release notes.\n---\n\n# Release notes\n\nOne line per change.\n"
HOSTILE = "\x1b]52;c;aGk=\x07[red]x[/INST]\u202egpj\x00\n\x9b31m"


def shelf() -> LibraryState:
    state = library(
        summary("python-logging"), summary("react-hooks"), summary("release-notes", "writing", "Writes release notes."),
        summary("key-rotation", "security"),
    )  # fmt: skip
    state.select("release-notes")
    state.keep(
        detail(
            "release-notes",
            text=TEXT,
            files=["SKILL.md", "references/style.md"],
            taxonomy_path="writing",
            description="Writes release notes.",
            revision=2,
            revisions=[revision(2, change="moved", note="from development"), revision(1)],
            findings=[finding("error", line=3), finding("warning", line=8)],
            measures=[
                Measure(name="tokens", value=412, percentile=38),
                Measure(name="coverage", how="Not measured: the job had no criteria."),
            ],
            listing=[ListingSize(client="codex", characters=190, limit=8000)],
            aliases=["development/release-notes"],
        )
    )
    state.keep(detail("python-logging"))
    return state


def routed() -> LibraryState:
    state = shelf()
    state.about = "which"
    state.ask("notes for a release")
    ranked = [
        RoutedSkill(
            name=name,
            description="",
            taxonomy_path="",
            score=score,
            words=[MatchedWord(word="release", score=score)],
        )
        for name, score in (("release-notes", 4.2), ("react-hooks", 1.1))
    ]
    state.answer(
        Routing(query="notes for a release", words=["notes", "release"], picked="release-notes", ranked=ranked,
                skills=4, limits="Words only.")
    )  # fmt: skip
    return state


def budgeted() -> LibraryState:
    state = shelf()
    state.about = "budget"
    clients = [
        ClientBudget(client="codex", characters=9_100, limit=8_000, how="Of name and description.", too_long=["a"]),
        ClientBudget(client="claude", characters=1_881, how="Of the description."),
    ]
    state.budget = Budget(skills=4, clients=clients)
    return state


def known() -> LibraryState:
    """A skill whose job left its test queries and where its instructions come from."""
    text = f"{TEXT}\n1. Name the release.\n2. Thank who helped.\n3. Keep it short.\n"
    state = library(
        summary("contracts", errors=2, warnings=1), summary("release-notes", "writing", errors=0, warnings=3)
    )  # fmt: skip
    state.select("release-notes")
    state.keep(
        detail("release-notes", text=text, taxonomy_path="writing", revisions=[revision(1, evidence=True)],
               findings=[finding("warning", line=8)] * 3)
    )  # fmt: skip
    told = [
        {"text": "Name the release.", "line": 10, "origin": "source", "reference": "guide.md:1-4", "verified": True},
        {"text": "Thank who helped.", "line": 11, "origin": "model"},
        {"text": "Keep it short.", "line": 12, "origin": "model", "confirmed": True},
    ]
    led = [
        {
            "query": "notes for the new release",
            "kind": "positive",
            "reached": "release-notes",
            "score": 4,
            "own_score": 4,
        },
        {"query": "notes on the contract", "kind": "positive", "reached": "contracts", "score": 3.2, "own_score": 1.5},
        {"query": "sign the release form", "kind": "negative", "reached": "release-notes", "score": 2, "own_score": 2},
    ]
    about = {"name": "release-notes", "kept": True}
    state.keep_evidence(
        SkillEvidence.model_validate({**about, "revision": 1, "provenance": told, "instructions": 3}),
        SkillRouting.model_validate({**about, "queries": led, "skills": 2, "limits": "Words only."}),
    )
    return state


def broken() -> LibraryState:
    state = LibraryState()
    state.trouble = "The library cannot be read. Look at the server's log."
    return state


STATES: dict[str, Callable[[], LibraryState]] = {
    "empty": library,
    "skill": shelf,
    "known": known,
    "which": routed,
    "budget": budgeted,
    "broken": broken,
}


def stage_with(state: LibraryState) -> Stage:
    stage = scenes.live()
    stage.library = state
    return stage


async def opened(stage: Stage, pilot: Pilot[None]) -> SkillsScreen:
    """The screen, as it is with a server that says nothing."""
    assert stage.fleet is not None
    stage.fleet.connection.become(Link.REPLAY)
    await pilot.press("2")
    screen = stage.screen
    assert isinstance(screen, SkillsScreen)
    screen.zone = screen.query_one(StatusBar).zone = UTC
    await settled(stage, pilot)
    return screen


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("state", STATES)
async def test_screen(state: str, width: int, snapshot: SnapshotAssertion) -> None:
    stage = stage_with(STATES[state]())
    async with staged(stage, (width, 32)) as pilot:
        screen = await opened(stage, pilot)
        if state in ("which", "budget"):
            screen.show_about(state)
        await settled(stage, pilot)
        assert stage.screen_text == snapshot


async def test_instructions_are_gone_through_with_where_they_come_from() -> None:
    stage = stage_with(known())
    async with staged(stage, (140, 32)) as pilot:
        await opened(stage, pilot)
        await pilot.press("a")
        await settled(stage, pilot)
        assert "line 10 § guide.md:1-4, word for word" in stage.screen_text
        await pilot.press("a")
        await settled(stage, pilot)
        assert "line 11 ? the model's general knowledge" in stage.screen_text
        await pilot.press("A", "A")
        await settled(stage, pilot)
        assert "line 12 ? the model's" in stage.screen_text


async def test_without_evidence_no_key_for_it_is_offered() -> None:
    stage = stage_with(shelf())
    async with staged(stage, (140, 32)) as pilot:
        screen = await opened(stage, pilot)
        assert "origins" not in screen.possible()
        assert "§" not in stage.screen_text


async def test_jobs_and_skills_are_a_key_apart_and_each_keeps_its_place() -> None:
    stage = stage_with(shelf())
    async with staged(stage) as pilot:
        await opened(stage, pilot)
        await pilot.press("j", "1")
        assert isinstance(stage.screen, MainScreen)
        await pilot.press("2")
        assert stage.library is not None
        assert stage.library.selected == "release-notes"
        await pilot.press("colon", *"jobs", "enter")
        await pilot.pause()
        assert isinstance(stage.screen, MainScreen)


async def test_the_next_question_is_one_key_away_from_the_skills() -> None:
    stage = scenes.asking(clarify("asks"))
    stage.library = shelf()
    async with staged(stage) as pilot:
        await opened(stage, pilot)
        assert "next question" in stage.screen_text
        await pilot.press("n")
        await settled(stage, pilot)
        assert isinstance(stage.screen, MainScreen)
        assert stage.screen.pane == "prompt"


async def test_words_narrow_the_list_as_they_are_typed_and_escape_shows_it_whole() -> None:
    stage = stage_with(shelf())
    async with staged(stage) as pilot:
        await opened(stage, pilot)
        await pilot.press("slash", *"react")
        await settled(stage, pilot)
        assert "Skills · 1 of 4 · react" in stage.screen_text
        assert stage.library is not None
        assert stage.library.selected == "react-hooks"
        await pilot.press("enter", "escape")
        assert stage.library.filter == ""


async def test_categories_fold_under_keys_and_the_mouse_and_stay_folded() -> None:
    stage = stage_with(shelf())
    state = stage.library
    assert state is not None
    async with staged(stage, (140, 32)) as pilot:
        await opened(stage, pilot)
        await pilot.press("g", "h")
        await settled(stage, pilot)
        assert state.selected == "python-logging"
        assert "▸ Development" in stage.screen_text
        assert "react-hooks" not in stage.screen_text
        await pilot.press("J", "enter")
        await settled(stage, pilot)
        assert state.folded == {"development", "security"}
        await pilot.press("j")
        assert state.selected == "release-notes"
        await pilot.press("1", "2")
        await settled(stage, pilot)
        assert "react-hooks" not in stage.screen_text
        rows = stage.screen_text.split("\n")
        await pilot.click(offset=(4, next(number for number, text in enumerate(rows) if "▸ Development" in text)))
        await settled(stage, pilot)
        assert state.folded == {"security"}
        await pilot.press("minus")
        await settled(stage, pilot)
        assert "▸ writing" in stage.screen_text
        await pilot.press("l")
        assert state.folded == {"development", "security"}, "the category of the skill that is read is open"
        await pilot.press("plus")
        await settled(stage, pilot)
        assert state.folded == set()


async def test_what_changed_between_revisions_is_shown_and_left_again() -> None:
    stage = stage_with(shelf())
    async with staged(stage) as pilot:
        await opened(stage, pilot)
        assert stage.library is not None
        before = TEXT.replace("One line", "A line")
        stage.library.keep_text(stage.library.versions()[0].ref, before)
        await pilot.press("d")
        await settled(stage, pilot)
        assert "r1 → r2 · +1 −1" in stage.screen_text
        await pilot.press("escape")
        await settled(stage, pilot)
        assert "SKILL.md · r2" in stage.screen_text


async def test_findings_are_gone_through_in_the_text() -> None:
    stage = stage_with(shelf())
    async with staged(stage, (140, 32)) as pilot:
        await opened(stage, pilot)
        await pilot.press("e")
        await settled(stage, pilot)
        assert "❯ N01 SKILL.md:3" in stage.screen_text


@pytest.mark.parametrize("width", [30, 60, 80, 120, 200])
async def test_nothing_that_others_wrote_is_obeyed(width: int) -> None:
    # As `client.responses.decoded` makes it of what a server sends.
    named = SkillSummary.model_validate(clean_json(summary(HOSTILE, HOSTILE, HOSTILE).model_dump(mode="json")))
    whole = detail(
        HOSTILE, text=HOSTILE, description=HOSTILE, taxonomy_path=HOSTILE, aliases=[HOSTILE], files=[HOSTILE],
        left_out=[HOSTILE], findings=[finding("error", path=HOSTILE)],
        revisions=[revision(1, note=HOSTILE, by=HOSTILE)],
    )  # fmt: skip
    state = library(named)
    state.keep(SkillDetail.model_validate(clean_json(whole.model_dump(mode="json"))))
    stage = stage_with(state)
    async with staged(stage, (width, 30)) as pilot:
        await opened(stage, pilot)
        assert "x[/INST]" in stage.screen_text
        for key in ("tab", "tab", "b", "escape", "e", "d", "f"):
            await pilot.press(key)
            await settled(stage, pilot)
            assert not {"\x1b", "\x00", "\x9b", "\u202e"} & set(stage.screen_text)


async def test_a_query_is_asked_for_as_it_is_typed_and_let_go_with_escape() -> None:
    stage = stage_with(shelf())
    async with staged(stage) as pilot:
        await opened(stage, pilot)
        await pilot.press("w", *"release")
        assert stage.library is not None
        assert stage.library.query == "release"
        assert stage.screen.query_one(FindLine).has_class("-open")
        await pilot.press("escape")
        assert (stage.library.query, stage.library.about) == ("", "skill")


async def test_removing_asks_once_more() -> None:
    stage = stage_with(shelf())
    async with staged(stage) as pilot:
        await opened(stage, pilot)
        await pilot.press("X")
        assert "Remove release-notes from the library?" in stage.screen_text
        await pilot.press("n")
        assert isinstance(stage.screen, SkillsScreen)


async def test_the_only_draft_is_asked_about_at_once_from_the_skills() -> None:
    stage = scenes.live("done")
    async with staged(stage) as pilot:
        await pilot.press("2", "P")
        await pilot.pause()
        assert "Keep this draft in the library" in stage.screen_text


async def test_a_draft_is_kept_from_the_jobs_after_its_findings_were_shown() -> None:
    stage = scenes.live("done")
    async with staged(stage) as pilot:
        assert "P promote" in stage.screen_text
        await pilot.press("P")
        await pilot.pause()
        assert "Keep this draft in the library" in stage.screen_text
        await pilot.press("enter")
        await pilot.pause()
        await settled(stage, pilot)
        assert "There is no connection to the server." in stage.screen_text
