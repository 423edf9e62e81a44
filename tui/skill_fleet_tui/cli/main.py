"""`skill-fleet`: the command line at a glance. What a command does is in the module it imports when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from skill_fleet_common import __version__
from skill_fleet_common.actions import Action
from skill_fleet_common.jobs import JobStatus
from skill_fleet_common.prompts import Checkpoint
from skill_fleet_tui.cli import skills_commands, taxonomy_commands, tokens_commands
from skill_fleet_tui.cli.group import Json, group, run
from skill_fleet_tui.cli.session import Session

_EXITS = (
    "Exit codes: 0 done · 1 the job or the server failed · 2 what was given does not fit · 3 the job waits for an "
    "answer · 4 cancelled · 5 no server could be reached or started · 6 not authorised · 7 not found · 8 finished, "
    "needs review · 130 interrupted, the job goes on."
)

_THE_SERVERS_OWN = {
    "serve": "Run the server. All flags are the server's: see `skill-fleet serve --help`.",
    "validate": "Check skills on disk, without a server. For its flags see `skill-fleet validate --help`.",
    "evaluate": "Do tasks with and without a skill, and compare. For its flags see `skill-fleet evaluate --help`.",
    "worker": "Run a worker: it does the jobs of servers that share its PostgreSQL. See `skill-fleet worker --help`.",
    "db": "Upgrade, check, back up or copy the server's database. See `skill-fleet db --help`.",
    "doctor": "Look at everything a server needs here, and say what to do. See `skill-fleet doctor --help`.",
}

app = typer.Typer(
    name="skill-fleet",
    help="Create agent skills with the people who know. `skill-fleet-tui` opens the dashboard.",
    epilog=_EXITS,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # help is text: brackets stay, and Rich's panels are not worth their import
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
jobs_app = group(
    "List jobs, look at one, cancel one, run a failed one again, fork one. Alone: list.",
    lambda context, as_json: list_jobs(context, as_json=as_json),
)
app.add_typer(jobs_app, name="jobs")
app.add_typer(skills_commands.app, name="skills")
app.add_typer(taxonomy_commands.app, name="taxonomy")
app.add_typer(tokens_commands.app, name="tokens")

NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not stay with the job.")]
JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]


@app.callback()
def options(
    context: typer.Context,
    url: Annotated[str | None, typer.Option(help="The server's address. [env: SKILL_FLEET_URL]")] = None,
    token: Annotated[str | None, typer.Option(help="Its token; better set SKILL_FLEET_TOKEN.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where this machine's server keeps its data. [env: SKILL_FLEET_DATA_DIR]")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Another configuration file. [env: SKILL_FLEET_CONFIG]")] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Without an address, this machine's server is used; it is started when it does not run."""
    context.obj = Session({"url": url, "token": token, "data_dir": data_dir, "config": config})
    if version:
        context.obj.line(__version__)
        raise typer.Exit


def _add_servers_own(name: str, meaning: str) -> None:
    """Add a command that becomes the server's program, whose flags it takes."""

    def become_it(context: typer.Context) -> None:
        from skill_fleet_tui.cli.server import become

        run(context, lambda session: become(session, name, context.args))

    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(name, help=meaning, add_help_option=False, context_settings=settings)(become_it)


for _name, _meaning in _THE_SERVERS_OWN.items():
    _add_servers_own(_name, _meaning)


