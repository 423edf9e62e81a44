"""The screens as text, at three widths. `--snapshot-update` writes them anew; read the difference."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from skill_fleet_common.prompts import Prompt
from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store import builders

SCENES: dict[str, Callable[[], Stage]] = {
    "empty": scenes.empty,
    "live": scenes.live,
    "asking": lambda: scenes.asking(builders.clarify("asks")),
    "forks": scenes.forks,
    "filtered": lambda: scenes.filtered("kubernetes !state:asks"),
    "nothing found": lambda: scenes.filtered("state:review"),
    "offline": scenes.offline,
    "unreachable": scenes.unreachable,
    "loading": scenes.loading,
    "other version": scenes.other_version,
}


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("scene", SCENES)
async def test_screen(scene: str, width: int, snapshot: SnapshotAssertion) -> None:
    stage = SCENES[scene]()
    async with staged(stage, (width, 30)):
        assert stage.screen_text == snapshot


OTHERS = {
    "create": "c",
    "help": "question_mark c a n c e l",
    "command": "colon c o n",
    "filter": "slash s t a t e",
    "find": "tab slash r e v",
    "export": "x",
    "confirm": "X",
    "zoom": "tab z",
}
"""What leads there, by name."""


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("name", OTHERS)
async def test_other_screens(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    stage = scenes.live()
    async with staged(stage, (width, 30)) as pilot:
        await pilot.press(*OTHERS[name].split())
        await settled(stage, pilot)
        assert stage.screen_text == snapshot


PROMPTS: dict[str, Callable[[str], Prompt]] = {
    "clarify": builders.clarify,
    "structure_fix": builders.structure_fix,
    "confirm": builders.confirm,
    "preview": builders.preview,
    "validate": builders.validate,
}


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("kind", PROMPTS)
async def test_question(kind: str, width: int, snapshot: SnapshotAssertion) -> None:
    stage = scenes.asking(PROMPTS[kind]("asks"))
    async with staged(stage, (width, 40)) as pilot:
        await pilot.press("n")
        await settled(stage, pilot)
        assert stage.screen_text == snapshot


@pytest.mark.parametrize("kind", PROMPTS)
async def test_question_on_the_smallest_screen(kind: str, snapshot: SnapshotAssertion) -> None:
    stage = scenes.asking(PROMPTS[kind]("asks"))
    async with staged(stage, (20, 5)) as pilot:
        away = stage.screen_text
        await pilot.press("n")
        await settled(stage, pilot)
        assert f"{away}\n\n{stage.screen_text}" == snapshot


@pytest.mark.parametrize("width", [60, 100, 140])
async def test_timeline(width: int, snapshot: SnapshotAssertion) -> None:
    stage = scenes.timed()
    async with staged(stage, (width, 24)) as pilot:
        await pilot.press("T")
        await settled(stage, pilot)
        assert stage.screen_text == snapshot
