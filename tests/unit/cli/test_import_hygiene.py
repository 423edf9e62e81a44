"""The command line and the dashboard's first paint do not pay for what they do not use yet."""

import subprocess
import sys

import pytest


def imported_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[0] for name in ran.stdout.split()}


def test_the_command_line_imports_neither_the_dashboard_nor_the_server() -> None:
    unwanted = {"textual", "fastapi", "dspy", "sqlmodel", "sqlalchemy", "dbos", "skill_fleet_server"}

    assert not imported_by("skill_fleet_tui.cli.main") & unwanted


@pytest.mark.parametrize(
    "module",
    [
        "skill_fleet_tui.cli.main",
        "skill_fleet_tui.setup.settings",
        "skill_fleet_tui.text.clean",
        "skill_fleet_tui.client.states",
    ],
)
def test_requests_and_settings_are_imported_when_they_are_needed(module: str) -> None:
    assert not imported_by(module) & {"httpx", "pydantic_settings"}
