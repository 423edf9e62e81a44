"""Answers over HTTP: the protocol's table of results, case by case, and two people who answer at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.api import running_api
from tests.support.person import Person, proposed, refused


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    """Somebody at one server for the module; each test has jobs of its own."""
    async with running_api(tmp_path_factory.mktemp("data")) as api:
        yield Person(api.client)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_answer_that_fits_is_taken_and_the_job_goes_on(person: Person) -> None:
    prompt = await person.waiting()
    taken = await person.answer(prompt, key="fits")
    assert (taken["status"], taken["replayed"]) == ("accepted", False)
    job = await person.until_over(prompt["job_id"])
    assert job["status"] == "completed"
    [resolved] = [e for e in await person.events(job["job_id"], "hitl_resolved") if e["data"]["outcome"] == "answered"]
    assert resolved["pos"] == taken["position"]
    assert resolved["data"]["prompt_id"] == prompt["prompt_id"]
    assert resolved["data"]["by"]


async def test_the_same_answer_under_the_same_key_is_told_again_for_ever(person: Person) -> None:
    prompt = await person.waiting()
    first = await person.answer(prompt, key="again")
    assert await person.answer(prompt, key="again") == {**first, "replayed": True}
    await person.until_over(prompt["job_id"])
    assert await person.answer(prompt, key="again") == {**first, "replayed": True}


async def test_another_answer_under_the_same_key_is_refused(person: Person) -> None:
    prompt = await person.waiting()
    await person.answer(prompt, key="one-key")
    other = await person.respond(prompt, key="one-key", action="cancel")
    refused(other, 422, "idempotency_key_reuse")
    assert (await person.until_over(prompt["job_id"]))["status"] == "completed"


async def test_the_key_of_an_answer_to_another_prompt_is_refused(person: Person) -> None:
    first, second = await person.waiting(), await person.waiting()
    await person.answer(first, key="taken")
    refused(await person.respond(second, key="taken"), 422, "idempotency_key_reuse")
    await person.answer(second, key="free")


@pytest.mark.parametrize("key", [None, "a-second-key"])
async def test_who_comes_second_is_told_what_won_who_gave_it_and_when(person: Person, key: str | None) -> None:
    prompt = await person.waiting()
    won = {"action": "revise", "feedback": "Say more about errors."}
    await person.answer(prompt, key=f"the-first-of-{key}", **won)
    problem = refused(await person.respond(prompt, key=key), 409, "already_answered")
    assert problem["answer"]["action"] == "revise"
    assert problem["answer"]["feedback"] == won["feedback"]
    assert problem["by"]
    assert problem["at"].startswith("20")


async def test_a_stale_version_is_told_the_current_prompt(person: Person) -> None:
    prompt = await person.waiting()
    stale = {**prompt, "version": prompt["version"] - 1}
    problem = refused(await person.respond(stale), 409, "version_conflict")
    assert problem["prompt"] == prompt
    await person.answer(problem["prompt"])


async def test_a_withdrawn_prompt_is_gone(person: Person) -> None:
    prompt = await person.waiting()
    await person.client.post(f"jobs/{prompt['job_id']}/cancel")
    refused(await person.respond(prompt), 410, "prompt_gone")
    assert (await person.until_over(prompt["job_id"]))["status"] == "cancelled"
    refused(await person.respond(prompt), 410, "prompt_gone")
    gone = await person.client.get(f"hitl/{prompt['job_id']}/prompt")
    refused(gone, 404, "not_found")


@pytest.mark.parametrize("prompt_id", ["{job}.confirm.2", "nobody.confirm.1", "", "confirm"])
async def test_a_prompt_that_never_was_is_unknown(person: Person, prompt_id: str) -> None:
    prompt = await person.waiting()
    never = {**prompt, "prompt_id": prompt_id.format(job=prompt["job_id"])}
    refused(await person.respond(never), 404, "not_found")


async def test_a_prompt_of_another_job_is_unknown_to_this_one(person: Person) -> None:
    one, other = await person.waiting(), await person.waiting()
    refused(await person.respond({**one, "job_id": other["job_id"]}), 404, "not_found")
    refused(await person.respond({**one, "job_id": "nobody"}), 404, "not_found")
    assert await person.asked(one["job_id"]) == one
    assert await person.asked(other["job_id"]) == other


REVISE = {"action": "revise", "feedback": "x"}
QUESTIONS = {"answers.q1", "answers.q2", "answers.q3"}
UNFIT: list[tuple[str, dict[str, Any], set[str]]] = [
    ("clarify", {"action": "proceed"}, QUESTIONS),
    ("clarify", {"action": "proceed", "answers": {"q1": "o9", "q2": [], "q3": 7}}, QUESTIONS),
    (
        "clarify",
        {"action": "proceed", "answers": {"q1": {"other": " "}, "q2": [{"other": "x"}], "q3": "", "q4": 1}},
        {"answers.q1", "answers.q2", "answers.q3", "answers.q4"},
    ),
    ("clarify", REVISE, {"action"}),
    ("clarify", {}, {"action"}),
    ("structure_fix", {"action": "proceed", "edits": {"colour": "red", "name": " "}}, {"edits.colour", "edits.name"}),
    ("structure_fix", REVISE, {"action"}),
    ("confirm", {"action": "revise"}, {"feedback"}),
    ("confirm", {"action": "revise", "feedback": "x" * 20_001}, {"feedback"}),
    ("confirm", {"action": "proceed", "edits": {"SKILL.md": "x"}}, {"edits.SKILL.md"}),
    ("preview", {"action": "proceed", "edits": {"../../etc/passwd": "x"}}, {"edits.../../etc/passwd"}),
    ("preview", {"action": "proceed", "edits": {"SKILL.md": "x" * 200_001}}, {"edits.SKILL.md"}),
    ("preview", {**REVISE, "edits": {"SKILL.md": "x"}}, {"edits"}),
    ("validate", {"action": "proceed", "answers": {"q1": True}}, {"answers.q1"}),
    ("validate", {"action": "revise", "feedback": " \n"}, {"feedback"}),
    ("validate", {"action": "explode"}, {"action"}),
    ("validate", {"text": "   "}, {"action"}),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["clarify", "structure_fix", "confirm", "preview", "validate"])
async def test_an_answer_that_does_not_fit_is_told_each_field_and_the_prompt_stays_open(
    person: Person, kind: str
) -> None:
    task = "a skill for answers demo:structure" if kind == "structure_fix" else "a skill for answers"
    prompt = await person.waiting(kind, task)
    for number, (_, answer, fields) in enumerate(case for case in UNFIT if case[0] == kind):
        response = await person.respond(prompt, key=f"{kind}-{number}", **(answer or {"action": None}))
        problem = refused(response, 422, "invalid")
        assert {error["field"] for error in problem["errors"]} == fields, answer
        assert all(error["message"] for error in problem["errors"])
        assert await person.asked(prompt["job_id"]) == prompt
    await person.answer(prompt, key=f"{kind}-0")
    assert (await person.until_over(prompt["job_id"]))["status"] == "completed"


@pytest.mark.parametrize("body", [[], "yes", {"prompt_id": 3}, {"version": "x"}])
async def test_a_body_of_another_shape_is_told_its_fields(person: Person, body: Any) -> None:
    prompt = await person.waiting()
    response = await person.client.post(f"hitl/{prompt['job_id']}/response", json=body)
    assert refused(response, 422, "invalid")["errors"][0]["field"]
    assert await person.asked(prompt["job_id"]) == prompt


async def test_free_text_is_read_as_an_action(person: Person) -> None:
    prompt = await person.waiting()
    job_id = prompt["job_id"]
    await person.answer(prompt, text="Ok, but name the tools it needs.", answers=proposed(prompt)["answers"])
    second = await person.asked(job_id, "confirm", 2)
    await person.answer(second, text="Looks good, thanks!", answers=proposed(second)["answers"])
    assert (await person.until_over(job_id))["status"] == "completed"
    told = [e["data"] for e in await person.events(job_id, "hitl_resolved") if e["data"]["outcome"] == "answered"]
    assert [(answer["action"], answer["feedback"]) for answer in told] == [
        ("revise", "Ok, but name the tools it needs."),
        ("proceed", ""),
    ]


async def test_of_two_who_answer_at_once_exactly_one_wins_and_the_job_does_what_that_one_said(person: Person) -> None:
    first_to_win: set[int] = set()
    for round_ in range(6):
        prompt = await person.waiting("preview")
        said = ["Mention the red door.", "Mention the blue door."]
        order = [0, 1] if round_ % 2 else [1, 0]
        responses = dict(
            zip(
                order,
                await asyncio.gather(
                    *(
                        person.respond(prompt, key=f"race-{round_}-{i}", action="revise", feedback=said[i])
                        for i in order
                    )
                ),
                strict=True,
            )
        )
        assert sorted(response.status_code for response in responses.values()) == [200, 409]
        winner = next(i for i, response in responses.items() if response.status_code == 200)
        first_to_win.add(winner)
        lost = refused(responses[1 - winner], 409, "already_answered")
        assert lost["answer"]["feedback"] == said[winner]
        second = await person.asked(prompt["job_id"], "preview", 2)
        [body] = [file["text"] for file in second["files"] if file["path"] == "SKILL.md"]
        assert said[winner].rstrip(".") in body
        assert said[1 - winner].rstrip(".") not in body
        await person.answer(second)
        assert (await person.until_over(prompt["job_id"]))["status"] == "completed"
        resolved = await person.events(prompt["job_id"], "hitl_resolved")
        assert [e["data"]["prompt_id"] for e in resolved].count(prompt["prompt_id"]) == 1
    assert first_to_win == {0, 1}


async def test_to_cancel_is_an_answer_too(person: Person) -> None:
    prompt = await person.waiting()
    await person.answer(prompt, key="no", action="cancel")
    job = await person.until_over(prompt["job_id"])
    assert job["status"] == "cancelled"
    kinds = [event["type"] for event in await person.events(job["job_id"])]
    assert kinds[-3:] == ["hitl_resolved", "job_cancelling", "cancelled"]
    refused(await person.respond(prompt, key="yes"), 409, "already_answered")
    assert (await person.answer(prompt, key="no", action="cancel"))["replayed"]
