"""`skill-fleet db …` and `skill-fleet doctor`: from settings to what is said, and an exit code."""

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from skill_fleet_server import logs
from skill_fleet_server.data_dir import owned
from skill_fleet_server.database import schema
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.database.urls import parsed
from skill_fleet_server.errors import CannotStart, SkillFleetError
from skill_fleet_server.operations.findings import Finding, as_json, as_text, exit_code
from skill_fleet_server.services import CHECKPOINTS_FILE, DATABASE_FILE
from skill_fleet_server.settings import ServerSettings

EXIT_FAILED: Final = 1


def run_db(settings: ServerSettings, action: str, options: dict[str, Any]) -> int:
    """Run `upgrade`, `check`, `backup` or `copy`; returns the exit code."""
    return _run(settings, lambda: _ACTIONS[action](settings, options))


def run_doctor(settings: ServerSettings, *, ask_model: bool, as_json_asked: bool) -> int:
    """Look at everything a server needs; returns the exit code."""
    from skill_fleet_server.operations.doctor import examine

    return _run(settings, lambda: _report(asyncio.run(examine(settings, ask_model=ask_model)), as_json_asked))


def _run(settings: ServerSettings, work: Callable[[], int]) -> int:
    logs.configure("warning", settings.log_format)
    try:
        return work()
    except SkillFleetError as error:
        sys.stderr.write(f"skill-fleet: {error.detail}\n")
    except (DatabaseError, sqlite3.Error, OSError) as error:
        sys.stderr.write(f"skill-fleet: That did not work: {getattr(error, 'orig', error)}.\n")
    except KeyboardInterrupt:
        sys.stderr.write("skill-fleet: Interrupted. Nothing was kept of it.\n")
    return EXIT_FAILED


def _upgrade(settings: ServerSettings, _options: dict[str, Any]) -> int:
    # One server at a time uses a data directory; a PostgreSQL is migrated under a lock of its own.
    with owned(settings.data_dir) if _is_sqlite(settings) else nullcontext(), closing(_database(settings)) as database:
        before = schema.revision(database)
        schema.upgrade(database)
    now = schema.newest()
    _say(f"The database has the schema {now}." if before == now else f"Upgraded from {before or 'nothing'} to {now}.")
    return 0


def _check(settings: ServerSettings, options: dict[str, Any]) -> int:
    from skill_fleet_server.operations.checking import check

    files = _sqlite_files(settings) if _is_sqlite(settings) else []
    files = [file for file in files if file.exists() or file.name == DATABASE_FILE]
    with closing(_database(settings)) as database:
        return _report(check(database, files, sample=options["sample"]), options["json"])


def _backup(settings: ServerSettings, options: dict[str, Any]) -> int:
    from skill_fleet_server.operations.backup import backup

    target = Path(options["directory"]).expanduser().absolute()
    kept = settings.shared_dir or settings.data_dir
    files = [kept / name for name in ("drafts", "library")] if options["files"] else []
    if _is_sqlite(settings):
        databases = [file for file in _sqlite_files(settings) if file.exists() or file.name == DATABASE_FILE]
        made = backup(target, databases=databases, files=files)
    else:
        with closing(_database(settings)) as database:
            schema.revision(database)  # says what is wrong better than pg_dump does
            made = backup(target, postgresql=database.url, files=files)
    _say(f"Wrote {', '.join(one.name for one in made)} to {target}.")
    if not options["files"]:
        _say(f"Drafts and the library are not in it: they are files in {kept}; --files takes them along.")
    return 0


def _copy(settings: ServerSettings, _options: dict[str, Any]) -> int:
    from skill_fleet_server.operations.copying import copy

    if _is_sqlite(settings):
        raise CannotStart(
            "db copy takes the SQLite files of the data directory into PostgreSQL: set SKILL_FLEET_DATABASE_URL, or "
            "--database-url, to an empty database there."
        )
    log, checkpoints = _sqlite_files(settings)
    if not log.exists():
        raise CannotStart(f"There is no {log} to copy. Name the data directory: --data-dir.")
    with owned(settings.data_dir), closing(Database(sqlite_url(log))) as old, closing(_database(settings)) as new:
        engine = sa.create_engine(sqlite_url(checkpoints)) if checkpoints.exists() else None
        try:
            counts = copy(old, engine, new, _progress)
        finally:
            if engine is not None:
                engine.dispose()
    _say(f"Copied {counts['job']:,} jobs with {counts['event']:,} events. Clients begin anew with them.")
    _say(f"Drafts and the library stay in {settings.shared_dir or settings.data_dir}: name it SKILL_FLEET_SHARED_DIR.")
    return 0


_ACTIONS: Final = {"upgrade": _upgrade, "check": _check, "backup": _backup, "copy": _copy}


def _is_sqlite(settings: ServerSettings) -> bool:
    return (settings.database_url or "sqlite").startswith("sqlite")


def _sqlite_files(settings: ServerSettings) -> list[Path]:
    """The log's file, and the checkpoints'."""
    if settings.database_url and _is_sqlite(settings) and (named := parsed(settings.database_url).database):
        return [Path(named), settings.data_dir / CHECKPOINTS_FILE]
    return [settings.data_dir / DATABASE_FILE, settings.data_dir / CHECKPOINTS_FILE]


def _database(settings: ServerSettings) -> Database:
    return Database(settings.database_url or sqlite_url(settings.data_dir / DATABASE_FILE))


def _report(findings: list[Finding], as_json_asked: bool) -> int:
    _say(as_json(findings) if as_json_asked else as_text(findings))
    return exit_code(findings)


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
