"""A thousand jobs at once. Alone in its file because it is the longest test there is: minutes, on two cores."""

import asyncio
from pathlib import Path

import httpx

from tests.support.invariants import assert_lawful
from tests.support.person import Person
from tests.support.server import eventually, running_server

JOBS = 1_000
CLIENTS = 50
"""Requests under way at one time."""
SECONDS = 600.0


async def test_a_thousand_jobs_created_at_once_are_a_thousand_jobs_and_all_finish(tmp_path: Path) -> None:
    limits = httpx.Limits(max_connections=CLIENTS)
    timeout = httpx.Timeout(60.0)
    async with running_server(tmp_path / "data") as server, server.client(limits=limits, timeout=timeout) as client:
        person = Person(client)
        tasks = [f"a skill number {number} for doing one thing demo:clear" for number in range(JOBS)]
        ids = await asyncio.gather(*(person.create(task, auto_approve=True) for task in tasks))
        assert len(set(ids)) == JOBS

        async def none_left() -> bool:
            going = ["pending", "running", "pending_hitl", "cancelling"]
            return not (await client.get("jobs", params={"status": going, "limit": 1})).json()["jobs"]

        await eventually(none_left, within=SECONDS, what="the end of all jobs", every=1.0)
        jobs = await person.all_jobs()
        assert {job["job_id"] for job in jobs} == set(ids)
        assert {job["status"] for job in jobs} == {"completed"}, [job["error"] for job in jobs if job["error"]][:3]
        assert sorted(job["task_description"] for job in jobs) == sorted(tasks)
        assert len({job["draft_path"] for job in jobs}) == JOBS
        assert all((server.data_dir / job["draft_path"] / "SKILL.md").is_file() for job in jobs)
        await assert_lawful(person)
        assert "Traceback" not in server.log
