"""The screens as text, at three widths. `--snapshot-update` writes them anew; read the difference."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.unit.dashboard import scenes
from tests.unit.dashboard.stage import Stage, settled, staged
from tests.unit.store import builders

SCENES: dict[str, Callable[[], Stage]] = {
    "empty": scenes.empty,
    "live": scenes.live,
    "asking": lambda: scenes.asking(builders.clarify("asks")),
    "offline": scenes.offline,
    "unreachable": scenes.unreachable,
}


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("scene", SCENES)
async def test_screen(scene: str, width: int, snapshot: SnapshotAssertion) -> None:
    stage = SCENES[scene]()
    async with staged(stage, (width, 30)):
        assert stage.screen_text == snapshot


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("key", ["question_mark", "c"])
async def test_other_screens(key: str, width: int, snapshot: SnapshotAssertion) -> None:
    stage = scenes.live()
    async with staged(stage, (width, 30)) as pilot:
        await pilot.press(key)
        await settled(stage, pilot)
        assert stage.screen_text == snapshot
