"""A team's installation: servers and workers that share a PostgreSQL, and what becomes of jobs when they die."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support import postgresql
from tests.support.fleet import Fleet, running_fleet
from tests.support.follower import Follower, following
from tests.support.invariants import assert_lawful
from tests.support.person import Person
from tests.support.server import eventually

TAKE_OVER_SECONDS = 15.0
"""What the design promises."""


@pytest.fixture
def url() -> Generator[str]:
    with postgresql.database() as url:
        yield url


@asynccontextmanager
async def one_of_each(
    directory: Path, url: str, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[tuple[Fleet, Person]]:
    """A server, a worker, and somebody who uses them."""
    running = running_fleet(directory, url, servers=1, workers=1, environment=environment)
    async with running as fleet, fleet.servers[0].client() as client:
        yield fleet, Person(client)


async def test_any_server_takes_any_job_any_answer_and_streams_every_event(tmp_path: Path, url: str) -> None:
    async with running_fleet(tmp_path, url) as fleet:
        one, other = fleet.servers
        async with one.client() as here, other.client() as there:
            followers = [Follower(server.url, server.headers) for server in fleet.servers]
            async with following(followers[0]), following(followers[1]):
                jobs = [await Person(client).create(f"a skill number {n}") for n, client in enumerate((here, there))]
                # Each job is answered through the server that it was not given to.
                ended = await asyncio.gather(Person(there).agree_to_all(jobs[0]), Person(here).agree_to_all(jobs[1]))
                assert [job["status"] for job in ended] == ["completed", "completed"]
                await assert_lawful(Person(here), *followers)
                assert followers[0].events == followers[1].events
                for job in ended:
                    assert (tmp_path / "shared" / job["draft_path"] / "SKILL.md").is_file()


async def test_jobs_of_a_killed_worker_go_on_elsewhere_and_nobody_is_asked_twice(tmp_path: Path, url: str) -> None:
    async with one_of_each(tmp_path, url) as (fleet, person):
        jobs = [await person.create(f"a skill number {n}", checkpoints=["confirm"]) for n in range(3)]
        prompts = [await person.asked(job, "confirm") for job in jobs]
        await fleet.add_worker()
        fleet.workers[0].kill()
        died = time.monotonic()
        for prompt in prompts:
            await person.answer(prompt)
        for job in jobs:
            await person.until(job, lambda view: view["run"] == 2, "the job's second run")
        assert time.monotonic() - died < TAKE_OVER_SECONDS
        for job in jobs:
            ended = await person.until_over(job)
            assert ended["status"] == "completed"
            kinds = [event["type"] for event in await person.events(job)]
            assert kinds.count("hitl_pause") == 1
        await assert_lawful(person)


async def test_a_paused_worker_that_wakes_up_says_nothing_of_jobs_that_others_have(tmp_path: Path, url: str) -> None:
    environment = {"SKILL_FLEET_DEMO_DELAY": "0.004"}
    async with one_of_each(tmp_path, url, environment=environment) as (fleet, person):
        job = await person.create("a skill for waking up", auto_approve=True)
        await person.until(job, lambda view: view["modules"], "the first module")
        fleet.workers[0].pause()
        late = await fleet.add_worker()
        await person.until(job, lambda view: view["run"] == 2, "the job's second run")
        fleet.workers[0].go_on()
        ended = await person.until_over(job)
        assert ended["status"] == "completed"
        await eventually(lambda: "declared_dead" in fleet.workers[0].log, what="the paused worker's waking")
        assert "Traceback" not in late.log
        await assert_lawful(person)


async def test_a_worker_that_is_stopped_leaves_its_jobs_to_others_at_once(tmp_path: Path, url: str) -> None:
    async with one_of_each(tmp_path, url) as (fleet, person):
        prompt = await person.waiting("confirm")
        await fleet.add_worker()
        assert await fleet.workers[0].stop() == 0
        await person.answer(prompt)
        ended = await person.until_over(prompt["job_id"])
        assert (ended["status"], ended["run"]) == ("completed", 2)
        await assert_lawful(person)
