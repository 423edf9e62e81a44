"""The server's own database: who writes, who reads, and threads for both, so that the event loop never waits."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Generator
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from skill_fleet_server.database.backend import Backend
from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.database.sqlite import SQLite
from skill_fleet_server.database.urls import parsed
from skill_fleet_server.errors import CannotStart, StorageUnavailable

T = TypeVar("T")

_BACKENDS: dict[str, Callable[[sa.URL], Backend]] = {"sqlite": SQLite, "postgresql": PostgreSQL}


class Database:
    """The server's own database.

    Writing belongs to one thread (`events.writer`), which uses `writer` alone. Reading may happen on any
    thread; `read` does it off the event loop.

    Raises:
        CannotStart: If the URL is none, or names a database of another make.
    """

    def __init__(self, url: str) -> None:
        self.url = parsed(url)
        make = _BACKENDS.get(self.url.get_backend_name())
        if make is None:
            raise CannotStart(
                f"SKILL_FLEET_DATABASE_URL names a {self.url.get_backend_name()} database. Use postgresql://…, "
                "sqlite:///path, or leave the setting out."
            )
        self.backend = make(self.url)
        self.writer = self.backend.writer
        self.reader = self.backend.reader

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Run a query in one read transaction, in a thread. Everything it reads is of one moment.

        Raises:
            StorageUnavailable: If the database refused.
        """

        return await asyncio.to_thread(lambda: self._run(self.reader, query))

    async def write_aside(self, work: Callable[[sa.Connection], T]) -> T:
        """Run a short write that has nothing to do with the log, in a transaction of its own, in a thread.

        Raises:
            StorageUnavailable: If the database refused.
        """
        return await asyncio.to_thread(lambda: self._run(self.backend.aside, work))

    def _run(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        with self.translated(), engine.connect() as connection, connection.begin():
            return work(connection)

    @contextlib.contextmanager
    def translated(self) -> Generator[None]:
        """Turn what the database says into an error a person can act on."""
        try:
            yield
        except DBAPIError as error:
            raise self.unavailable(error.orig or error) from error
        except NoConnectionFree as error:
            raise self.unavailable(error) from error
        except sqlite3.Error as error:
            raise self.unavailable(error) from error

    def close(self) -> None:
        """Give every connection back."""
        self.backend.close()

    def unavailable(self, error: BaseException) -> StorageUnavailable:
        """What the database said, for a person."""
        return StorageUnavailable(
            self.backend.advice(error) or "The database refused the operation. The server's log says why."
        )
