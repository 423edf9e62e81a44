"""Connections: one engine that writes, one that reads, and threads for both, so that the event loop never waits."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError

from skill_fleet_server.errors import CannotStart, StorageUnavailable

T = TypeVar("T")

_BUSY_TIMEOUT_MS = 30_000
_READERS = 8


class Database:
    """The server's own database.

    Writing belongs to one thread (`events.writer`), which uses `writer` alone. Reading may happen on any
    thread; `read` does it off the event loop.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        if self.url.get_backend_name() != "sqlite":
            raise CannotStart(
                f"SKILL_FLEET_DATABASE_URL names a {self.url.get_backend_name()} database; this version keeps its "
                "data in SQLite. Use sqlite:///path, or leave the setting out."
            )
        self.writer = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", pool_size=1)
        self.reader = _sqlite_engine(self.url, begin="BEGIN", pool_size=_READERS)

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Run a query in one read transaction, in a thread. Everything it reads is of one moment."""

        def run() -> T:
            with translated(), self.reader.connect() as connection, connection.begin():
                return query(connection)

        return await asyncio.to_thread(run)

    def close(self) -> None:
        """Give every connection back."""
        self.writer.dispose()
        self.reader.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


@contextlib.contextmanager
def translated() -> Generator[None]:
    """Turn what the database says into an error a person can act on."""
    try:
        yield
    except DatabaseError as error:
        raise StorageUnavailable(_advice(str(error.orig))) from error
    except sqlite3.Error as error:
        raise StorageUnavailable(_advice(str(error))) from error


def _advice(said: str) -> str:
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
    return "The database refused the operation. The server's log says why."


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


def _sqlite_engine(url: sa.URL, *, begin: str, pool_size: int) -> sa.Engine:
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
