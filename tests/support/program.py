"""`skill-fleet` as a process of its own, on a server of a test."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.server import ServerProcess

COMMAND = [sys.executable, "-c", "from skill_fleet_tui.cli.main import main; main()"]
SECONDS = 60


def environment(server: ServerProcess, **more: str) -> dict[str, str]:
    return {**server.environment, "SKILL_FLEET_DATA_DIR": str(server.data_dir), "COLUMNS": "160", **more}


def run(
    server: ServerProcess, *arguments: str, given: str = "", cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(server, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=cwd,
        check=False,
    )


def documents(ran: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]
