"""Migrations and tables describe the same database."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.errors import CannotStart


def test_a_migrated_database_is_what_the_tables_say(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "fleet.sqlite"))
    upgrade(database)
    with database.reader.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    database.close()
    assert differences == []


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "fleet.sqlite"))
    upgrade(database)
    upgrade(database)
    database.close()


def test_a_database_of_a_newer_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "fleet.sqlite"))
    upgrade(database)
    with database.writer.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CannotStart, match="newer version"):
        upgrade(database)
    database.close()
