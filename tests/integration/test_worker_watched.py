"""A worker tells whoever watches it how it is, and lets nobody do anything."""

import asyncio
import re
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from skill_fleet_common.access import CreateToken, Role
from skill_fleet_common.api import CreateJob
from skill_fleet_server.api.worker import create_worker_app
from skill_fleet_server.services import Services, open_services
from skill_fleet_server.settings import ServerSettings
from tests.support import postgresql
from tests.support.fleet import TOKEN, WorkerProcess
from tests.support.server import eventually


@pytest.fixture
def url() -> Generator[str]:
    with postgresql.database() as url:
        yield url


@dataclass
class Watched:
    """A worker in this process, and who watches it."""

    services: Services
    stop: asyncio.Event
    client: httpx.AsyncClient

    async def checks(self) -> tuple[int, dict[str, str]]:
        response = await self.client.get("/readyz")
        return response.status_code, response.json()["checks"]

    async def metrics(self) -> dict[str, float]:
        response = await self.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200, response.text
        lines = [line for line in response.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@asynccontextmanager
async def watched(directory: Path, url: str) -> AsyncGenerator[Watched]:
    """A worker for the length of a test."""
    settings = ServerSettings.load({"data_dir": directory, "demo_delay": 0, "database_url": url})
    stop = asyncio.Event()
    app = create_worker_app(stop, token=TOKEN)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://worker1:9464") as client:
        assert (await client.get("/readyz")).status_code == 503, "it is starting"
        async with open_services(settings) as services:
            app.state.services = services
            yield Watched(services, stop, client)


async def test_it_tells_of_the_jobs_it_runs_and_what_they_take(tmp_path: Path, url: str) -> None:
    async with watched(tmp_path, url) as worker:
        wish = CreateJob(task_description="a skill to be watched", checkpoints=["confirm"])
        await worker.services.jobs.create(wish, idempotency_key=None, by="owner")

        async def asks() -> bool:
            return (await worker.metrics())['skill_fleet_jobs_here{status="pending_hitl"}'] == 1

        await eventually(asks, within=30, what="a job that asks", every=0.1)
        told = await worker.metrics()
        assert told['skill_fleet_jobs_here{status="running"}'] == 0
        assert 0 <= told["skill_fleet_heartbeat_age_seconds"] < 8
        assert told['skill_fleet_model_tokens_total{direction="output",model="demo/offline"}'] > 0
        assert told["skill_fleet_commit_units_count"] > 0
        for name in ("skill_fleet_step_seconds_count", "skill_fleet_model_seconds_count"):
            assert any(key.startswith(name) for key in told), name
        assert not any(key.startswith("skill_fleet_stream") for key in told)


async def test_numbers_are_for_those_with_a_token_and_nothing_else_is_there(tmp_path: Path, url: str) -> None:
    async with watched(tmp_path, url) as worker:
        made = await worker.services.tokens.add(CreateToken(name="prometheus", role=Role.VIEWER))
        for token, status in ((None, 401), ("a-wrong-token", 401), (made.token, 200)):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            assert (await worker.client.get("/metrics", headers=headers)).status_code == status
        assert (await worker.client.get("/healthz")).json()["status"] == "ok"
        for path in ("/docs", "/redoc", "/openapi.json", "/api/v1/jobs"):
            assert (await worker.client.get(path)).status_code == 404


async def test_it_is_not_ready_while_its_database_is_away_nor_while_it_stops(tmp_path: Path, url: str) -> None:
    async with watched(tmp_path, url) as worker:
        assert await worker.checks() == (200, {"worker": "ok", "fleet": "ok", "database": "ok", "workflows": "ok"})
        with postgresql.away(url):
            status, checks = await worker.checks()
            assert status == 503
            assert checks["database"] != "ok"
            assert (await worker.client.get("/healthz")).status_code == 200
        await eventually(lambda: _is_ready(worker), what="the database's return", every=0.1)
        worker.stop.set()
        assert await worker.checks() == (503, {"worker": "The worker is stopping."})
        refused = await worker.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (refused.status_code, refused.json()["code"]) == (503, "not_running")


async def _is_ready(worker: Watched) -> bool:
    return (await worker.checks())[0] == 200


async def test_the_process_says_where_it_tells_and_ends_as_fast_as_ever(tmp_path: Path, url: str) -> None:
    settings = {"SKILL_FLEET_DATABASE_URL": url, "SKILL_FLEET_TOKEN": TOKEN}
    worker = WorkerProcess(tmp_path / "worker", "--metrics-port", "0", environment=settings)
    try:
        await worker.start()
        [address] = re.findall(r"metrics on (http://127\.0\.0\.1:\d+)/metrics$", worker.said)
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/readyz")).status_code == 200
        other = WorkerProcess(tmp_path / "other", f"--metrics-port={address.rpartition(':')[2]}", environment=settings)
        other.launch()
        assert await other.wait(within=40) == 4
        assert "--metrics-port" in other.log
        assert await worker.stop() == 0
        assert "Traceback" not in worker.log
    finally:
        worker.clean_up()
