"""`skill-fleet doctor`: everything that a server needs from the machine it is to run on, and what to do about it.

Changes nothing, and may run beside a server.
"""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from skill_fleet_server.api.auth import is_loopback
from skill_fleet_server.database import schema
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.errors import CannotStart, ModelNotConfigured, SkillFleetError
from skill_fleet_server.fleet.census import Member, census
from skill_fleet_server.lm.config import Role
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.operations.findings import Finding
from skill_fleet_server.programs.failures import EXPECTED, judge
from skill_fleet_server.services import CHECKPOINTS_FILE, DATABASE_FILE
from skill_fleet_server.settings import ServerSettings
from skill_fleet_server.workflows.storage import CHECKPOINTS_SCHEMA
from skill_fleet_server.workflows.stranded import sentence, stranded
from skill_fleet_server.workflows.versions import WORKFLOW_VERSION

_LITTLE_ROOM: Final = 1 << 30
_NO_ROOM: Final = 100 << 20
"""Bytes free on the disk."""

_SKEW_S: Final = 5.0
"""How far the clock may be from the database's: the log is stamped with the former, heartbeats with the latter."""

_OLDEST_SQLITE: Final = (3, 35)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


async def examine(settings: ServerSettings, *, ask_model: bool) -> list[Finding]:
    """Look at everything.

    Args:
        settings: As the server would have them.
        ask_model: Whether to ask the default model for one word.
    """
    findings = await asyncio.to_thread(lambda: list(_machine(settings)))
    findings += await asyncio.to_thread(lambda: list(_database(settings)))
    return [*findings, *await _model(settings, ask_model=ask_model)]


def _machine(settings: ServerSettings) -> Iterator[Finding]:
    yield _directory("data directory", settings.data_dir, private=True)
    if settings.shared_dir is not None:
        yield _directory("shared directory", settings.shared_dir, private=False)
    for path in {settings.data_dir, settings.shared_dir or settings.data_dir}:
        yield _disk(path)
    yield _token(settings)
    yield _port(settings)


def _directory(about: str, path: Path, *, private: bool) -> Finding:
    there = _nearest(path)
    if not os.access(there, os.W_OK | os.X_OK):
        return Finding("fail", about, f"{there} cannot be written", "Make it writable for the user of the server.")
    if there != path:
        return Finding("ok", about, f"{path} is not there yet; the server makes it")
    if private and path.stat().st_mode & _OTHERS:
        return Finding("warn", about, f"others may look into {path}", f"chmod 700 {path}; a server that starts does.")
    return Finding("ok", about, str(path))


def _disk(path: Path) -> Finding:
    free = shutil.disk_usage(_nearest(path)).free
    said = f"{free / (1 << 30):,.1f} GiB free for {path}"
    if free < _NO_ROOM:
        return Finding("fail", "disk", said, "Free some space: nothing can be accepted for long.")
    if free < _LITTLE_ROOM:
        return Finding("warn", "disk", said, "Free some space soon.")
    return Finding("ok", "disk", said)


def _nearest(path: Path) -> Path:
    """The path, or the directory above it that exists."""
    return next(one for one in (path, *path.parents) if one.exists())


def _token(settings: ServerSettings) -> Finding:
    file = settings.data_dir / "token"
    if settings.token is not None:
        return Finding("ok", "token", "as it was set")
    if not is_loopback(settings.host):
        return Finding("fail", "token", f"none is set, and {settings.host} may be reached from other machines",
                       "Set SKILL_FLEET_TOKEN, or listen on 127.0.0.1.")  # fmt: skip
    try:
        if not file.exists():
            return Finding("ok", "token", "made at the first start")
        if file.stat().st_mode & _OTHERS:
            return Finding("warn", "token", f"others may read {file}", f"chmod 600 {file}, or delete it for a new one.")
        return Finding("ok", "token", f"in {file}, for its owner alone")
    except OSError as error:
        return Finding("fail", "token", f"{file} cannot be read: {error.strerror}", "Mend its permissions.")


def _port(settings: ServerSettings) -> Finding:
    where = f"{settings.host}, port {settings.port}"
    if running := _running(settings.data_dir):
        return Finding("ok", "port", f"a server of this data directory listens on {running}")
    try:
        family, kind, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address[:2])
    except OSError as error:
        return Finding("fail", "port", f"nobody can listen on {where}: {error.strerror}",
                       "Choose another with --port, or 0 for any that is free.")  # fmt: skip
    return Finding("ok", "port", f"{where} is free")


