"""Bringing a database to the schema this version needs."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from skill_fleet_server.database.engine import Database
from skill_fleet_server.errors import CannotStart

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Run every migration the database has not had. Blocks.

    Raises:
        CannotStart: If a newer version of the server has migrated it.
        StorageUnavailable: If it cannot be opened or written.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with database.translated(), database.writer.begin() as connection:
        # Several that start at once on an empty database: the first migrates, the others find it done.
        database.backend.lock_log(connection)
        if _current(connection) == ScriptDirectory.from_config(config).get_current_head():
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise CannotStart(
                f"The database at {database.url.render_as_string(hide_password=True)} was made by a newer version of "
                "Skill Fleet. Upgrade this installation, or use another data directory."
            ) from error


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
