"""The whole server in this process: real services on a directory of their own, asked through ASGI."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from skill_fleet_server.api.app import create_app
from skill_fleet_server.services import Services, open_services
from skill_fleet_server.settings import ServerSettings
from tests.support.server import eventually

TOKEN = "a-token-for-tests"


@dataclass
class Api:
    """An app that runs, and a client that may use it."""

    app: FastAPI
    services: Services
    client: httpx.AsyncClient

    async def create(self, task: str = "a skill for tests", **more: Any) -> str:
        """A new job's id."""
        response = await self.client.post("jobs", json={"task_description": task, **more})
        assert response.status_code == 201, response.text
        return response.json()["job"]["job_id"]

    async def job(self, job_id: str) -> dict[str, Any]:
        return (await self.client.get(f"jobs/{job_id}")).json()

    async def until_status(self, job_id: str, *statuses: str) -> dict[str, Any]:
        async def reached() -> dict[str, Any] | None:
            job = await self.job(job_id)
            return job if job["status"] in statuses else None

        return await eventually(reached, within=60, what=f"{job_id} in {statuses}")


@asynccontextmanager
async def running_api(directory: Path, **settings: Any) -> AsyncGenerator[Api]:
    """An API for the length of a test."""
    settings = {"data_dir": directory, "demo_delay": 0, **settings}
    async with open_services(ServerSettings.load(settings)) as services:
        app = create_app(services, token=TOKEN)
        # The context of the lifespan, which httpx does not run.
        async with app.router.lifespan_context(app), httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://127.0.0.1/api/v1/",
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as client:  # fmt: skip
            yield Api(app, services, client)
