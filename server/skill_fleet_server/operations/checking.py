"""`skill-fleet db check`: whether a database is whole, and its log obeys its rules. Changes nothing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from skill_fleet_common.events import DurableEvent, parse_event
from skill_fleet_common.fold import fold
from skill_fleet_common.jobs import JobView
from skill_fleet_server.database import schema
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import EVENT, JOB, LOG, PROMPT
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.transaction import event_json
from skill_fleet_server.operations.findings import Finding

_SHOWN: Final = 5
"""Most jobs that one finding names."""

_RESTORE: Final = "Restore a backup, or run `skill-fleet db check --all` and report what it says."


def check(database: Database, files: list[Path], *, sample: int | None) -> list[Finding]:
    """Look at a database.

    Args:
        database: Of the log.
        files: All of an SQLite database, the checkpoints' included; none for PostgreSQL.
        sample: How many jobs, the newest, are checked event by event; `None` for all.
    """
    findings: list[Finding] = []
    try:
        if missing := [file for file in files if not file.exists()]:
            return [Finding("fail", "database", f"There is no {missing[0]}.", "Name the data directory: --data-dir.")]
        findings += [_integrity(file) for file in files] or [_server(database)]
        findings.append(_schema(database))
        if findings[-1].level == "ok":
            with database.translated(), database.reader.connect() as connection, connection.begin():
                findings += _log(connection, sample)
    except StorageUnavailable as error:
        findings.append(Finding("fail", "database", error.detail))
    return findings


def _integrity(file: Path) -> Finding:
    """What SQLite itself finds, and how large the file is."""
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
        try:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
        finally:
            connection.close()
    except sqlite3.Error as error:
        said = [str(error)]
    if said != ["ok"]:
        return Finding("fail", file.name, f"damaged: {'; '.join(said)}", "Restore a backup.")
    log = file.with_name(f"{file.name}-wal")
    size = file.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return Finding("ok", file.name, f"whole, {size:,} bytes")


def _server(database: Database) -> Finding:
    with database.translated(), database.reader.connect() as connection:
        version = connection.scalar(sa.text("SHOW server_version"))
        size = connection.scalar(sa.text("SELECT pg_database_size(current_database())"))
    return Finding("ok", "database", f"PostgreSQL {version}, {size:,} bytes; its own pg_amcheck looks at the files")


def _schema(database: Database) -> Finding:
    found, needed = schema.revision(database), schema.newest()
    if found == needed:
        return Finding("ok", "schema", found)
    if found is None:
        return Finding("fail", "schema", "none: nothing was ever kept here", "Run `skill-fleet db upgrade`.")
    if found in schema.revisions():
        return Finding("fail", "schema", f"{found}, and this version needs {needed}", "Run `skill-fleet db upgrade`.")
    return Finding("fail", "schema", f"{found}, of a newer version", "Upgrade this installation.")


def _log(connection: sa.Connection, sample: int | None) -> Iterator[Finding]:
    log = connection.execute(sa.select(LOG)).mappings().one_or_none()
    if log is None:
        yield Finding("ok", "log", "empty")
        return
    events = connection.scalar(sa.select(sa.func.count()).select_from(EVENT))
    jobs = connection.scalar(sa.select(sa.func.count()).select_from(JOB)) or 0
    last = connection.scalar(sa.select(sa.func.max(EVENT.c.pos))) or 0
    if last > log["head"] or last < log["head"] > log["trimmed"]:
        yield Finding("fail", "log", f"its head is {log['head']} and its last event at {last}", _RESTORE)
    else:
        where = f"epoch {log['epoch']}, head {log['head']}, trimmed to {log['trimmed']}"
        yield Finding("ok", "log", f"{where}: {events:,} events of {jobs:,} jobs")
    yield _of_jobs("order", "events without gaps", "whose events have gaps", _with_gaps(connection, log["trimmed"]))
    yield _of_jobs("events", "every event has its job", "of which only events are left", _without_job(connection))
    looked_at = min(jobs, jobs if sample is None else sample)
    of = f"{looked_at:,} of {jobs:,} jobs are what their events say"
    yield _of_jobs("views", of, "which are not what their events say", _misfolded(connection, sample))
    pending = connection.scalar(sa.select(sa.func.count()).select_from(PROMPT).where(PROMPT.c.status == "open"))
    yield Finding("ok", "prompts", f"{pending:,} open")


def _of_jobs(about: str, well: str, ill: str, jobs: list[str]) -> Finding:
    if not jobs:
        return Finding("ok", about, well)
    named = ", ".join(jobs[:_SHOWN]) + (", …" if len(jobs) > _SHOWN else "")
    return Finding("fail", about, f"{len(jobs)} jobs {ill}: {named}", _RESTORE)


def _with_gaps(connection: sa.Connection, trimmed: int) -> list[str]:
    first, last, count = sa.func.min(EVENT.c.seq), sa.func.max(EVENT.c.seq), sa.func.count()
    # A job that is just being trimmed has lost its beginning.
    begun = first == 1 if not trimmed else sa.true()
    query = sa.select(EVENT.c.job_id).group_by(EVENT.c.job_id).having(sa.or_(count != last - first + 1, ~begun))
    return list(connection.scalars(query.order_by(EVENT.c.job_id)))


def _without_job(connection: sa.Connection) -> list[str]:
    query = sa.select(EVENT.c.job_id).outerjoin(JOB, EVENT.c.job_id == JOB.c.job_id).where(JOB.c.job_id.is_(None))
    return list(connection.scalars(query.distinct().order_by(EVENT.c.job_id)))


def _misfolded(connection: sa.Connection, sample: int | None) -> list[str]:
    newest = sa.select(JOB.c.job_id, JOB.c.view).order_by(JOB.c.created_pos.desc()).limit(sample)
    return [row.job_id for row in connection.execute(newest).all() if _differs(connection, row.job_id, row.view)]


def _differs(connection: sa.Connection, job_id: str, kept: str) -> bool:
    columns = (EVENT.c.pos, EVENT.c.seq, EVENT.c.type, EVENT.c.v, EVENT.c.body)
    rows = connection.execute(sa.select(*columns).where(EVENT.c.job_id == job_id).order_by(EVENT.c.pos)).all()
    if rows and rows[0].seq > 1:  # it is just being trimmed
        return False
    try:
        parsed = [parse_event(event_json(row.pos, row.type, row.v, row.body)) for row in rows]
        told = fold(None, [one for one in parsed if isinstance(one, DurableEvent)])
        view = JobView.model_validate_json(kept)
    except ValueError:
        return True
    # What an older version did not keep cannot differ.
    return any(getattr(told, name) != getattr(view, name) for name in view.model_fields_set)
