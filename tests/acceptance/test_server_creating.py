"""Jobs are accepted once and for good: a kill right after the answer, and requests that are sent again."""

import asyncio
from pathlib import Path

from tests.support.follower import Follower, following
from tests.support.invariants import assert_lawful
from tests.support.person import Person, refused
from tests.support.server import running_server


async def test_what_was_accepted_is_done_though_the_server_dies_at_once(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server, server.client() as client:
        person = Person(client)
        request = {"task_description": "a skill that nobody may lose", "auto_approve": True}
        failing = await person.until_over(await person.create("a skill demo:fail", auto_approve=True))
        assert failing["status"] == "failed"
        async with following(Follower(server.url, server.headers, cut_after=3)) as follower:
            accepted = await asyncio.gather(
                *(client.post("jobs", json=request, headers={"Idempotency-Key": f"key-{n}"}) for n in range(10)),
                client.post(f"jobs/{failing['job_id']}/retry", headers={"Idempotency-Key": "again"}),
            )
            server.kill()
            assert {response.status_code for response in accepted} == {201}
            await server.restart()

            again = await client.post("jobs", json=request, headers={"Idempotency-Key": "key-0"})
            assert again.status_code == 200
            assert again.json()["job"]["job_id"] == accepted[0].json()["job"]["job_id"]
            other = {**request, "auto_approve": False}
            refused(
                await client.post("jobs", json=other, headers={"Idempotency-Key": "key-0"}),
                422,
                "idempotency_key_reuse",
            )
            retry = await client.post(f"jobs/{failing['job_id']}/retry", headers={"Idempotency-Key": "again"})
            assert retry.status_code == 200

            ids = {response.json()["job"]["job_id"] for response in accepted}
            assert len(ids) == 11
            assert {job["job_id"] for job in await person.all_jobs()} == {*ids, failing["job_id"]}
            for job_id in ids:
                assert (await person.until_over(job_id))["status"] == "completed"
            await assert_lawful(person, follower)
