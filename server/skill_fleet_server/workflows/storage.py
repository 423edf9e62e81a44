"""Where the engine keeps its checkpoints.

On SQLite in a file of their own, because in the same file its writes make the event log wait; on PostgreSQL beside the
log, in a schema of their own.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from dbos import DBOSConfig
from sqlalchemy import event

from skill_fleet_server.database.backend import Backend
from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.database.sqlite import sqlite_pragmas, sqlite_url

CHECKPOINTS_SCHEMA: Final = "skill_fleet_checkpoints"
"""On PostgreSQL, beside the tables of the log."""

CHECKPOINTS_CONNECTIONS: Final = 10
"""Most connections to PostgreSQL for them, in one process. With those of the log it has at most 18."""

_SUBSEC_SINCE: Final = (3, 42)
"""The first SQLite that knows `unixepoch('subsec')`."""


def kept_in(backend: Backend, file: Path) -> DBOSConfig:
    """What tells DBOS where its checkpoints are.

    Args:
        backend: Of the log.
        file: For them, where that is SQLite.
    """
    if isinstance(backend, PostgreSQL):
        return {
            "system_database_url": backend.dsn,
            "dbos_system_schema": CHECKPOINTS_SCHEMA,
            "sys_db_pool_size": CHECKPOINTS_CONNECTIONS,
        }
    url = sqlite_url(file)
    return {"system_database_url": url, "system_database_engine": _sqlite_engine(url)}


def _sqlite_engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        sqlite_pragmas(connection)
        connection.isolation_level = "IMMEDIATE"
        if sqlite3.sqlite_version_info < _SUBSEC_SINCE:
            # On Python 3.12 and later DBOS takes a newer SQLite for granted than many systems have.
            connection.create_function("unixepoch", 1, lambda _modifier: time.time())

    return engine
