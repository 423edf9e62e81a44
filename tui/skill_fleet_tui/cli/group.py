"""What commands have in common at the command line: how a group of them begins, and how one is run.

A group is `jobs`, `skills`, `taxonomy`, `tokens`: alone, it does what is asked of it most.
"""

from collections.abc import Callable
from typing import Annotated

import typer

from skill_fleet_tui.cli.session import Command

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]


Alone = Callable[[typer.Context, bool], None]
"""What a group does when no command of it is named. Told whether JSON is wanted."""


def group(meaning: str, alone: Alone) -> typer.Typer:
    """A group of commands; add each with `@app.command`."""
    app = typer.Typer(help=meaning)

    def begin(context: typer.Context, as_json: Json = False) -> None:
        if context.invoked_subcommand is None:
            alone(context, as_json)

    app.callback(invoke_without_command=True)(begin)
    return app


def run(context: typer.Context, command: Command, *, as_json: bool = False) -> None:
    """Run a command and leave with its exit code."""
    context.obj.json = as_json
    context.obj.run(command)
