"""Commands that the server package brings are found by their entry points, and their modules are where these say."""

import tomllib
from importlib import import_module
from pathlib import Path

import typer.main

from skill_fleet_tui.cli.brought import GROUP
from skill_fleet_tui.cli.main import app

PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_every_entry_point_leads_to_a_function_and_is_a_command() -> None:
    brought = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    commands = getattr(typer.main.get_command(app), "commands", {})
    assert brought
    for name, target in brought.items():
        module, _, function = target.partition(":")
        assert callable(getattr(import_module(module), function))
        assert name in commands
