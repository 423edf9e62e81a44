"""`skill-fleet skills`: the command line of the library at a glance. Work is in the modules it imports when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from skill_fleet_tui.cli.group import Json, group, run
from skill_fleet_tui.client.agents import Client, Scope, folder_for

app = group(
    "Keep skills: list, search, promote, move, import, export, install. Alone: list.",
    lambda context, as_json: list_skills(context, as_json=as_json),
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The skill's name, or one it had before.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="These skills; all if none is named.")]
Category = Annotated[str, typer.Option("--category", "-c", help="Only in this category, or below it.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there, whoever put it there.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]


@app.command("list", epilog="Example: skill-fleet skills list --category development --json | jq -r '.skills[].name'")
def list_skills(context: typer.Context, category: Category = "", limit: Limit = 5000, as_json: Json = False) -> None:
    """List the skills of the library, by category and name."""
    from skill_fleet_tui.cli.skills import list_skills

    run(context, lambda session: list_skills(session, category=category, q="", limit=limit), as_json=as_json)


@app.command("search", epilog="Example: skill-fleet skills search 'pdf forms'")
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Words of a name or description.")],
    category: Category = "",
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Find skills by the words of their names and descriptions, best match first."""
    from skill_fleet_tui.cli.skills import list_skills

    run(context, lambda session: list_skills(session, category=category, q=query, limit=limit), as_json=as_json)


@app.command("show", epilog="Examples: skill-fleet skills show NAME · skill-fleet skills show NAME --file SKILL.md")
def show(
    context: typer.Context,
    name: Name,
    file: Annotated[str, typer.Option("--file", help="Print this file as it is, and nothing else.")] = "",
    revision: Annotated[int | None, typer.Option(min=1, help="With --file: as it was then.")] = None,
    as_json: Json = False,
) -> None:
    """Show one skill: where it is, its files, findings, measures and revisions."""
    from skill_fleet_tui.cli.skills import print_file, show_skill

    if file:
        run(context, lambda session: print_file(session, name, file, revision), as_json=as_json)
    run(context, lambda session: show_skill(session, name), as_json=as_json)


@app.command("diff", epilog="Examples: skill-fleet skills diff NAME · skill-fleet skills diff NAME 1 3")
def diff(
    context: typer.Context,
    name: Name,
    old: Annotated[int | None, typer.Argument(metavar="[OLD]", min=1, help="The one before, if left out.")] = None,
    new: Annotated[int | None, typer.Argument(metavar="[NEW]", min=1, help="The skill as it is, if left out.")] = None,
) -> None:
    """Show what changed between two revisions of a skill."""
    from skill_fleet_tui.cli.skills import show_diff

    run(context, lambda session: show_diff(session, name, old, new))


@app.command("promote", epilog="Example: skill-fleet skills promote JOB --category development")
def promote(
    context: typer.Context,
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job whose draft it is.")],
    category: Annotated[
        str | None, typer.Option("--category", "-c", help="Where it goes; what the draft says, if left out.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Another name than the draft's.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Make it the next revision of the skill it is.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Take it despite errors and overlaps.")] = False,
    as_json: Json = False,
) -> None:
    """Check a job's draft, and move it into the library."""
    from skill_fleet_common.library import Promote
    from skill_fleet_tui.cli.skills_changes import promote

    wish = Promote(taxonomy_path=category, name=name, force=force, replace=replace)
    run(context, lambda session: promote(session, job, wish), as_json=as_json)


@app.command("unpromote", epilog="Example: skill-fleet skills unpromote NAME")
def unpromote(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Take a promotion back: the skill is its job's draft again."""
    from skill_fleet_tui.cli.skills_changes import unpromote

    run(context, lambda session: unpromote(session, name), as_json=as_json)


@app.command("move", epilog="Example: skill-fleet skills move NAME writing-docs")
def move(
    context: typer.Context,
    name: Name,
    category: Annotated[str, typer.Argument(help="A category, or category/subcategory.")],
    as_json: Json = False,
) -> None:
    """Put a skill into another category. The path it had leads to it still."""
    from skill_fleet_tui.cli.skills_changes import move

    run(context, lambda session: move(session, name, category), as_json=as_json)


@app.command("rename", epilog="Example: skill-fleet skills rename OLD NEW")
def rename(
    context: typer.Context,
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="Lower-case words and digits with hyphens.")],
    as_json: Json = False,
) -> None:
    """Call a skill something else. The name it had leads to it still."""
    from skill_fleet_tui.cli.skills_changes import rename

    run(context, lambda session: rename(session, name, new_name), as_json=as_json)


