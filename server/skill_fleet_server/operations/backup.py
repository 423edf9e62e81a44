"""`skill-fleet db backup`: a copy that can be put back, made while the servers run."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from skill_fleet_server.errors import CannotStart, StorageUnavailable

_PRIVATE: Final = 0o700
_PAGES: Final = 4_096
"""Copied at a time."""
_BUSY_S: Final = 30.0
DUMP: Final = "skill-fleet.dump"


def backup(
    target: Path, *, databases: Sequence[Path] = (), postgresql: sa.URL | None = None, files: Sequence[Path] = ()
) -> list[Path]:
    """Make a copy in a new directory; returns what is in it. Blocks.

    Args:
        target: The directory. It must not exist, or be empty: nothing is ever overwritten.
        databases: SQLite files, copied as they were at one moment, all of them together.
        postgresql: A database to be dumped.
        files: Directories copied after that, file by file, while others may be writing there.

    Raises:
        CannotStart: If the target has something in it, or nothing can be copied; says what to do.
        StorageUnavailable: If a database refused.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CannotStart(f"{target} has something in it. Name a directory that does not exist yet.")
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(mode=_PRIVATE, parents=True)
        if databases:
            _copy_sqlite(databases, partial)
        if postgresql is not None:
            _dump(postgresql, partial / DUMP)
        for directory in files:
            if directory.is_dir():
                shutil.copytree(directory, partial / directory.name, symlinks=True)
        # Only what is whole gets its name.
        partial.replace(target)
    except (OSError, shutil.Error) as error:
        raise CannotStart(f"The backup could not be written to {target}: {error}. Nothing was kept of it.") from None
    except sqlite3.Error as error:
        raise StorageUnavailable(f"The database could not be copied: {error}. Nothing was kept of it.") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return sorted(target.iterdir())


def _copy_sqlite(databases: Sequence[Path], into: Path) -> None:
    """Copy files as they were at one moment, as if the machine had stopped then: what recovery is made for."""
    with contextlib.ExitStack() as stack:
        sources = [stack.enter_context(_opened(file)) for file in databases]
        with contextlib.ExitStack() as still:
            # While nobody can write to any of them, a reading transaction is begun in each, which pins that moment.
            for file in databases:
                holder = still.enter_context(_opened(file))
                holder.execute("BEGIN IMMEDIATE")
            for source in sources:
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for file, source in zip(databases, sources, strict=True):
            with contextlib.closing(sqlite3.connect(into / file.name)) as copy:
                source.backup(copy, pages=_PAGES)
                copy.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file


@contextlib.contextmanager
def _opened(file: Path) -> Generator[sqlite3.Connection]:
    if not file.is_file():
        raise CannotStart(f"There is no {file}. Name the data directory: --data-dir.")
    with contextlib.closing(
        sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_S, isolation_level=None)
    ) as connection:
        yield connection


def dump_command(url: sa.URL, to: Path) -> list[str]:
    """What a person would run. Without the password, which every process could read there."""
    bare = url.set(drivername="postgresql")._replace(password=None).difference_update_query(["password"])
    database = bare.render_as_string(hide_password=False)
    return ["pg_dump", "--no-password", "--format=custom", f"--file={to}", f"--dbname={database}"]


def _dump(url: sa.URL, to: Path) -> None:
    command = dump_command(url, to)
    program = shutil.which(command[0])
    if program is None:
        raise CannotStart(
            "pg_dump is not installed here. Install PostgreSQL's client programs, or run where it is: "
            f"{' '.join(dump_command(url, Path(DUMP)))}"
        )
    secret = url.password or url.query.get("password")
    password = {"PGPASSWORD": str(secret)} if secret else {}
    ran = subprocess.run(  # noqa: S603 - found by its name, and no shell
        [program, *command[1:]], env={**os.environ, **password}, capture_output=True, text=True, check=False
    )
    if "server version mismatch" in ran.stderr:
        raise CannotStart(
            f"The pg_dump here ({program}) is older than the PostgreSQL of SKILL_FLEET_DATABASE_URL. Put one first in "
            f"PATH that is as new, or run where there is one: {' '.join(dump_command(url, Path(DUMP)))}"
        )
    if ran.returncode:
        raise CannotStart(f"pg_dump failed: {' '.join(ran.stderr.split())}")
