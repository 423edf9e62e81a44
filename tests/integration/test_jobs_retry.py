"""A failed job says why, and is tried again from where it failed; requests with a key are done once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.api import running_api
from tests.support.invariants import assert_lawful
from tests.support.person import Person, refused


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    """Somebody at one server for the module; each test has jobs of its own."""
    async with running_api(tmp_path_factory.mktemp("data"), models={"backoff_s": 0}) as api:
        yield Person(api.client)
        await assert_lawful(Person(api.client))


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def failed(person: Person, task: str, **more: Any) -> dict[str, Any]:
    job = await person.until_over(await person.create(task, auto_approve=True, **more))
    assert job["status"] == "failed", job["error"]
    return job


async def retried(person: Person, job_id: str) -> dict[str, Any]:
    """The job that a retry began, when it is over."""
    response = await person.client.post(f"jobs/{job_id}/retry")
    assert response.status_code == 201, response.text
    job = response.json()["job"]
    assert job["job_id"] != job_id
    assert job["forked_from"] == job_id
    assert response.headers["location"].endswith(job["job_id"])
    return await person.until_over(job["job_id"])


async def test_a_failure_is_told_and_a_retry_pays_only_for_what_comes_after_it(person: Person) -> None:
    job_id = await person.create("a skill for failing once demo:fail", checkpoints=["clarify", "confirm"])
    first = await person.agree_to_all(job_id)
    assert first["status"] == "failed"
    error = first["error"]
    assert error["step"] == "write_skill"
    assert error["message"].endswith(".")
    assert error["hint"]
    assert error["retryable"]

    second = await retried(person, job_id)

    assert second["status"] == "completed", second["error"]
    assert not await person.events(second["job_id"], "hitl_pause")
    ends = [event["data"] for event in await person.events(second["job_id"], "module_end")]
    replayed = [end for end in ends if end["replayed"]]
    steps = [end["step"] for end in ends]
    assert [end["step"] for end in replayed] == steps[: steps.index("write_skill")]
    assert {"gather_requirements", "synthesize_plan"} <= {end["step"] for end in replayed}
    assert all(end["usage"]["calls"] == 0 for end in replayed)
    assert all(end["outputs"] for end in replayed)
    assert second["usage"]["calls"] == sum(end["usage"]["calls"] for end in ends) > 0
    assert second["name"] == first["name"]
    assert (await person.job(job_id))["status"] == "failed"


async def test_modules_that_failed_side_by_side_are_all_tried_again(person: Person) -> None:
    together = ("analyze_intent", "find_taxonomy_path", "analyze_dependencies")
    task = "a skill for failing together demo:clear " + " ".join(f"demo:fail={module}" for module in together)
    first = await failed(person, task)
    assert first["error"]["step"] in together
    second = await retried(person, first["job_id"])
    assert second["status"] == "completed", second["error"]
    ends = {event["data"]["step"]: event["data"] for event in await person.events(second["job_id"], "module_end")}
    assert ends["gather_requirements"]["replayed"]
    assert not ends[first["error"]["step"]]["replayed"]


async def test_a_retry_that_was_sent_twice_under_one_key_is_one_job(person: Person) -> None:
    first = await failed(person, "a skill for failing demo:fail")
    key = {"Idempotency-Key": "retry-once"}
    began = await person.client.post(f"jobs/{first['job_id']}/retry", headers=key)
    again = await person.client.post(f"jobs/{first['job_id']}/retry", headers=key)
    assert (began.status_code, again.status_code) == (201, 200)
    assert began.json()["job"]["job_id"] == again.json()["job"]["job_id"]
    assert (await person.until_over(began.json()["job"]["job_id"]))["status"] == "completed"


async def test_only_a_failed_job_is_retried(person: Person) -> None:
    prompt = await person.waiting()
    path = f"jobs/{prompt['job_id']}/retry"
    assert "failed" in refused(await person.client.post(path), 409, "job_state")["detail"]
    await person.answer(prompt)
    assert (await person.until_over(prompt["job_id"]))["status"] == "completed"
    refused(await person.client.post(path), 409, "job_state")
    refused(await person.client.post("jobs/nobody/retry"), 404, "not_found")


async def test_a_failure_in_each_phase_is_retried_from_there(person: Person) -> None:
    for module in ("gather_requirements", "attribute_sources", "assess_quality"):
        first = await failed(person, f"a skill for failing late demo:clear demo:fail={module}")
        assert first["error"]["step"].partition("/")[0] == module
        second = await retried(person, first["job_id"])
        assert second["status"] == "completed", second["error"]
        [again] = [m for m in second["modules"] if m["step"] == first["error"]["step"]]
        assert (again["replayed"], again["status"]) == (False, "done")
        assert second["revision"] >= first["revision"]
