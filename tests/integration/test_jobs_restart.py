"""What a server knows of its jobs after it was stopped and started again."""

import asyncio
import sqlite3
from pathlib import Path

from tests.support.api import running_api
from tests.support.invariants import assert_lawful
from tests.support.person import Person, refused

KEY = {"Idempotency-Key": "one-job"}


async def test_the_same_request_under_the_same_key_is_the_same_job_after_a_restart(tmp_path: Path) -> None:
    request = {"task_description": "a skill to ask for twice", "checkpoints": ["confirm"]}
    async with running_api(tmp_path) as api:
        first = await api.client.post("jobs", json=request, headers=KEY)
        assert first.status_code == 201
    async with running_api(tmp_path) as api:
        person = Person(api.client)
        again = await api.client.post("jobs", json=request, headers=KEY)
        assert again.status_code == 200
        assert again.json()["job"]["job_id"] == first.json()["job"]["job_id"]
        assert again.json()["position"] == first.json()["position"]
        other = await api.client.post("jobs", json={**request, "auto_approve": True}, headers=KEY)
        refused(other, 422, "idempotency_key_reuse")
        assert len(await person.all_jobs()) == 1
        assert (await person.agree_to_all(first.json()["job"]["job_id"]))["status"] == "completed"
        await assert_lawful(person)


async def test_a_job_that_was_cancelled_stays_so(tmp_path: Path) -> None:
    async with running_api(tmp_path) as api:
        person = Person(api.client)
        prompt = await person.waiting()
        await api.client.post(f"jobs/{prompt['job_id']}/cancel")
        await person.until_over(prompt["job_id"])
        before = await person.events(prompt["job_id"])
    async with running_api(tmp_path) as api:
        person = Person(api.client)
        await person.until_over(await person.create("another skill", auto_approve=True))
        job = await person.job(prompt["job_id"])
        assert job["status"] == "cancelled"
        assert await person.events(prompt["job_id"]) == before
        assert (await api.client.post(f"jobs/{prompt['job_id']}/cancel")).status_code == 200
        await assert_lawful(person)


async def test_a_cancel_that_was_accepted_just_before_the_end_is_carried_out_by_the_next_server(tmp_path: Path) -> None:
    async with running_api(tmp_path) as api:
        prompt = await Person(api.client).waiting()
        assert (await api.client.post(f"jobs/{prompt['job_id']}/cancel")).status_code == 202
    async with running_api(tmp_path) as api:
        person = Person(api.client)
        assert (await person.until_over(prompt["job_id"]))["status"] == "cancelled"
        await assert_lawful(person)


async def test_a_retry_that_was_accepted_just_before_the_end_is_begun_by_the_next_server(tmp_path: Path) -> None:
    async with running_api(tmp_path, models={"backoff_s": 0}) as api:
        person = Person(api.client)
        job = await person.until_over(await person.create("a skill demo:fail", auto_approve=True))
        assert job["status"] == "failed"
        retry = await api.client.post(f"jobs/{job['job_id']}/retry")
        fresh = await person.create("a skill to begin", auto_approve=True)
    async with running_api(tmp_path) as api:
        person = Person(api.client)
        for job_id in (retry.json()["job"]["job_id"], fresh):
            assert (await person.until_over(job_id))["status"] == "completed"
        await assert_lawful(person)


async def test_a_job_that_another_version_began_ends_with_what_to_do_and_begins_again_when_retried(
    tmp_path: Path,
) -> None:
    async with running_api(tmp_path) as api:
        prompt = await Person(api.client).waiting("confirm", "a skill from before demo:clear")
    with sqlite3.connect(tmp_path / "checkpoints.sqlite") as checkpoints:
        checkpoints.execute("UPDATE workflow_status SET application_version = '0'")
    checkpoints.close()
    async with running_api(tmp_path) as api:
        person = Person(api.client)
        job = await person.job(prompt["job_id"])
        assert (job["status"], job["error"]["code"], job["prompt"]) == ("failed", "other_version", None)
        assert "Retry it" in job["error"]["hint"]
        assert (await api.client.get("hitl")).json() == {"prompts": []}
        refused(
            await api.client.post(f"jobs/{prompt['job_id']}/fork", json={"from_step": "write_skill"}), 409, "job_state"
        )
        again = (await api.client.post(f"jobs/{prompt['job_id']}/retry")).json()["job"]
        assert (await person.agree_to_all(again["job_id"]))["status"] == "completed"
        assert not any(event["data"]["replayed"] for event in await person.events(again["job_id"], "module_end"))
        await assert_lawful(person)


async def test_what_runs_beside_the_engine_has_threads_while_it_closes(tmp_path: Path) -> None:
    async def look() -> None:
        while True:
            await asyncio.to_thread(lambda: None)

    async with running_api(tmp_path) as api:
        looking = asyncio.create_task(look())
        await api.until_status(await api.create(checkpoints=["confirm"]), "pending_hitl")
    assert not looking.done(), looking.exception()
    looking.cancel()
