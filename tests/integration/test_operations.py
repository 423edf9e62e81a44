"""`skill-fleet db` and `skill-fleet doctor`, run as the programs they are, on data that jobs really left."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import newest, revision, revisions, upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.errors import CannotStart, StorageUnavailable
from skill_fleet_server.operations.backup import backup, dump_command
from skill_fleet_server.operations.doctor import _jobs
from skill_fleet_server.workflows.versions import WORKFLOW_VERSION
from tests.support import postgresql
from tests.support.fleet import TOKEN, running_fleet
from tests.support.invariants import assert_lawful
from tests.support.person import Person
from tests.support.server import ServerProcess, running_server


@dataclass(frozen=True)
class Ran:
    code: int
    said: str
    complained: str


def run(*words: str, environment: Mapping[str, str] | None = None) -> Ran:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SKILL_FLEET_")}
    process = subprocess.run(
        [sys.executable, "-m", "skill_fleet_server", *words],
        env={**inherited, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "Traceback" not in process.stderr, process.stderr
    return Ran(process.returncode, process.stdout, process.stderr)


def levels(ran: Ran) -> dict[str, str]:
    return {finding["about"]: finding["level"] for finding in json.loads(ran.said)["findings"]}


async def worked_in(server: ServerProcess) -> tuple[str, str]:
    """One job that is over, and one that waits for an answer."""
    async with server.client() as client:
        person = Person(client)
        over = await person.create("a skill that is over", auto_approve=True)
        await person.until_over(over)
        waits = await person.create("a skill that waits", checkpoints=["confirm"])
        await person.asked(waits, "confirm")
    return over, waits


async def test_a_backup_of_a_running_server_is_whole_and_a_server_goes_on_from_it(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        _, waits = await worked_in(server)
        made = run("db", "backup", "--data-dir", str(server.data_dir), "--files", str(tmp_path / "copy"))
        assert made.code == 0, made.complained
        again = run("db", "backup", "--data-dir", str(server.data_dir), str(tmp_path / "copy"))
        assert again.code == 1
        assert "something in it" in again.complained
        async with server.client() as client:
            epoch = (await Person(client).job(waits))["cursor"].partition(".")[0]
    assert {"fleet.sqlite", "checkpoints.sqlite", "drafts"} <= {one.name for one in (tmp_path / "copy").iterdir()}
    checked = run("db", "check", "--all", "--json", "--data-dir", str(tmp_path / "copy"))
    assert checked.code == 0, checked.said
    assert set(levels(checked).values()) == {"ok"}
    async with running_server(tmp_path / "copy") as restored, restored.client() as client:
        person = Person(client)
        assert (await person.job(waits))["cursor"].partition(".")[0] != epoch
        await person.answer(await person.asked(waits, "confirm"))
        assert (await person.until_over(waits))["status"] == "completed"
        await assert_lawful(person)


def test_a_backup_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    ran = run("db", "backup", "--data-dir", str(tmp_path / "none"), str(tmp_path / "copy"))
    assert ran.code == 1
    assert "--data-dir" in ran.complained
    assert list(tmp_path.iterdir()) == []


async def test_a_check_says_what_is_broken(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        over, waits = await worked_in(server)
        assert await server.stop() == 0
    with sqlite3.connect(tmp_path / "data" / "fleet.sqlite") as connection:
        connection.execute("DELETE FROM event WHERE job_id = ? AND seq = 3", (over,))
        changed = "json_set(view, '$.status', 'failed')"
        connection.execute(f"UPDATE job SET view = {changed} WHERE job_id = ?", (waits,))
        connection.execute("INSERT INTO event SELECT 9999, 'nobody', 1, v, type, NULL, body FROM event WHERE pos = 1")
    ran = run("db", "check", "--json", "--data-dir", str(tmp_path / "data"))
    assert ran.code == 1
    found = levels(ran)
    assert {about for about, level in found.items() if level == "fail"} == {"log", "order", "events", "views"}
    for job in (over, waits, "nobody"):
        assert job in ran.said
    (tmp_path / "data" / "checkpoints.sqlite-wal").unlink(missing_ok=True)
    (tmp_path / "data" / "checkpoints.sqlite").write_bytes(b"this is not a database" * 100)
    assert levels(run("db", "check", "--json", "--data-dir", str(tmp_path / "data")))["checkpoints.sqlite"] == "fail"


async def test_sqlite_is_copied_into_postgresql_and_its_jobs_go_on_there(tmp_path: Path) -> None:
    with postgresql.database() as url:
        async with running_server(tmp_path / "data", environment={"SKILL_FLEET_TOKEN": TOKEN}) as server:
            over, waits = await worked_in(server)
            busy = run("db", "copy", "--data-dir", str(server.data_dir), "--database-url", url)
            assert busy.code == 1
            assert "uses the data directory" in busy.complained
            async with server.client() as client:
                before = await Person(client).job(over)
            server.kill()  # the job that waits is still running, as far as its checkpoints know
        copied = run("db", "copy", "--data-dir", str(tmp_path / "data"), "--database-url", url)
        assert copied.code == 0, copied.complained
        assert "event: " in copied.complained
        again = run("db", "copy", "--data-dir", str(tmp_path / "data"), "--database-url", url)
        assert again.code == 1
        assert "not empty" in again.complained
        shared = {"SKILL_FLEET_SHARED_DIR": str(tmp_path / "data")}
        async with running_fleet(tmp_path, url, servers=1, workers=1, environment=shared) as fleet:
            async with fleet.servers[0].client() as client:
                person = Person(client)
                after = await person.job(over)
                assert after["cursor"].partition(".")[0] != before["cursor"].partition(".")[0]
                assert {**after, "cursor": ""} == {**before, "cursor": ""}
                await person.answer(await person.asked(waits, "confirm"))
                ended = await person.until_over(waits)
                assert (ended["status"], ended["run"]) == ("completed", 2)
                await assert_lawful(person)
            ran = run("doctor", "--json", "--database-url", url, "--data-dir", str(tmp_path / "other"), "--port", "0")
            assert ran.code == 0, ran.said
            assert levels(ran)["fleet"] == levels(ran)["clock"] == levels(ran)["database"] == "ok"
        checked = run("db", "check", "--all", "--json", "--database-url", url)
        assert set(levels(checked).values()) == {"ok"}, checked.said


def test_copying_needs_a_postgresql(tmp_path: Path) -> None:
    ran = run("db", "copy", "--data-dir", str(tmp_path))
    assert ran.code == 1
    assert "SKILL_FLEET_DATABASE_URL" in ran.complained


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="PostgreSQL's client programs are not installed")
def test_a_backup_of_postgresql_is_a_dump_or_says_why_not(tmp_path: Path) -> None:
    with postgresql.database() as url:
        assert run("db", "upgrade", "--database-url", url).code == 0
        ran = run("db", "backup", "--database-url", url, str(tmp_path / "copy"))
        if ran.code:  # a pg_dump refuses servers newer than itself
            assert "pg_dump" in ran.complained
            assert not (tmp_path / "copy").exists()
        else:
            assert (tmp_path / "copy" / "skill-fleet.dump").stat().st_size


@pytest.mark.parametrize("url", ["postgresql://me:{}@host/db", "postgresql://me@host/db?password={}&sslmode=require"])
def test_a_password_is_never_on_the_command_line_of_another_program(url: str) -> None:
    command = dump_command(sa.make_url(url.format(SECRET)), Path("to"))
    assert SECRET not in " ".join(command)
    assert "host/db" in " ".join(command)


def test_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "token").write_text("a-token-for-all-to-see")
    (data / "token").chmod(0o644)
    (data / "fleet.sqlite").write_bytes(b"this is not a database" * 100)
    environment = {"SKILL_FLEET_MODEL": "openai/gpt-5-mini", "OPENAI_API_KEY": ""}
    ran = run("doctor", "--json", "--port", "0", "--data-dir", str(data), environment=environment)
    assert ran.code == 1
    found = levels(ran)
    assert (found["token"], found["database"], found["model"]) == ("warn", "fail", "fail")
    for advice in ("chmod 600", "OPENAI_API_KEY", "Restore it from a backup"):
        assert advice in ran.said
    assert "a-token-for-all-to-see" not in ran.said


async def test_doctor_beside_a_running_server_finds_all_well_but_the_demo(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        await worked_in(server)
        ran = run("doctor", "--json", "--data-dir", str(server.data_dir))
    assert ran.code == 0, ran.said
    assert {about for about, level in levels(ran).items() if level != "ok"} == {"model"}


@pytest.mark.parametrize("of", revisions())
def test_a_database_of_every_version_is_upgraded_with_what_is_in_it(tmp_path: Path, of: str) -> None:
    path = tmp_path / "fleet.sqlite"
    at = Database(sqlite_url(path))
    upgrade(at, to=of)
    fill(at)
    at.close()
    assert run("db", "upgrade", "--data-dir", str(tmp_path)).code == 0
    at = Database(sqlite_url(path))
    assert revision(at) == newest()
    with at.reader.connect() as connection:
        assert (
            connection.scalar(sa.text("SELECT task FROM (SELECT json_extract(view, '$.kept') AS task FROM job)")) == 7
        )
        assert connection.scalar(sa.text("SELECT head FROM log")) == 1
    at.close()


@pytest.mark.parametrize("of", revisions())
def test_on_postgresql_too(of: str) -> None:
    with postgresql.database() as url:
        at = Database(url)
        upgrade(at, to=of)
        fill(at)
        upgrade(at)
        assert revision(at) == newest()
        with at.reader.connect() as connection:
            assert connection.scalar(sa.text("SELECT view FROM job")) == '{"kept": 7}'
        at.close()


def fill(database: Database) -> None:
    """One job, with what every schema has."""
    with database.writer.begin() as connection:
        connection.execute(sa.text("INSERT INTO log VALUES (1, 'anepoch2', 1, 0, '')"))
        connection.execute(
            sa.text("INSERT INTO event (pos, job_id, seq, v, type, body) VALUES (1, 'j', 1, 1, 'job_created', '{}')")
        )
        connection.execute(
            sa.text(
                "INSERT INTO job (job_id, created_pos, status, request, view, updated_at) "
                "VALUES ('j', 1, 'completed', '{}', '{\"kept\": 7}', '2026-01-01 00:00:00')".replace(":", "\\:")
            )
        )


def test_servers_that_may_not_migrate_say_what_to_do_and_change_nothing(tmp_path: Path) -> None:
    with postgresql.database() as url:
        at = Database(url)
        upgrade(at, to=revisions()[0])
        for command in ("serve", "worker"):
            flags = ["--port", "0"] if command == "serve" else []
            ran = run(command, *flags, "--no-migrate", "--database-url", url, "--data-dir", str(tmp_path / "data"))
            assert ran.code == 1
            assert "db upgrade" in ran.complained
            assert ran.complained.count("\n") == 1
        assert revision(at) == revisions()[0]
        at.close()


SECRET = "geheim-und-lang"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "postgresql://"),
        (f"postgresql://me:{SECRET}@localhost:port/db", "postgresql://"),
        (f"mysql://me:{SECRET}@localhost/db", "postgresql://"),
        (f"postgresql://me:{SECRET}@127.0.0.1:9/db", "port 9"),
        (f"postgresql://me:{SECRET}@no-such-host.invalid/db", "no-such-host.invalid"),
        (f"postgresql://me@127.0.0.1:9/db?password={SECRET}&nonsense=1", "SKILL_FLEET_DATABASE_URL"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "worker", "db upgrade", "db check", "doctor"])
def test_a_database_that_cannot_be_used_is_said_in_a_sentence_without_its_password(
    tmp_path: Path, url: str, says: str, command: str
) -> None:
    flags = ["--port", "0"] if command in ("serve", "doctor") else []
    environment = {"SKILL_FLEET_DATABASE_URL": url}
    ran = run(*command.split(), *flags, "--data-dir", str(tmp_path / "data"), environment=environment)
    assert ran.code == 1
    said = ran.said + ran.complained
    assert "SKILL_FLEET_DATABASE_URL" in said or says in said
    assert SECRET not in said


@pytest.mark.parametrize(("action", "url"), [("copy", "nonsense"), ("backup", "postgresql://me@127.0.0.1:9/db")])
def test_nothing_is_copied_where_there_is_no_database(tmp_path: Path, action: str, url: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "fleet.sqlite").touch()
    target = [str(tmp_path / "target")] if action == "backup" else []
    environment = {"SKILL_FLEET_DATABASE_URL": url}
    ran = run("db", action, *target, "--data-dir", str(tmp_path / "data"), environment=environment)
    assert ran.code == 1
    assert "SKILL_FLEET_DATABASE_URL" in ran.complained
    assert ran.complained.count("\n") == 1
    assert not (tmp_path / "target").exists()


def test_settings_are_printed_without_passwords() -> None:
    for url in (f"postgresql://me:{SECRET}@localhost/db", f"postgresql://localhost/db?password={SECRET}"):
        ran = run("config", environment={"SKILL_FLEET_DATABASE_URL": url})
        assert ran.code == 0
        assert SECRET not in ran.said
        assert "localhost" in ran.said


@pytest.mark.skipif(not postgresql.is_own(), reason="its rules are another's")
@pytest.mark.parametrize("password", [SECRET, None])
def test_a_wrong_password_is_said_without_it(password: str | None) -> None:
    with postgresql.database() as url, postgresql.guarded(url, "the-right-one") as guarded:
        at = Database(guarded)
        assert revision(at) is None
        at.close()
        # Not by `set`, to which no password is one that stays.
        at = Database(sa.make_url(guarded)._replace(password=password).render_as_string(hide_password=False))
        with pytest.raises(StorageUnavailable) as refused:
            revision(at)
        at.close()
    assert "refused the user or password in SKILL_FLEET_DATABASE_URL" in refused.value.detail
    assert SECRET not in refused.value.detail


def test_a_dump_by_an_older_program_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(CannotStart) as refused:
        backup(tmp_path / "copy", postgresql=sa.make_url(f"postgresql://me:{SECRET}@db.example/fleet"))
    assert "is older than the PostgreSQL" in refused.value.detail
    assert SECRET not in refused.value.detail
    assert not (tmp_path / "copy").exists()


def test_doctor_tells_jobs_that_want_a_worker_from_those_that_want_another_version() -> None:
    ours, others = _jobs({WORKFLOW_VERSION: 2}), _jobs({"other-9": 1})
    assert (ours.level, others.level) == ("warn", "warn")
    assert "skill-fleet worker" in ours.advice
    assert "the other version" not in ours.advice
    assert "skill-fleet worker" not in others.advice
    assert "the other version" in others.advice
    both = _jobs({WORKFLOW_VERSION: 2, "other-9": 1}).advice
    assert ours.advice in both
    assert others.advice in both
