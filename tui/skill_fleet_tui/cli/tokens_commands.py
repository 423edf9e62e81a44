"""`skill-fleet tokens`: the command line of the principals at a glance."""

from typing import Annotated

import typer

from skill_fleet_common.access import Role
from skill_fleet_tui.cli.group import Json, group, run

app = group(
    "Who may ask the server, and what for: list tokens, make one, take one back. Alone: list.",
    lambda context, as_json: list_all(context, as_json=as_json),
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the log calls its bearer.")]


@app.command("list", epilog="Example: skill-fleet tokens list --json | jq -r '.tokens[].name'")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """List names, roles and ends; never the tokens, which are kept nowhere."""
    from skill_fleet_tui.cli.tokens import list_tokens

    run(context, list_tokens, as_json=as_json)


@app.command("add", epilog="Example: skill-fleet tokens add mara --role answerer --days 90")
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Option(help="What it may do; each role may do what those before it may.")] = Role.OWNER,
    own_only: Annotated[bool, typer.Option("--own-only", help="It sees no jobs but those it created.")] = False,
    days: Annotated[float | None, typer.Option(min=0.0001, help="It expires after so many days.")] = None,
    as_json: Json = False,
) -> None:
    """Make a token for a person or a program, and show it once."""
    from skill_fleet_tui.cli.tokens import add_token

    run(context, lambda session: add_token(session, name, role, own_only=own_only, days=days), as_json=as_json)


@app.command("remove", epilog="Example: skill-fleet tokens remove mara")
def remove(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Take a token back: requests with it are refused, its streams end within seconds."""
    from skill_fleet_tui.cli.tokens import remove_token

    run(context, lambda session: remove_token(session, name), as_json=as_json)