@app.command("remove", epilog="Example: skill-fleet skills remove NAME")
def remove(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Take a skill out of the library. It can be restored."""
    from skill_fleet_tui.cli.skills_changes import remove

    run(context, lambda session: remove(session, name), as_json=as_json)


@app.command("restore", epilog="Examples: skill-fleet skills restore · skill-fleet skills restore NAME")
def restore(
    context: typer.Context,
    which: Annotated[str, typer.Argument(metavar="[NAME]", help="A name or a trash id; without: list them.")] = "",
    as_json: Json = False,
) -> None:
    """Put a removed skill back where it was; without a name, list what was removed."""
    from skill_fleet_tui.cli.skills_changes import list_trash, restore

    run(context, lambda session: restore(session, which) if which else list_trash(session), as_json=as_json)


@app.command(
    "import", epilog="Examples: skill-fleet skills import ~/skills --dry-run · skill-fleet skills import x.zip --yes"
)
def import_(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(exists=True, help="A folder, a checkout or a zip that holds skills.")],
    category: Annotated[str, typer.Option("--category", "-c", help="For skills that do not say theirs.")] = "",
    repair: Annotated[bool, typer.Option("--repair", help="Take those, too, that rules can put right.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before taking those that pass.")] = False,
    as_json: Json = False,
) -> None:
    """Take skills from elsewhere: first a report, then all that pass. Nothing in them is executed."""
    from skill_fleet_tui.cli.skills_import import Wish, import_skills

    wish = Wish(category, repair, dry_run, yes)
    run(context, lambda session: import_skills(session, path, wish), as_json=as_json)


@app.command(
    "export",
    epilog="Examples: skill-fleet skills export --to ./skills · skill-fleet skills export NAME --zip · "
    "skill-fleet skills export --xml --to ~/.claude/skills",
)
def export(
    context: typer.Context,
    names: Names = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="The folder to write into.")] = None,
    category: Category = "",
    as_xml: Annotated[bool, typer.Option("--xml", help="Print <available_skills>, for skills in DIR.")] = False,
    as_zip: Annotated[bool, typer.Option("--zip", help="One NAME.skill, or skills.zip of several.")] = False,
    as_marketplace: Annotated[bool, typer.Option("--marketplace", help="With a marketplace.json of plugins.")] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write skills out: a flat folder per skill, a zip, a prompt's list, or a marketplace of plugins."""
    from skill_fleet_tui.cli.skills_export import Form, export

    chosen = [form for form, wanted in zip(Form, (as_xml, as_zip, as_marketplace), strict=False) if wanted]
    run(
        context,
        lambda session: export(session, names or [], category=category, forms=chosen, to=to, force=force),
        as_json=as_json,
    )


@app.command(
    "install",
    epilog="Examples: skill-fleet skills install NAME --for claude · skill-fleet skills install --all --for codex "
    "--scope home",
)
def install(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="These skills.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every skill of the library.")] = False,
    for_: Annotated[
        list[Client] | None, typer.Option("--for", help="For this agent; repeatable. Default: agents.")
    ] = None,
    scope: Annotated[Scope, typer.Option(help="For this project, or for all of yours.")] = Scope.PROJECT,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Copy skills to where an agent looks for them, such as .claude/skills of this project."""
    from skill_fleet_tui.cli.skills_export import install

    folders = list(dict.fromkeys(folder_for(client, scope) for client in for_ or [Client.AGENTS]))
    run(
        context,
        lambda session: install(session, names or [], every=all_, folders=folders, force=force),
        as_json=as_json,
    )


@app.command("route", epilog="Example: skill-fleet skills route 'fill in this tax form'")
def route(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What somebody might ask an agent.")],
    limit: Limit = 5,
    as_json: Json = False,
) -> None:
    """See which skill the words of a query lead to, and which words decide."""
    from skill_fleet_tui.cli.skills import show_route

    run(context, lambda session: show_route(session, query, limit), as_json=as_json)


@app.command("budget", epilog="Example: skill-fleet skills budget --json | jq '.clients[] | {client, characters}'")
def budget(context: typer.Context, as_json: Json = False) -> None:
    """See how many characters all descriptions take in each client's list."""
    from skill_fleet_tui.cli.skills import show_budget

    run(context, show_budget, as_json=as_json)
