"""`python -m skill_fleet_server`: run the server or a worker, look after what they keep, or do what needs no server.

Each command imports what it needs when it runs: `validate` does not wait for the server's whole stack.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from skill_fleet_common import __version__

WITHOUT_A_SERVER: Final = {
    "validate": "skill_fleet_server.cli.validate",
    "evaluate": "skill_fleet_server.evaluation.command",
}
"""Commands that read their own flags, and the modules whose `main(arguments)` they are."""

_EXAMPLES = """\
examples:
  python -m skill_fleet_server serve --port 0 --data-dir ./data
  SKILL_FLEET_MODEL=openai/gpt-5-mini python -m skill_fleet_server serve
  python -m skill_fleet_server config --json

Every flag is a setting as well: SKILL_FLEET_PORT, or `port` in the table [server] of the settings file.
"""

_OF_ONE_COMMAND = ("action", "directory", "files", "sample", "ask_model")
"""Arguments that are no settings."""

_SAMPLE = 200
"""Jobs that `db check` compares with their events."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in WITHOUT_A_SERVER:
        return import_module(WITHOUT_A_SERVER[given[0]]).main(given[1:])
    return _with_settings(given)


def _with_settings(arguments: Sequence[str]) -> int:
    from skill_fleet_server.errors import CannotStart
    from skill_fleet_server.settings import ServerSettings, as_json, as_text

    asked = vars(_parser().parse_args(arguments))
    command, as_json_asked = asked.pop("command"), asked.pop("json", False)
    options = {name: asked.pop(name) for name in _OF_ONE_COMMAND if name in asked}
    try:
        settings = ServerSettings.load(asked)
    except CannotStart as error:
        sys.stderr.write(f"skill-fleet: {error.detail}\n")
        return 2
    if command == "config":
        described = settings.describe()
        sys.stdout.write((as_json if as_json_asked else as_text)(described) + "\n")
        return 0
    if command == "worker":
        from skill_fleet_server.worker import work

        return work(settings)
    if command == "db":
        from skill_fleet_server.operations.command import run_db

        return run_db(settings, options.pop("action"), {**options, "json": as_json_asked})
    if command == "doctor":
        from skill_fleet_server.operations.command import run_doctor

        return run_doctor(settings, ask_model=options["ask_model"], as_json_asked=as_json_asked)
    from skill_fleet_server.serve import serve

    return serve(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="skill-fleet-server",
        description="The Skill Fleet server.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the server until it is stopped")
    worker = commands.add_parser("worker", help="do the jobs of servers that share a PostgreSQL, until stopped")
    for name in WITHOUT_A_SERVER:
        commands.add_parser(name, help="needs no server: see its own --help")
    config = commands.add_parser("config", help="print every setting, its value, and where that comes from")
    config.add_argument("--json", action="store_true", help="for programs")
    doctor = commands.add_parser("doctor", help="look at everything a server needs, and say what to do")
    doctor.add_argument("--ask-model", action="store_true", help="ask the model for one word, which costs a little")
    doctor.add_argument("--json", action="store_true", help="for programs")
    for command in (serve, worker, config, doctor, *_add_db(commands)):
        _add_settings(command)
    for command in (serve, worker, config, doctor):
        _add_sharing(command)
    for command in (worker, config):
        _add_watching(command)
    for command in (serve, config, doctor):
        _add_listening(command)
    return parser


def _add_db(commands: Any) -> list[argparse.ArgumentParser]:
    """`db` and its actions. Flags are taken before the action and after it."""
    db = commands.add_parser("db", help="upgrade, check, back up or copy the database")
    actions = db.add_subparsers(dest="action", required=True)
    upgrade = actions.add_parser(
        "upgrade",
        argument_default=argparse.SUPPRESS,
        help="bring the database to the schema of this version; with SQLite, stop the server first",
    )
    check = actions.add_parser(
        "check",
        argument_default=argparse.SUPPRESS,
        help="see whether it is whole and its log obeys its rules; changes nothing, servers may run",
    )
    check.add_argument("--all", dest="sample", action="store_const", const=None, default=_SAMPLE, help=(
        f"compare every job with its events, not only the newest {_SAMPLE}"
    ))  # fmt: skip
    check.add_argument("--json", action="store_true", help="for programs")
    backup = actions.add_parser(
        "backup", argument_default=argparse.SUPPRESS, help="copy it into a new directory; servers may run"
    )
    backup.add_argument("directory", help="where to; it must not exist yet, or be empty")
    backup.add_argument("--files", action="store_true", default=False, help="take drafts and the library along")
    copy = actions.add_parser(
        "copy",
        argument_default=argparse.SUPPRESS,
        help="copy the data directory's SQLite into an empty PostgreSQL; stop the server first",
    )
    return [db, upgrade, check, backup, copy]


def _add_settings(parser: argparse.ArgumentParser) -> None:
    _add(parser, "--data-dir", type=Path, metavar="DIRECTORY")
    _add(parser, "--shared-dir", type=Path, metavar="DIRECTORY")
    _add(parser, "--database-url", metavar="URL")
    _add(parser, "--config", type=Path, metavar="FILE")
    _add(parser, "--log-level", choices=["debug", "info", "warning", "error"])
    _add(parser, "--log-format", choices=["console", "json"])


def _add_sharing(parser: argparse.ArgumentParser) -> None:
    _add(parser, "--migrate", action=argparse.BooleanOptionalAction)
    _add(parser, "--jobs-per-worker", type=int, metavar="NUMBER")
    _add(parser, "--jobs-at-once", type=int, metavar="NUMBER")


def _add_listening(parser: argparse.ArgumentParser) -> None:
    _add(parser, "--host")
    _add(parser, "--port", type=int)
    _add(parser, "--works", action=argparse.BooleanOptionalAction)
    _add(parser, "--exit-when-idle", type=float, metavar="SECONDS")


def _add_watching(parser: argparse.ArgumentParser) -> None:
    _add(parser, "--metrics-host", metavar="HOST")
    _add(parser, "--metrics-port", type=int, metavar="PORT")


def _add(parser: argparse.ArgumentParser, flag: str, **options: Any) -> None:
    from skill_fleet_server.settings import ServerSettings

    name = flag.removeprefix("--").replace("-", "_")
    help_ = " ".join((ServerSettings.model_fields[name].description or "").split()).replace("%", "%%")
    parser.add_argument(flag, help=help_, **options)


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # who read our output has had enough
        code = 1
    sys.stderr.flush()
    # Everything is closed; taking a model library's modules apart would take the interpreter 0.6 s more.
    os._exit(code)
