"""The server's own tables, how they are reached, and how they are brought up to date.

Nothing here knows what the records mean. May import SQLModel, SQLAlchemy and Alembic; imported by `events`,
`jobs` and `services`. The workflow engine keeps its checkpoints in a database of its own.
"""
