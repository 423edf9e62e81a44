"""A job is forked from one of its steps: what came before is shared, what comes after is asked or told otherwise."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.api import running_api
from tests.support.invariants import assert_lawful
from tests.support.person import Person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    """Somebody at one server for the module; each test has jobs of its own."""
    async with running_api(tmp_path_factory.mktemp("data"), models={"backoff_s": 0}) as api:
        yield Person(api.client)
        await assert_lawful(Person(api.client))


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def forked(person: Person, job_id: str, **wish: Any) -> dict[str, Any]:
    response = await person.client.post(f"jobs/{job_id}/fork", json=wish)
    assert response.status_code == 201, response.text
    return response.json()["job"]


async def finished(person: Person) -> dict[str, Any]:
    return await person.agree_to_all(await person.create("a skill for forking", checkpoints=["clarify", "confirm"]))


async def test_a_fork_from_a_question_takes_the_other_answer_and_pays_nothing_twice(person: Person) -> None:
    first = await finished(person)
    answer = {"action": "revise", "feedback": "Only two sections, please."}
    second = await forked(person, first["job_id"], from_step="ask/confirm.1", answer=answer)
    assert (second["forked_from"], second["fork_step"]) == (first["job_id"], "ask/confirm.1")

    prompt = await person.asked(second["job_id"], "confirm", 2)

    resolved = (await person.events(second["job_id"], "hitl_resolved"))[-1]["data"]
    assert (resolved["action"], resolved["feedback"]) == ("revise", "Only two sections, please.")
    ends = [event["data"] for event in await person.events(second["job_id"], "module_end")]
    shared = [end for end in ends if end["replayed"]]
    assert {"gather_requirements", "synthesize_plan"} <= {end["step"] for end in shared}
    assert all(end["usage"]["calls"] == 0 for end in shared)
    await person.answer(prompt)
    assert (await person.until_over(second["job_id"]))["status"] == "completed"
    assert (await person.job(first["job_id"]))["seq"] == first["seq"], "the first job stays as it was"


async def test_a_fork_without_an_answer_asks_again(person: Person) -> None:
    first = await finished(person)
    second = await forked(person, first["job_id"], from_step="ask/confirm.1")
    prompt = await person.asked(second["job_id"], "confirm", 1)
    assert prompt["job_id"] == second["job_id"]
    await person.answer(prompt)
    await person.until_over(second["job_id"])


async def test_a_fork_with_another_description_begins_from_the_beginning(person: Person) -> None:
    first = await finished(person)
    second = await forked(person, first["job_id"], task_description="a skill for pouring concrete demo:clear")
    ended = await person.agree_to_all(second["job_id"])
    assert ended["task_description"] == "a skill for pouring concrete demo:clear"
    assert "concrete" in ended["name"]
    ends = [event["data"] for event in await person.events(second["job_id"], "module_end")]
    assert not any(end["replayed"] for end in ends)


async def test_a_job_that_still_runs_can_be_forked(person: Person) -> None:
    prompt = await person.waiting("confirm", "a skill in the middle demo:clear")
    second = await forked(person, prompt["job_id"], from_step="synthesize_plan")
    await person.answer(await person.asked(second["job_id"], "confirm"))
    assert (await person.until_over(second["job_id"]))["status"] == "completed"
    await person.answer(prompt)
    assert (await person.until_over(prompt["job_id"]))["status"] == "completed"


async def test_a_fork_of_a_fork_says_where_each_comes_from(person: Person) -> None:
    first = await finished(person)
    second = await forked(person, first["job_id"], from_step="write_skill")
    await person.agree_to_all(second["job_id"])
    third = await forked(person, second["job_id"], from_step="write_skill")
    ended = await person.agree_to_all(third["job_id"])
    assert (ended["status"], ended["forked_from"]) == ("completed", second["job_id"])


async def test_the_same_request_under_one_key_is_one_fork(person: Person) -> None:
    first = await finished(person)
    key = {"Idempotency-Key": f"fork-{first['job_id']}"}
    wish = {"from_step": "write_skill"}
    one, same = [await person.client.post(f"jobs/{first['job_id']}/fork", json=wish, headers=key) for _ in range(2)]
    assert (one.status_code, same.status_code) == (201, 200)
    assert one.json()["job"]["job_id"] == same.json()["job"]["job_id"]
    await person.agree_to_all(one.json()["job"]["job_id"])


@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ({"from_step": "no_such_step"}, 409, "It can be forked from: "),
        ({"from_step": "write_skill", "answer": {"action": "proceed"}}, 409, "never asked"),
        ({"from_step": "ask/confirm.1", "answer": {"action": "revise"}}, 422, "does not fit"),
        ({"task_description": "  "}, 422, "Describe the skill"),
    ],
)
async def test_what_cannot_be_forked_is_refused_with_what_can(
    person: Person, wish: dict[str, Any], status: int, said: str
) -> None:
    first = await finished(person)
    response = await person.client.post(f"jobs/{first['job_id']}/fork", json=wish)
    assert response.status_code == status
    assert said in response.text


async def test_a_job_that_is_not_there_cannot_be_forked(person: Person) -> None:
    assert (await person.client.post("jobs/0123456789ab/fork", json={})).status_code == 404