@app.command(epilog='Example: skill-fleet create "A skill for writing release notes" --source docs/ --auto-approve')
def create(
    context: typer.Context,
    task: Annotated[str, typer.Argument(help="What the skill is for, in a sentence or more; `-` reads it from stdin.")],
    source: Annotated[
        list[Path] | None, typer.Option("--source", "-s", help="A file or directory to make it from; repeatable.")
    ] = None,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Ask nobody: take every default.")] = False,
    model: Annotated[str | None, typer.Option(help="Instead of the server's default model.")] = None,
    checkpoint: Annotated[
        list[Checkpoint] | None, typer.Option(help="Ask only here; repeatable. Default: everywhere.")
    ] = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Start a job and stay with it until it is over.

    On a terminal the job's questions are asked here. In a pipe, or with --json, a question ends the command with
    code 3: answer it with `skill-fleet answer`. With --json each event is a line; the last line is the job.
    """
    from skill_fleet_tui.cli.create import Wish, create

    wish = Wish(task, source or (), auto_approve, model, checkpoint or ())
    run(context, lambda session: create(session, wish, wait=not no_wait), as_json=as_json)


@jobs_app.command("list", epilog="Example: skill-fleet jobs list --status pending_hitl --json | jq -r '.jobs[].job_id'")
def list_jobs(
    context: typer.Context,
    status: Annotated[JobStatus | None, typer.Option(help="Only jobs in this status.")] = None,
    q: Annotated[str, typer.Option("--query", "-q", help="Only jobs with this in their description or name.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List jobs, newest first."""
    from skill_fleet_tui.cli.jobs import list_jobs

    run(context, lambda session: list_jobs(session, status=status, q=q, limit=limit), as_json=as_json)


@jobs_app.command("show", epilog="Example: skill-fleet jobs show JOB --json | jq -r .draft_path")
def show(context: typer.Context, job: JobArgument, as_json: Json = False) -> None:
    """Show one job."""
    from skill_fleet_tui.cli.jobs import show_job

    run(context, lambda session: show_job(session, job), as_json=as_json)


@jobs_app.command("cancel", epilog="Example: skill-fleet jobs cancel JOB")
def cancel(context: typer.Context, job: JobArgument, as_json: Json = False) -> None:
    """Cancel a job."""
    from skill_fleet_tui.cli.jobs import cancel_job

    run(context, lambda session: cancel_job(session, job), as_json=as_json)


@jobs_app.command("retry", epilog="Example: skill-fleet jobs retry JOB --no-wait")
def retry(context: typer.Context, job: JobArgument, no_wait: NoWait = False, as_json: Json = False) -> None:
    """Run a failed job again from its last good checkpoint, and stay with it."""
    from skill_fleet_tui.cli.jobs import retry_job

    run(context, lambda session: retry_job(session, job, wait=not no_wait), as_json=as_json)


@jobs_app.command("prune", epilog="Example: skill-fleet jobs prune --days 30 --dry-run")
def prune(
    context: typer.Context,
    days: Annotated[float, typer.Option(min=0, help="Only jobs that ended longer ago than this.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    as_json: Json = False,
) -> None:
    """Forget old jobs, with their events, files and checkpoints. Drafts and the library stay."""
    from skill_fleet_tui.cli.jobs import prune_jobs

    run(context, lambda session: prune_jobs(session, days, dry_run=dry_run), as_json=as_json)


@jobs_app.command(
    "fork",
    epilog="Examples: skill-fleet jobs fork JOB --from ask/confirm.1 --feedback 'Shorter.' · "
    "skill-fleet jobs fork JOB --from write_skill --no-wait",
)
def fork(
    context: typer.Context,
    job: JobArgument,
    step: Annotated[
        str,
        typer.Option("--from", metavar="STEP", help="The first step to do anew: a module, or a question (`ask/…`)."),
    ] = "",
    task: Annotated[str | None, typer.Option(help="Another description, for the steps that are done anew.")] = None,
    action: Annotated[Action | None, typer.Option(help="With a question: answer it so.")] = None,
    feedback: Annotated[str, typer.Option(help="With a question: what should change.")] = "",
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="QUESTION=VALUE", help="With a question; repeatable.")
    ] = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Begin a job that shares another's steps up to one of them, and goes on otherwise. It pays nothing twice."""
    from skill_fleet_tui.cli.answers import GivenAnswer
    from skill_fleet_tui.cli.fork import fork_job

    given = GivenAnswer(action, "", feedback, values or (), ())
    run(context, lambda session: fork_job(session, job, step, task, given, wait=not no_wait), as_json=as_json)


@app.command(epilog="Example: skill-fleet watch JOB --json | jq -r .type")
def watch(
    context: typer.Context,
    job: Annotated[
        list[str] | None, typer.Argument(metavar="[JOB]...", help="These jobs; all if none is named.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Follow jobs until all that were named are over; all jobs until interrupted."""
    from skill_fleet_tui.cli.watch import watch

    run(context, lambda session: watch(session, job or []), as_json=as_json)


@app.command(
    epilog="Examples: skill-fleet answer JOB --set version=react-19 · skill-fleet answer JOB --action revise "
    "--feedback 'Shorter.' · echo '{\"action\": \"proceed\"}' | skill-fleet answer JOB"
)
def answer(
    context: typer.Context,
    job: JobArgument,
    action: Annotated[Action | None, typer.Option(help="Proceed, ask for a revision, or cancel the job.")] = None,
    text: Annotated[str, typer.Option(help="Free text; the server reads the action from it.")] = "",
    feedback: Annotated[str, typer.Option(help="What should change.")] = "",
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="QUESTION=VALUE", help="An option's id, `other:…`, true, false or text; repeatable."
        ),
    ] = None,
    edits: Annotated[
        list[str] | None,
        typer.Option(
            "--edit", metavar="PATH=FILE", help="Replace a file of the skill, or the plan, by one of yours; repeatable."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer what a job asks: on a terminal question by question, else with flags or JSON on stdin."""
    from skill_fleet_tui.cli.answers import GivenAnswer, answer

    given = GivenAnswer(action, text, feedback, values or (), edits or ())
    run(context, lambda session: answer(session, job, given), as_json=as_json)


@app.command(epilog="Example: skill-fleet prompt JOB --json | jq .questions")
def prompt(
    context: typer.Context,
    job: JobArgument,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only the plan, as text to edit and give back with answer --edit plan=FILE.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what a job asks."""
    from skill_fleet_tui.cli.answers import show_prompt

    run(context, lambda session: show_prompt(session, job, plan=plan), as_json=as_json)


@app.command(epilog="Example: skill-fleet events JOB --json > events.jsonl")
def events(context: typer.Context, job: JobArgument, as_json: Json = False) -> None:
    """Print everything that has happened to a job."""
    from skill_fleet_tui.cli.jobs import show_events

    run(context, lambda session: show_events(session, job), as_json=as_json)


@app.command(epilog="Example: skill-fleet config --json | jq .client.data_dir.value")
def config(context: typer.Context, as_json: Json = False) -> None:
    """Print every setting, its value and where that comes from. Secrets are masked."""
    from skill_fleet_tui.cli.server import show_config

    run(context, show_config, as_json=as_json)


def main() -> None:
    """The entry point."""
    app()
