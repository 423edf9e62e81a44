"""The preview: files, revisions, what changed, where instructions come from; and that no text can harm it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import thread_time

import pytest
from syrupy.assertion import SnapshotAssertion

from skill_fleet_common.events import DurableEvent
from skill_fleet_common.skills import Origin, Provenance
from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.store.files import SOURCE
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.widgets.preview import Preview
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store import builders
from tests.unit.store.builders import Log, token

ONE = """---
name: react-hooks
description: Write React hooks.
---

# React hooks

Call hooks anywhere.

- name a hook `use…`
- keep a hook in one file
- write a test for each
- say in a comment what it returns
- leave its state to React
- do not share it

Ask when the rules and the request disagree.
"""
TWO = ONE.replace("anywhere", "at the top level").replace(
    "- do not share it\n", "- do not share it\n- never in a loop\n"
)
CODE = "#!/usr/bin/env python3\nimport sys\n\n\ndef check(path):\n    return path.endswith('.tsx')  # only those\n"
GUIDE = "\n".join(f"Line {number} of the guide says what to do." for number in range(1, 60))
SAID = [
    Provenance(
        text="Call hooks at the top level.", line=8, origin=Origin.SOURCE, reference="guide.md:40-42", verified=True,
        quote="call hooks at the top level",
    ),
    Provenance(text="name a hook", line=10, origin=Origin.ANSWER, reference="How are hooks named?"),
    Provenance(id="18", text="Ask when the rules", line=18, origin=Origin.MODEL),
]  # fmt: skip


def skill(*, files: bool = True, asks: bool = True, traced: bool = False) -> Stage:
    """A skill at its second revision, with three files, asked about; or `traced`, and nobody was asked."""
    log = Log()
    log.created("a", "React hooks the way our team writes them")
    log.writes("a", size=len(ONE))
    if files:
        log.writes("a", "references/rules.md", size=2_100)
        log.writes("a", "references/naming.md", size=900)
        log.writes("a", "scripts/check.py", size=len(CODE))
    log.writes("a", revision=2, size=len(TWO))
    if traced:
        log.traces("a", SAID, revision=2)
    if asks:
        prompt = builders.preview("a")
        shown = [prompt.files[0].model_copy(update={"text": TWO, "size": len(TWO)})]
        log.asks("a", prompt.model_copy(update={"provenance": SAID, "files": shown, "diff": ""}))
    stage = Stage(log, selected="a")
    assert stage.fleet is not None
    for path, revision, text in [
        ("SKILL.md", 1, ONE),
        ("SKILL.md", 2, TWO),
        ("scripts/check.py", 1, CODE),
        ("references/rules.md", 1, "# Rules\n"),
        ("references/naming.md", 1, "# Naming\n"),
        ("guide.md", SOURCE, GUIDE),
    ]:
        stage.fleet.keep_file(("a", path, revision), text)
    return stage


def written(stage: Stage, revision: int, size: int = 1_000) -> DurableEvent:
    """The event that SKILL.md was written once more."""
    assert stage.fleet is not None
    job = stage.fleet.jobs["a"]
    log = Log()
    log.writes("a", revision=revision, size=size)
    return log.events[0].model_copy(update={"seq": job.view.seq + 1, "pos": job.view.pos + 1})


def preview_of(stage: Stage) -> Preview:
    return stage.screen.query_one(Preview)


@pytest.mark.parametrize("size", [(60, 24), (100, 30), (140, 40), (200, 50)])
@pytest.mark.parametrize("keys", ["", "d", "f", "m", "mo"], ids=["file", "diff", "tree", "mark", "source"])
async def test_screen(size: tuple[int, int], keys: str, snapshot: SnapshotAssertion) -> None:
    stage = skill()
    async with staged(stage, size) as pilot:
        stage.screen.query_one(Preview).focus()
        await pilot.press("z")
        await settled(stage, pilot)
        await pilot.press(*keys)
        await settled(stage, pilot)
        await settled(stage, pilot)
        pane = stage.screen_text.split("\n")[1:-1]
        assert "\n".join(pane) == snapshot


async def test_every_file_is_gone_through_and_named() -> None:
    stage = skill()
    async with staged(stage, (140, 40)) as pilot:
        seen = []
        for _ in range(5):
            seen.append(preview_of(stage).title.split(" · ")[0])
            await pilot.press("f")
            await settled(stage, pilot)
        assert seen == ["SKILL.md", "references/naming.md", "references/rules.md", "scripts/check.py", "SKILL.md"]


async def test_a_file_of_the_tree_is_clicked() -> None:
    stage = skill()
    async with staged(stage, (140, 40)) as pilot:
        tree = preview_of(stage).query_one("FileTree")
        await pilot.click(tree, offset=(4, 4))
        await settled(stage, pilot)
        assert preview_of(stage).title.startswith("scripts/check.py · r1")
        assert "def check(path):" in stage.screen_text


async def test_a_job_that_ended_without_a_text_promises_none() -> None:
    log = Log()
    log.created("a")
    stage = Stage(log, selected="a")
    async with staged(stage, (140, 24)) as pilot:
        assert "as it is written." in stage.screen_text
        log.failed("a")
        stage.take(log.events[-1])
        await settled(stage, pilot)
        assert "This job ended before" in stage.screen_text
        assert "as it is written." not in stage.screen_text


async def test_a_skill_of_one_file_has_no_tree() -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)):
        assert not preview_of(stage).query("FileTree")


async def test_the_files_go_with_their_job() -> None:
    stage = skill()
    async with staged(stage) as pilot:
        await settled(stage, pilot)
        assert "check.py" in stage.screen_text
        stage.fleet = FleetState(lambda: 0.0)
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert "check.py" not in stage.screen_text


async def test_older_revisions_are_shown_and_compared_with() -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)) as pilot:
        await pilot.press("comma")
        await settled(stage, pilot)
        assert "Call hooks anywhere." in stage.screen_text
        assert preview_of(stage).title.startswith("SKILL.md · r1 of r2")
        await pilot.press("comma")
        await pilot.pause()
        assert "There is no older revision." in stage.screen_text
        await pilot.press("full_stop", "d")
        await settled(stage, pilot)
        assert preview_of(stage).title == "SKILL.md · r1 → r2 · +2 −1"
        assert "− Call hooks anywhere." in stage.screen_text
        assert "+ - never in a loop" in stage.screen_text


async def test_a_new_revision_keeps_the_readers_place() -> None:
    stage = skill(files=False, asks=False)
    long = ONE + "\n".join(f"\nParagraph {number}." for number in range(80))
    assert stage.fleet is not None
    stage.fleet.keep_file(("a", "SKILL.md", 2), long)
    stage.fleet.keep_file(("a", "SKILL.md", 3), long.replace("anywhere", "nowhere"))
    async with staged(stage, (140, 30)) as pilot:
        document = preview_of(stage).document
        document.focus()
        await pilot.press("pagedown", "pagedown")
        await settled(stage, pilot)
        number = document.number_at_top
        assert number > 20
        stage.take(written(stage, 3))
        await settled(stage, pilot)
        await settled(stage, pilot)
        assert preview_of(stage).title.startswith("SKILL.md · r3")
        assert document.number_at_top == number


async def test_marks_are_gone_through_and_their_source_opened_and_left() -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)) as pilot:
        preview = preview_of(stage)
        assert preview.document.has_marks
        await pilot.press("m")
        assert "line 8 § guide.md:40-42, word for word: “call hooks at the top level”" in preview.subtitle
        await pilot.press("m", "m")
        assert "line 18 ? the model's general knowledge" in preview.subtitle
        await pilot.press("m", "M", "m", "o")
        await settled(stage, pilot)
        assert "Line 40 of the guide" in stage.screen_text
        assert "lines 40 to 42" in preview.title
        await pilot.press("escape")
        await settled(stage, pilot)
        assert preview.title.startswith("SKILL.md · r2")
        await pilot.press("m", "m", "o")
        await pilot.pause()
        assert "No source says this" in stage.screen_text


async def test_a_skill_that_nobody_was_asked_about_has_its_marks() -> None:
    stage = skill(asks=False, traced=True)
    async with staged(stage, (140, 40)) as pilot:
        preview = preview_of(stage)
        preview.focus()
        await settled(stage, pilot)
        assert preview.document.has_marks
        await pilot.press("m")
        await settled(stage, pilot)
        assert "guide.md:40-42, word for word" in stage.screen_text


async def test_the_key_that_opens_a_source_in_the_preview_opens_the_pager_elsewhere() -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)) as pilot:
        await pilot.press("m")
        await settled(stage, pilot)
        assert "o opens it" in preview_of(stage).subtitle
        await pilot.press("tab", "tab")
        await settled(stage, pilot)
        assert "o opens it" not in preview_of(stage).subtitle
        await pilot.press("o")
        await settled(stage, pilot)
        assert "x saves the log to a file" in stage.screen_text
        assert preview_of(stage).title.startswith("SKILL.md")


async def test_who_comes_back_from_a_comparison_is_where_they_were() -> None:
    stage = skill(files=False)
    assert stage.fleet is not None
    long = TWO + "\n".join(f"\nParagraph {number}." for number in range(80))
    stage.fleet.keep_file(("a", "SKILL.md", 2), long)
    async with staged(stage, (140, 30)) as pilot:
        preview = preview_of(stage)
        await pilot.press("m", "m", "m")
        await settled(stage, pilot)
        number = preview.document.number_at_top
        assert number > 1
        await pilot.press("d")
        await settled(stage, pilot)
        assert "→" in preview.title
        await pilot.press("d")
        await settled(stage, pilot)
        await settled(stage, pilot)
        assert preview.document.number_at_top == number


async def test_a_text_that_the_server_does_not_have_is_said() -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)) as pilot:
        assert stage.fleet is not None
        stage.take(written(stage, 3))
        await settled(stage, pilot)
        stage.fleet.file_problems["a", "SKILL.md", 3] = "The job a has no revision 3."
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert "The job a has no revision 3." in stage.screen_text


async def test_without_a_server_a_text_is_not_promised_and_asked_for_once_there_is_one() -> None:
    stage = skill(files=False)
    wanted: list[object] = []
    stage.fetch_file = lambda ref, failed: wanted.append(ref)
    async with staged(stage, (140, 40)) as pilot:
        assert stage.fleet is not None
        stage.fleet.connection.become(Link.WAITING, "gone", retry_at=2_000.0)
        stage.take(written(stage, 3))
        stage.fleet.connection.become(Link.WAITING, "gone", retry_at=2_000.0)
        await settled(stage, pilot)
        assert "The server cannot be reached" in stage.screen_text
        assert "r tries now" in stage.screen_text
        assert not wanted
        stage.fleet.connection.become(Link.LIVE)
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert "Asking the server" in stage.screen_text
        assert wanted == [("a", "SKILL.md", 3)]


@pytest.mark.parametrize(
    ("text", "size", "says"),
    [
        ("\ufffd\ufffdPNG\ufffd\ufffd\ufffd\ufffd", 900, "looks binary (900 B)"),
        ("x", 5_000_000, "4.8 MB"),
    ],
    ids=["binary", "huge"],
)
async def test_what_cannot_be_read_is_said_instead_of_shown(text: str, size: int, says: str) -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)) as pilot:
        assert stage.fleet is not None
        stage.fleet.keep_file(("a", "SKILL.md", 3), text)
        stage.take(written(stage, 3, size))
        await settled(stage, pilot)
        assert says in stage.screen_text


HOSTILE = {
    "endless": "w漢" * 50_000,
    "megabyte": "x" * 1_000_000,
    "markup": "[/INST][b]x[/nope] " * 300 + "e\u0301 👩\u200d👧 " * 300,
    "fences": "```\n" * 3_000,
    "nested": "\n".join("  " * depth + "- x" for depth in range(300)),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_text_stalls_the_preview(name: str) -> None:
    text = HOSTILE[name]
    stage = skill(files=False, asks=False)
    async with staged(stage, (140, 40)) as pilot:
        assert stage.fleet is not None
        stage.fleet.keep_file(("a", "SKILL.md", 3), text)
        async with watched() as longest:
            stage.take(written(stage, 3))
            for key in ("p", "d", "less_than_sign", "p", "d", "comma", "m"):
                await pilot.press(key)
                await settled(stage, pilot)
        assert stage.is_running
        assert longest() < 2.0
        stage.fleet.apply(token(text, job="a"))
        stage.beat(urgent=True)


@asynccontextmanager
async def watched() -> AsyncGenerator[Callable[[], float]]:
    """How long the event loop worked at most before it came back: processor time, since machines are busy."""
    stood = 0.0

    async def watch() -> None:
        nonlocal stood
        while True:
            began = thread_time()
            await asyncio.sleep(0.002)
            stood = max(stood, thread_time() - began)

    task = asyncio.create_task(watch())
    try:
        yield lambda: stood
    finally:
        task.cancel()


async def test_an_edit_is_shown_with_what_it_changes_before_it_is_sent() -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)) as pilot:
        assert stage.fleet is not None
        prompt = stage.fleet.jobs["a"].view.prompt
        draft = stage.fleet.draft(prompt)
        draft.edits["SKILL.md"] = TWO.replace("- do not share it", "- share it \x1b]52;c;cHduZWQ=\x07only on purpose")
        draft.originals["SKILL.md"] = TWO
        draft.touch()
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert preview_of(stage).title == "SKILL.md · r2 → your edit, not sent yet · +1 −1"
        assert "+ - share it only on purpose" in stage.screen_text
        await pilot.press("d")
        await settled(stage, pilot)
        assert preview_of(stage).title.startswith("SKILL.md · your edit")
        draft.accepted = True
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert preview_of(stage).title.startswith("SKILL.md · r2")


async def test_what_is_to_be_cut_or_vouched_for_is_marked() -> None:
    stage = skill(files=False)
    async with staged(stage, (140, 40)) as pilot:
        assert stage.fleet is not None
        prompt = stage.fleet.jobs["a"].view.prompt
        assert "? Ask when" in stage.screen_text
        stage.fleet.draft(prompt).choices["cut"] = ["18"]
        stage.beat(urgent=True)
        await settled(stage, pilot)
        assert "✗ Ask when" in stage.screen_text


async def test_the_question_shows_an_edit_side_by_side_as_wide_as_the_screen() -> None:
    stage = skill(files=False)
    async with staged(stage, (160, 50)) as pilot:
        await pilot.press("n")
        assert stage.fleet is not None
        draft = stage.fleet.draft(stage.fleet.jobs["a"].view.prompt)
        draft.edits["SKILL.md"] = TWO.replace("- do not share it", "- share it")
        draft.originals["SKILL.md"] = TWO
        draft.touch()
        stage.beat(urgent=True)
        await settled(stage, pilot)
        question = stage.screen_text.split("Your edit of SKILL.md  +1 −1")[1]
        assert any("− - do not share it" in row and "+ - share it" in row for row in question.split("\n"))
