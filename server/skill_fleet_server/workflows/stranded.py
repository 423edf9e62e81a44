"""Jobs that nobody can go on with: those begun by a version of the workflows that no living process has."""

from collections.abc import Collection

import sqlalchemy as sa

_UNFINISHED = ("PENDING", "ENQUEUED")


def stranded(connection: sa.Connection, living: Collection[str], schema: str | None = None) -> dict[str, int]:
    """How many unfinished jobs there are of each version that is not alive.

    Args:
        connection: To the database of the checkpoints.
        living: Versions that some living process can run.
        schema: Where the engine's tables are.
    """
    status = sa.table("workflow_status", sa.column("status"), sa.column("application_version"), schema=schema)
    version = sa.func.coalesce(status.c.application_version, "")
    query = (
        sa.select(version.label("version"), sa.func.count().label("jobs"))
        .where(status.c.status.in_(_UNFINISHED), version != "")
        .group_by(version)
    )
    return {row.version: row.jobs for row in connection.execute(query) if row.version not in living}


def sentence(found: dict[str, int]) -> str:
    """The same for people; empty when there are none."""
    told = [f"{count} of version {version}" for version, count in sorted(found.items())]
    return f"Unfinished jobs that no living process can run: {', '.join(told)}." if told else ""
