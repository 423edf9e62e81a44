"""Alembic's entry point: migrates over the connection that `database.schema` hands it."""

from alembic import context
from sqlmodel import SQLModel

from skill_fleet_server.database import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
assert tables.SQLModel is SQLModel
with context.begin_transaction():
    context.run_migrations()