def _running(data_dir: Path) -> str:
    """Where the server of the directory listens, if one runs."""
    try:
        about = json.loads((data_dir / "server.json").read_text(encoding="utf-8"))
        os.kill(int(about["pid"]), 0)
        return str(about["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _database(settings: ServerSettings) -> Iterator[Finding]:
    if settings.database_url is None:
        yield _sqlite_version()
        if not (settings.data_dir / DATABASE_FILE).exists():
            yield Finding("ok", "database", "SQLite, made at the first start")
            return
    try:
        with closing(Database(settings.database_url or sqlite_url(settings.data_dir / DATABASE_FILE))) as database:
            yield from _schema(database, settings)
            if isinstance(database.backend, PostgreSQL):
                yield from _fleet(database, settings)
            else:
                yield from _alone(settings.data_dir / CHECKPOINTS_FILE)
    except SkillFleetError as error:
        yield Finding("fail", "database", error.detail)


def _sqlite_version() -> Finding:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return Finding("fail", "SQLite", f"{sqlite3.sqlite_version} is too old", "Use a newer Python, or PostgreSQL.")
    return Finding("ok", "SQLite", sqlite3.sqlite_version)


def _schema(database: Database, settings: ServerSettings) -> Iterator[Finding]:
    try:
        schema.require_current(database)
    except CannotStart as error:
        if not settings.migrate or schema.revision(database) not in (None, *schema.revisions()):
            yield Finding("fail", "database", error.detail)
        else:
            yield Finding("warn", "database", f"reachable, and not at the schema {schema.newest()} yet",
                          "The next start brings it there, or `skill-fleet db upgrade` does.")  # fmt: skip
        return
    yield Finding("ok", "database", f"{database.url.get_backend_name()}, reachable, schema {schema.newest()}")


def _fleet(database: Database, settings: ServerSettings) -> Iterator[Finding]:
    with database.translated(), database.reader.connect() as connection:
        before = time.time()
        theirs: datetime = connection.scalar(sa.select(sa.func.clock_timestamp()))
        skew = theirs.astimezone(UTC).timestamp() - (before + time.time()) / 2
        if abs(skew) > _SKEW_S:
            yield Finding("warn", "clock", f"{abs(skew):.0f} s away from the database's", "Have both keep time by NTP.")
        else:
            yield Finding("ok", "clock", f"{abs(skew):.1f} s away from the database's")
        if schema.revision(database) != schema.newest():
            return
        members = census(connection)
        yield _workers(members, settings)
        if sa.inspect(connection).has_table("workflow_status", schema=CHECKPOINTS_SCHEMA):
            living = {member.version for member in members if member.is_alive and member.works}
            yield _jobs(stranded(connection, living, CHECKPOINTS_SCHEMA))


def _workers(members: list[Member], settings: ServerSettings) -> Finding:
    alive = [member for member in members if member.is_alive]
    working = [member for member in alive if member.works]
    said = f"processes that are alive: {len(alive)}; that run jobs: {len(working)}"
    if working:
        return Finding("ok", "fleet", said)
    hint = "Start one: skill-fleet worker" + (", or a server with --works" if not settings.works else "")
    return Finding("warn", "fleet", f"{said}. Jobs wait", f"{hint}.")


def _alone(checkpoints: Path) -> Iterator[Finding]:
    if not checkpoints.exists():
        return
    try:
        with closing(sqlite3.connect(f"{checkpoints.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            engine = sa.create_engine("sqlite://", creator=lambda: raw, poolclass=sa.StaticPool)
            with engine.connect() as connection:
                if sa.inspect(connection).has_table("workflow_status"):
                    yield _jobs(stranded(connection, {WORKFLOW_VERSION}))
    except (sqlite3.Error, DatabaseError) as error:
        yield Finding("fail", "checkpoints", f"cannot be read: {getattr(error, 'orig', error)}", "Restore a backup.")


def _jobs(found: dict[str, int]) -> Finding:
    if not found:
        return Finding("ok", "jobs", "all that are unfinished can go on")
    hints = []
    if WORKFLOW_VERSION in found:
        hints.append(f"Version {WORKFLOW_VERSION} is this one: start a worker, `skill-fleet worker`.")
    if found.keys() - {WORKFLOW_VERSION}:
        hints.append("Run the other version beside this one until its jobs are over, or cancel them.")
    return Finding("warn", "jobs", sentence(found), " ".join(hints))


async def _model(settings: ServerSettings, *, ask_model: bool) -> list[Finding]:
    table = ModelTable(settings.models, demo_delay=settings.demo_delay)
    try:
        if table.is_demo:
            return [Finding("warn", "model", "the demo model, which only rearranges what it is given",
                            "Set SKILL_FLEET_MODEL, such as openai/gpt-5-mini, and its key.")]  # fmt: skip
        try:
            table.check(table.default)
        except ModelNotConfigured as error:
            return [Finding("fail", "model", error.detail)]
        if not ask_model:
            return [Finding("ok", "model", f"{table.default}, its key is there; --ask-model asks it for one word")]
        return [await _ask(table, settings)]
    finally:
        await table.aclose()


async def _ask(table: ModelTable, settings: ServerSettings) -> Finding:
    """One tiny request, which costs next to nothing."""
    limit = min(settings.models.timeout_s, 60.0)
    began = time.monotonic()
    try:
        lm = table.chain("", Role.WRITING)[0]
        async with asyncio.timeout(limit):
            await lm.acall(messages=[{"role": "user", "content": "Answer with the one word: ready"}])
    except EXPECTED as error:
        failure = judge(error, table.default, limit)
        return Finding("fail", "model", failure.failure.message, failure.hint)
    return Finding("ok", "model", f"{table.default} answered within {time.monotonic() - began:.1f} s")
