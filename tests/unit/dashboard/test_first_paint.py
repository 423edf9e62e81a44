"""The first paint is early because little is imported for it."""

import subprocess
import sys

HEAVY = (
    "httpx", "httpx_sse", "pydantic", "pydantic_settings", "typer", "markdown_it", "rich.markdown",
    "textual.widgets._markdown", "pygments", "skill_fleet_common", "skill_fleet_server",
)  # fmt: skip

CHILD = """
import asyncio, sys
from skill_fleet_tui.__main__ import parser
from skill_fleet_tui.app import SkillFleetApp

seen = []

class Watched(SkillFleetApp):
    def _begin(self):
        seen.extend(name for name in sys.modules)
        self.exit()

async def main():
    async with Watched().run_test() as pilot:
        await pilot.pause()

asyncio.run(main())
print(" ".join(name for name in {heavy} if name in seen) or "none", len(seen) > 100)
"""


def test_nothing_heavy_is_imported_before_the_first_refresh() -> None:
    child = CHILD.replace("{heavy}", repr(HEAVY))
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["none", "True"], done.stderr
