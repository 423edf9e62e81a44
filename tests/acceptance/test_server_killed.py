"""A server is killed while its jobs run and wait, and started again: every job goes on where it was."""

from pathlib import Path
from typing import Any

from skills_ref import validate

from tests.support.follower import Follower, following
from tests.support.invariants import assert_lawful
from tests.support.person import Person, proposed
from tests.support.server import ServerProcess, running_server

KINDS = ("clarify", "structure_fix", "confirm", "preview", "validate")


def draft_of(server: ServerProcess, job: dict[str, Any]) -> Path:
    return server.data_dir / job["draft_path"]


async def test_jobs_that_wait_with_every_kind_of_prompt_wait_on_and_are_answered_after_a_kill(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server, server.client() as client:
        person = Person(client)
        always = Follower(server.url, server.headers)
        restless = Follower(server.url, server.headers, cut_after=7)
        async with following(always), following(restless):
            waiting = {
                kind: await person.create(f"a skill for {kind} demo:structure", checkpoints=[kind]) for kind in KINDS
            }
            before = {kind: await person.asked(job_id, kind) for kind, job_id in waiting.items()}

            server.kill()
            await server.restart()

            assert (await client.get("hitl")).json()["prompts"] == sorted(
                before.values(), key=lambda prompt: prompt["created_at"]
            )
            for kind, job_id in waiting.items():
                assert await person.asked(job_id, kind) == before[kind]
                await person.answer(before[kind])
            for kind, job_id in waiting.items():
                job = await person.until_over(job_id)
                assert job["status"] == "completed", (kind, job["error"])
                assert validate(draft_of(server, job)) == []
                [restarted] = [
                    event
                    for event in await person.events(job_id, "job_resumed")
                    if event["data"]["reason"] == "restarted"
                ]
                assert restarted["seq"] > 1
            await assert_lawful(person, always, restless)

    assert always.events == restless.events
    assert restless.connections > always.connections >= 2


async def test_a_job_that_is_killed_in_each_phase_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    environment = {"SKILL_FLEET_DEMO_DELAY": "0.002"}
    async with running_server(tmp_path / "data", environment=environment) as server, server.client() as client:
        person = Person(client)
        always = Follower(server.url, server.headers)
        restless = Follower(server.url, server.headers, cut_after=5)
        async with following(always), following(restless):
            task = "a skill for being killed in each phase demo:structure"
            job_id = await person.create(task, sources=[{"name": "rules.md", "text": "- Always say why it ended.\n"}])
            asked: list[str] = []
            for phase in ("understanding", "generation", "validation"):

                def writes(seen: Follower, phase: str = phase) -> bool:
                    return any(token.json["phase"] == phase for token in seen.of("token", job=job_id))

                while not writes(always):
                    job = await person.until(
                        job_id,
                        lambda job: writes(always) or (job["prompt"] and job["prompt"]["prompt_id"] not in asked),
                        f"text of {phase}, or a prompt",
                    )
                    if job["prompt"]:
                        asked.append(job["prompt"]["prompt_id"])
                        await person.answer(job["prompt"], **proposed(job["prompt"]))
                server.kill()
                await server.restart()

            job = await person.agree_to_all(job_id)
            assert job["status"] == "completed", job["error"]
            assert validate(draft_of(server, job)) == []
            resumed = await person.events(job_id, "job_resumed")
            assert [event["data"]["reason"] for event in resumed].count("restarted") == 3
            again = await person.events(job_id, "module_retry")
            assert {event["data"]["code"] for event in again} == {"restarted"}
            assert {event["phase"] for event in again} == {"understanding", "generation", "validation"}
            prompts = await person.events(job_id, "hitl_pause")
            assert {event["data"]["prompt"]["kind"] for event in prompts} == set(KINDS)
            await assert_lawful(person, always, restless)

    assert always.events == restless.events
