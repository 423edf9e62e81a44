"""Two versions of the workflows beside each other, as while a fleet is upgraded."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from tests.support import postgresql
from tests.support.fleet import WorkerProcess, running_fleet
from tests.support.person import Person
from tests.support.server import eventually

NEWER = """\
import skill_fleet_server.workflows.versions as versions
versions.WORKFLOW_VERSION = "99"
import sys
from skill_fleet_server.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


class NewerWorker(WorkerProcess):
    """A worker as a later release would bring it: its workflows have another version."""

    def launch(self) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-c", NEWER, *self.command, "--data-dir", str(self.data_dir)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=(self.data_dir.parent / f"{self.data_dir.name}.log").open("a"),
            text=True,
            start_new_session=True,
        )
        return self.process


@pytest.fixture
def url() -> Generator[str]:
    with postgresql.database() as url:
        yield url


async def notes(client: httpx.AsyncClient) -> str:
    answer = await client.get("readyz")
    assert answer.status_code == 200, "jobs that wait are no reason to be taken out of service"
    return answer.json()["checks"].get("jobs", "")


def doctor(settings: Mapping[str, str]) -> dict[str, Any]:
    """What it found, by what it is about."""
    asked = subprocess.run(
        [sys.executable, "-m", "skill_fleet_server", "doctor", "--json", "--port", "0"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return {one["about"]: one for one in json.loads(asked.stdout)["findings"]}


async def test_a_worker_leaves_jobs_of_another_version_alone_and_it_is_said_that_they_wait(
    tmp_path: Path, url: str
) -> None:
    async with running_fleet(tmp_path, url, servers=1, workers=0) as fleet, fleet.servers[0].client() as client:
        newer = NewerWorker(tmp_path / "newer", environment=fleet.settings)
        fleet.workers.append(newer)
        await newer.start()
        person = Person(client)
        job = await person.create("a skill of the version before", auto_approve=True)
        await eventually(lambda: notes(client), what="the note about the job", every=0.2)
        assert "1 of version" in await notes(client)
        found = await asyncio.to_thread(doctor, {**fleet.settings, "SKILL_FLEET_DATA_DIR": str(tmp_path / "doctor")})
        assert found["jobs"]["level"] == "warn"
        assert found["fleet"]["level"] == "ok"
        assert (await person.job(job))["status"] == "pending"
        await fleet.add_worker()
        assert (await person.until_over(job))["status"] == "completed"
        assert not await notes(client)
        assert "Traceback" not in newer.log


async def test_servers_and_workers_may_start_at_once_on_an_empty_database(tmp_path: Path, url: str) -> None:
    async with running_fleet(tmp_path, url, servers=0, workers=0) as fleet:
        workers = [WorkerProcess(tmp_path / f"w{n}", environment=fleet.settings) for n in range(3)]
        fleet.workers.extend(workers)
        for worker in workers:
            worker.launch()
        for worker in workers:
            await eventually(lambda worker=worker: said_hello(worker), within=40, what="the worker's start")


def said_hello(worker: WorkerProcess) -> bool:
    assert worker.process is not None
    assert worker.process.poll() is None, worker.log
    assert worker.process.stdout is not None
    return "worker" in worker.process.stdout.readline()


async def test_a_database_that_goes_away_makes_a_server_unready_until_it_is_back(tmp_path: Path, url: str) -> None:
    async with running_fleet(tmp_path, url, servers=1, workers=0) as fleet, fleet.servers[0].client() as client:
        assert (await client.get("readyz")).json()["checks"]["fleet"] == "ok"
        parsed = sa.make_url(url)
        administrator = postgresql.server_url().set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(administrator, autocommit=True) as connection:
            away = f'ALTER DATABASE "{parsed.database}" ALLOW_CONNECTIONS'.encode()
            connection.execute(away + b" false")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (parsed.database,)
            )
            try:
                await eventually(lambda: status_is(client, 503), what="503", within=20, every=0.1)
                assert (await client.get("healthz")).status_code == 200
            finally:
                connection.execute(away + b" true")
        await eventually(lambda: status_is(client, 200), what="200", within=20, every=0.1)


async def status_is(client: httpx.AsyncClient, status: int) -> bool:
    return (await client.get("readyz")).status_code == status
