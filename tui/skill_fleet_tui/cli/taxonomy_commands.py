"""`skill-fleet taxonomy`: the command line of the categories at a glance."""

from typing import Annotated

import typer

from skill_fleet_tui.cli.group import Json, group, run

app = group(
    "The categories of the library: show them, add to them. Alone: show.",
    lambda context, as_json: show(context, as_json=as_json),
)

Path = Annotated[str, typer.Argument(metavar="PATH", help="A category, or category/subcategory.")]


@app.command("show", epilog="Example: skill-fleet taxonomy show --json | jq -r '.categories[].path'")
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show every category, and how many skills are in it."""
    from skill_fleet_tui.cli.taxonomy import show_taxonomy

    run(context, show_taxonomy, as_json=as_json)


@app.command("add", epilog="Example: skill-fleet taxonomy add development/python --title Python --alias py")
def add(
    context: typer.Context,
    path: Path,
    title: Annotated[str, typer.Option(help="As people call it.")] = "",
    description: Annotated[str, typer.Option(help="What belongs there, in a sentence.")] = "",
    alias: Annotated[list[str] | None, typer.Option(help="Another word for it; repeatable.")] = None,
    example: Annotated[list[str] | None, typer.Option(help="A skill that belongs there; repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Add a category, or a subcategory of one."""
    from skill_fleet_common.library import AddCategory
    from skill_fleet_tui.cli.taxonomy import add_category

    named = title or path.rpartition("/")[2].replace("-", " ").capitalize()
    wish = AddCategory(path=path, title=named, description=description, aliases=alias or [], examples=example or [])
    run(context, lambda session: add_category(session, wish), as_json=as_json)


@app.command("alias", epilog="Example: skill-fleet taxonomy alias infrastructure kubernetes")
def alias(
    context: typer.Context,
    path: Path,
    word: Annotated[str, typer.Argument(help="Another word for it.")],
    as_json: Json = False,
) -> None:
    """Add another word for a category."""
    from skill_fleet_tui.cli.taxonomy import add_alias

    run(context, lambda session: add_alias(session, path, word), as_json=as_json)
