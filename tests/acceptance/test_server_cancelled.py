"""A job is cancelled in each state it can be in: it ends within a second, and stays ended."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.support.follower import Follower, following
from tests.support.invariants import assert_lawful
from tests.support.person import Person, refused
from tests.support.server import ServerProcess, eventually, running_server

A_SECOND = 1.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[ServerProcess]:
    """One server whose demo model takes its time, for the module."""
    directory = tmp_path_factory.mktemp("cancelled") / "data"
    async with running_server(directory, environment={"SKILL_FLEET_DEMO_DELAY": "0.004"}) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(server: ServerProcess) -> AsyncGenerator[Person]:
    async with server.client() as client:
        yield Person(client)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def follower(server: ServerProcess) -> AsyncGenerator[Follower]:
    async with following(Follower(server.url, server.headers)) as follower:
        yield follower


pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.alone]


async def cancelled(person: Person, job_id: str) -> None:
    """Ask for the end of a job, and see it end in time."""
    response = await person.client.post(f"jobs/{job_id}/cancel")
    assert (response.status_code, response.json()) == (202, {"status": "cancelling"})
    await until_cancelled(person, job_id)


async def until_cancelled(person: Person, job_id: str) -> None:
    async def over() -> bool:
        return (await person.job(job_id))["status"] == "cancelled"

    await eventually(over, within=A_SECOND, what="the job's end")
    events = await person.events(job_id)
    assert [event["type"] for event in events][-1] == "cancelled"
    assert events[-1]["data"]["by"]


async def test_before_it_has_begun(person: Person) -> None:
    # The first request is answered before the workflow has had its turn, so this job is pending, or has only begun.
    job_id = await person.create("a skill nobody will have")
    await cancelled(person, job_id)


async def test_while_a_model_writes(person: Person, follower: Follower) -> None:
    job_id = await person.create("a skill to be cancelled in the middle of a word", auto_approve=True)
    await follower.until(lambda seen: seen.of("token", job=job_id), "text in flight")
    await cancelled(person, job_id)
    job = await person.job(job_id)
    assert job["live"] == []
    last = max(index for index, frame in enumerate(follower.frames) if frame.json.get("job_id") == job_id)
    await follower.until(lambda seen: seen.of("cancelled", job=job_id), "the end, told")
    assert not [frame for frame in follower.frames[last + 1 :] if frame.event == "token"]


async def test_while_it_waits_for_an_answer(person: Person) -> None:
    prompt = await person.waiting("clarify")
    await cancelled(person, prompt["job_id"])
    assert (await person.job(prompt["job_id"]))["prompt"] is None
    assert prompt["prompt_id"] not in [p["prompt_id"] for p in (await person.client.get("hitl")).json()["prompts"]]
    resolved = await person.events(prompt["job_id"], "hitl_resolved")
    assert [event["data"]["outcome"] for event in resolved][-1] == "withdrawn"
    refused(await person.respond(prompt), 410, "prompt_gone")


async def test_as_an_answer(person: Person) -> None:
    prompt = await person.waiting("clarify")
    await person.answer(prompt, text="cancel")
    await until_cancelled(person, prompt["job_id"])


async def test_by_many_at_once_it_is_cancelled_once(person: Person) -> None:
    prompt = await person.waiting("clarify")
    path = f"jobs/{prompt['job_id']}/cancel"
    asked = await asyncio.gather(*(person.client.post(path) for _ in range(8)))
    assert {response.status_code for response in asked} <= {200, 202}
    await until_cancelled(person, prompt["job_id"])
    assert len(await person.events(prompt["job_id"], "job_cancelling", "cancelled")) == 2


async def test_when_it_is_over_nothing_happens(person: Person) -> None:
    prompt = await person.waiting("clarify")
    await cancelled(person, prompt["job_id"])
    before = await person.events(prompt["job_id"])
    again = await person.client.post(f"jobs/{prompt['job_id']}/cancel")
    assert (again.status_code, again.json()) == (200, {"status": "cancelled"})
    assert await person.events(prompt["job_id"]) == before


async def test_an_answer_and_a_cancel_at_once_leave_one_end(person: Person) -> None:
    for round_ in range(4):
        prompt = await person.waiting("clarify")
        cancel = person.client.post(f"jobs/{prompt['job_id']}/cancel")
        answer = person.respond(prompt)
        both = [cancel, answer] if round_ % 2 else [answer, cancel]
        responses = await asyncio.gather(*both)
        assert {response.status_code for response in responses} <= {200, 202, 410}
        await until_cancelled(person, prompt["job_id"])


async def test_a_client_that_goes_away_cancels_nothing(person: Person, server: ServerProcess) -> None:
    async with following(Follower(server.url, server.headers)):
        job_id = await person.create("a skill that goes on alone", checkpoints=["clarify"])
    await person.asked(job_id, "clarify")
    await cancelled(person, job_id)


async def test_all_stay_cancelled_after_a_kill(person: Person, server: ServerProcess, follower: Follower) -> None:
    running = await person.create("a skill to be cancelled while the server dies", auto_approve=True)
    await follower.until(lambda seen: seen.of("token", job=running), "text in flight")
    assert (await person.client.post(f"jobs/{running}/cancel")).status_code == 202
    server.kill()
    await server.restart()
    assert (await person.until_over(running))["status"] == "cancelled"
    assert {job["status"] for job in await person.all_jobs()} == {"cancelled"}
    await assert_lawful(person, follower)
