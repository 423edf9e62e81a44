"""Alembic migrations, run by `migrate` when a server opens its database."""
