"""Bringing a database to the schema this version needs, and telling when it has another."""

from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.urls import shown
from skill_fleet_server.errors import CannotStart

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(database: Database, to: str = "head") -> None:
    """Run every migration the database has not had. Blocks; two processes that do so at once take turns.

    Args:
        database: To migrate. It is created if it has nothing yet.
        to: Up to which revision. Only tests stop before the last.

    Raises:
        CannotStart: If a newer version of the server has migrated it.
        StorageUnavailable: If it cannot be opened or written.
    """
    config = _config()
    with database.translated(), database.writer.begin() as connection:
        # Several that start at once on an empty database: the first migrates, the others find it done.
        database.backend.lock_log(connection)
        current = _current(connection)
        if current == newest():
            return
        _refuse_newer(database, current)
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def require_current(database: Database) -> None:
    """See to it that the database has the schema this version needs, and change nothing. Blocks.

    Raises:
        CannotStart: If it has not; says what to do.
        StorageUnavailable: If it cannot be opened.
    """
    found = revision(database)
    _refuse_newer(database, found)
    if found != newest():
        has = f"the schema {found}" if found else "no schema yet"
        raise CannotStart(
            f"The database at {shown(database.url)} has {has}, and this version needs {newest()}. Run "
            "`skill-fleet db upgrade` first, or let SKILL_FLEET_MIGRATE have it done at every start."
        )


def revision(database: Database) -> str | None:
    """The schema a database has; `None` if it has none yet. Blocks.

    Raises:
        StorageUnavailable: If it cannot be opened.
    """
    with database.translated(), database.reader.connect() as connection:
        return _current(connection)


@cache
def newest() -> str:
    """The schema this version needs."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


@cache
def revisions() -> list[str]:
    """Every schema there ever was, the first one first."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


def _refuse_newer(database: Database, found: str | None) -> None:
    if found is not None and found not in revisions():
        raise CannotStart(
            f"The database at {shown(database.url)} was made by a newer version of Skill Fleet (schema {found}; this "
            f"one knows {newest()}). Upgrade this installation, or use another database."
        )


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
