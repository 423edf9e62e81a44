"""SQLite: the database of one machine, in a file. One connection writes, several read."""

import sqlite3
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from skill_fleet_server.database.backend import Backend
from skill_fleet_server.database.history import HistoryNote

_BUSY_TIMEOUT_MS: Final = 30_000
_READERS: Final = 8


class SQLite(Backend):
    """A file with a write-ahead log."""

    shared = False

    def __init__(self, url: sa.URL) -> None:
        self.writer = _engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
        self.reader = _engine(url, begin="BEGIN", pool_size=_READERS)
        self.aside = self.writer
        if url.database and url.database != ":memory:":
            self.note = HistoryNote(Path(url.database))

    def lock_log(self, connection: sa.Connection) -> None:
        """`BEGIN IMMEDIATE` has done it."""

    def announce(self, connection: sa.Connection) -> str:
        """No other process reads this log, and what a file's commit says is so."""
        return ""

    def json_text(self, column: sa.ColumnElement[str], field: str) -> sa.ColumnElement[str]:
        """With SQLite's own function."""
        return sa.func.json_extract(column, f"$.{field}")

    def history_mark(self, connection: sa.Connection) -> str:
        """With `synchronous=NORMAL` a commit survives a crash of the process, but not of the machine: the boot's id."""
        return _boot_id()

    def advice(self, error: BaseException) -> str:
        """What SQLite says, as what to do."""
        said = str(error)
        match said:
            case _ if "readonly" in said or "read-only" in said:
                return "The database is read-only. Make its file and directory writable for the server."
            case _ if "full" in said:
                return "The disk is full. Free some space; nothing that was accepted is lost."
            case _ if "locked" in said or "busy" in said:
                return "Another program holds the database. Close it and try again."
            case _ if "not a database" in said or "malformed" in said:
                return "The database file is damaged. Restore it from a backup, or move it away to start anew."
            case _ if "unable to open" in said:
                return "The database file cannot be opened. Check the data directory and its permissions."
        return ""


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def sqlite_pragmas(connection: sqlite3.Connection) -> None:
    """Set a new SQLite connection up: a write-ahead log, durable against crashes of the process."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _engine(url: sa.URL, *, begin: str, pool_size: int) -> sa.Engine:
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False}, poolclass=sa.QueuePool, pool_size=pool_size, max_overflow=0
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        sqlite_pragmas(connection)

    @event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def _boot_id() -> str:
    """The machine's boot, or a constant where the system does not tell."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return "unknown"
