"""`skill-fleet db copy`: everything that the SQLite files of a data directory hold, into an empty PostgreSQL.

One transaction over all tables, so that a copy which is cut short leaves nothing. Jobs that were running go on there:
their checkpoints come along, and the process that ran them is entered as a dead member, whose jobs the first living one
takes over. The log gets a new identity, because clients may have seen more of the old one than was copied.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from dbos import DBOS
from sqlmodel import SQLModel

from skill_fleet_server.database import schema
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.database.tables import LOG, MEMBER
from skill_fleet_server.errors import CannotStart
from skill_fleet_server.events.log import new_epoch
from skill_fleet_server.fleet.silence import LEFT
from skill_fleet_server.workflows.storage import CHECKPOINTS_SCHEMA
from skill_fleet_server.workflows.versions import WORKFLOW_VERSION

_BATCH: Final = 1_000
_MADE_ANEW: Final = {"dbos_migrations", "application_versions", "queues"}
"""What the engine itself enters when it starts."""

Progress = Callable[[str], None]


def copy(source: Database, checkpoints: sa.Engine | None, target: Database, progress: Progress) -> dict[str, int]:
    """Copy everything; returns how many rows, by table. Blocks. No server may be running on either.

    Args:
        source: An SQLite database.
        checkpoints: Of the engine, beside it; `None` if no job was ever begun.
        target: A PostgreSQL that nothing was ever kept in.
        progress: Told about each batch.

    Raises:
        CannotStart: If the target is not such a database, or a job was begun by another version.
        StorageUnavailable: If a database refused.
    """
    backend = target.backend
    if not isinstance(backend, PostgreSQL):
        raise CannotStart("db copy goes to PostgreSQL: set SKILL_FLEET_DATABASE_URL, or --database-url, to it.")
    _refuse_other_versions(checkpoints)
    schema.upgrade(source)
    schema.upgrade(target)
    with target.translated():
        DBOS.migrate(backend.dsn, schema=CHECKPOINTS_SCHEMA)
        theirs = sa.MetaData(schema=CHECKPOINTS_SCHEMA)
        theirs.reflect(target.reader)
        with source.reader.connect() as old, target.writer.begin() as new:
            backend.lock_log(new)
            _refuse_unless_empty(new, theirs)
            new.execute(sa.delete(LOG))
            new.execute(sa.delete(MEMBER))
            counts = {
                table.name: _copy_table(old, table, new, table, progress)
                for table in SQLModel.metadata.sorted_tables
                if table is not MEMBER
            }
            mark = backend.history_mark(new)
            new.execute(sa.update(LOG).values(epoch=new_epoch(), boot=mark))
            if checkpoints is not None:
                with checkpoints.connect() as engine:
                    counts |= _copy_checkpoints(engine, new, theirs, progress)
                _enter_as_dead(new, theirs)
    return counts


def _refuse_other_versions(checkpoints: sa.Engine | None) -> None:
    if checkpoints is None:
        return
    query = sa.text(
        "SELECT count(*) FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED') AND application_version <> :ours"
    )
    with checkpoints.connect() as connection:
        if count := connection.scalar(query, {"ours": WORKFLOW_VERSION}):
            raise CannotStart(
                f"{count} jobs were begun by another version of Skill Fleet, which alone can finish them. Let that "
                "version finish or cancel them, then copy."
            )


def _refuse_unless_empty(connection: sa.Connection, theirs: sa.MetaData) -> None:
    tables = [table for table in SQLModel.metadata.sorted_tables if table is not LOG]
    tables.append(theirs.tables[f"{CHECKPOINTS_SCHEMA}.workflow_status"])
    for table in tables:
        if connection.scalar(sa.select(sa.exists(sa.select(sa.literal(1)).select_from(table)))):
            raise CannotStart(
                f"The target is not empty: its table {table.name} has rows. Copy into a new database (createdb), and "
                "start servers on it only afterwards."
            )


def _copy_table(
    old: sa.Connection, source: sa.Table, new: sa.Connection, target: sa.Table, progress: Progress
) -> int:  # fmt: skip
    """Copy one table in batches, and see that all of it has come."""
    total = old.scalar(sa.select(sa.func.count()).select_from(source)) or 0
    done = 0
    for rows in _batches(old, source):
        new.execute(sa.insert(target), rows)
        done += len(rows)
        progress(f"{target.name}: {done:,} of {total:,}")
    kept = new.scalar(sa.select(sa.func.count()).select_from(target))
    if kept != total:
        raise CannotStart(f"Of {total:,} rows of {target.name} {kept:,} have come. Nothing was kept; try again.")
    return total


def _batches(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    found = connection.execution_options(yield_per=_BATCH).execute(sa.select(table))
    for batch in found.mappings().partitions(_BATCH):
        yield [dict(row) for row in batch]


def _copy_checkpoints(
    old: sa.Connection, new: sa.Connection, theirs: sa.MetaData, progress: Progress
) -> dict[str, int]:  # fmt: skip
    """Copy what the engine keeps. Both sides must have been made by the same version of it."""
    ours = sa.MetaData()
    ours.reflect(old)
    counts = {}
    for target in theirs.sorted_tables:
        source = ours.tables.get(target.name)
        if source is None or target.name in _MADE_ANEW:
            continue
        if unknown := {column.name for column in source.columns} - {column.name for column in target.columns}:
            raise CannotStart(f"The checkpoints were kept by another version of the engine: {', '.join(unknown)}.")
        # Read as the target's types say: SQLite's own know neither truth values nor moments.
        as_target = sa.Table(
            target.name, sa.MetaData(), *(sa.Column(one.name, target.c[one.name].type) for one in source.columns)
        )
        counts[target.name] = _copy_table(old, as_target, new, target, progress)
    return counts


def _enter_as_dead(connection: sa.Connection, theirs: sa.MetaData) -> None:
    """Enter whoever ran jobs as members that have left."""
    status = theirs.tables[f"{CHECKPOINTS_SCHEMA}.workflow_status"]
    executors = connection.scalars(sa.select(status.c.executor_id).where(status.c.status == "PENDING").distinct())
    for executor in [one for one in executors if one]:
        row = {"executor": executor, "version": WORKFLOW_VERSION, "since": LEFT, "seen_at": LEFT}
        connection.execute(sa.insert(MEMBER).values(**row))
