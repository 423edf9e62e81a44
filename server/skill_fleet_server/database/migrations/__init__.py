"""Alembic migrations, run by `schema` when a server opens its database."""
