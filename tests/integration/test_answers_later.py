"""Answers that come late: after a restart of the server, and after the time that there was for them."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.api import running_api
from tests.support.invariants import assert_lawful
from tests.support.person import Person, refused
from tests.support.server import eventually

THREE_SECONDS = 3 / 3600
"""In hours: longer than a busy machine takes to show a prompt that is there."""


async def test_what_was_answered_is_known_after_a_restart(tmp_path: Path) -> None:
    directory = tmp_path
    async with running_api(directory) as api:
        person = Person(api.client)
        prompt = await person.waiting()
        first = await person.answer(prompt, key="kept", action="revise", feedback="Say more.")
    async with running_api(directory) as api:
        person = Person(api.client)
        again = await person.answer(prompt, key="kept", action="revise", feedback="Say more.")
        assert again == {**first, "replayed": True}
        refused(await person.respond(prompt, key="kept", action="cancel"), 422, "idempotency_key_reuse")
        assert refused(await person.respond(prompt, key="new"), 409, "already_answered")["answer"]["feedback"]
        assert (await person.agree_to_all(prompt["job_id"]))["status"] == "completed"
        await assert_lawful(person)


async def test_a_prompt_that_nobody_answers_in_time_is_gone_and_the_job_says_so(
    tmp_path: Path,
) -> None:
    async with running_api(tmp_path, prompt_expiry_hours=THREE_SECONDS) as api:
        person = Person(api.client)
        prompt = await person.waiting()
        assert prompt["expires_at"] > prompt["created_at"]
        job = await person.until_over(prompt["job_id"])
        assert (job["status"], job["error"]["code"]) == ("failed", "prompt_expired")
        assert job["error"]["hint"]
        refused(await person.respond(prompt), 410, "prompt_gone")
        [resolved] = [
            e for e in await person.events(job["job_id"], "hitl_resolved") if e["data"]["outcome"] == "expired"
        ]
        assert resolved["data"]["prompt_id"] == prompt["prompt_id"]

        again = await person.client.post(f"jobs/{job['job_id']}/retry")
        second = await person.asked(again.json()["job"]["job_id"], "confirm")
        await person.answer(second)
        assert (await person.until_over(second["job_id"]))["status"] == "completed"
        await assert_lawful(person)


async def test_a_prompt_expires_while_no_server_runs(tmp_path: Path) -> None:
    directory = tmp_path
    async with running_api(directory, prompt_expiry_hours=THREE_SECONDS) as api:
        prompt = await Person(api.client).waiting()
    await eventually(lambda: _is_past(prompt["expires_at"]), what="the prompt's expiry")
    async with running_api(directory, prompt_expiry_hours=THREE_SECONDS) as api:
        person = Person(api.client)
        refused(await person.respond(prompt), 410, "prompt_gone")
        assert (await person.until_over(prompt["job_id"]))["error"]["code"] == "prompt_expired"


async def test_a_database_that_refuses_for_a_while_costs_no_job(tmp_path: Path) -> None:
    async with running_api(tmp_path, prompt_expiry_hours=THREE_SECONDS) as api:
        person = Person(api.client)
        prompt = await person.waiting()
        with sqlite3.connect(tmp_path / "fleet.sqlite") as aside:
            aside.execute("ALTER TABLE prompt RENAME TO gone")
            aside.commit()
            # The prompt's time is over, and that cannot be written.
            await eventually(lambda: _is_past(prompt["expires_at"], by=0.5), what="the prompt's expiry")
            refused(await person.respond(prompt), 503, "storage_unavailable")
            assert (await person.job(prompt["job_id"]))["status"] == "pending_hitl"
            aside.execute("ALTER TABLE gone RENAME TO prompt")
        assert (await person.until_over(prompt["job_id"]))["error"]["code"] == "prompt_expired"
        await assert_lawful(person)


def _is_past(moment: str, by: float = 0.0) -> bool:
    return datetime.fromisoformat(moment) + timedelta(seconds=by) < datetime.now(UTC)
