"""Jobs on servers of their own: with several candidates, and stopped and started again at every question."""

from pathlib import Path
from typing import Any

from tests.support.api import running_api
from tests.support.craft import TASK, grounded_job, keep_skill, text_of
from tests.support.invariants import assert_lawful
from tests.support.person import Person


async def test_the_best_of_several_candidates_is_kept_and_what_they_cost_is_said(tmp_path: Path) -> None:
    async with running_api(tmp_path, models={"candidates": 3}) as api:
        person = Person(api.client)
        prompt = await person.asked(await grounded_job(person, "preview", "validate"), "preview")
        assert "references/glossary.md" not in text_of(prompt), "only the first candidate has a dead link"
        ends = {event["data"]["step"] for event in await person.events(prompt["job_id"], "module_end")}
        assert {f"write_skill/c{number}" for number in (1, 2, 3)} <= ends
        assert "choose_candidate" in ends
        told = [event["data"]["text"] for event in await person.events(prompt["job_id"], "progress")]
        [kept] = [text for text in told if "together took" in text]
        assert kept.startswith("Candidate 2 is kept (no errors")
        assert "3 together took" in kept
        assert "tokens" in kept
        job = await person.agree_to_all(prompt["job_id"])
        assert job["status"] == "completed"
        await assert_lawful(person)


async def test_when_every_candidate_fails_the_job_does_and_can_be_tried_again(tmp_path: Path) -> None:
    async with running_api(tmp_path, models={"candidates": 2, "backoff_s": 0, "attempts": 1}) as api:
        person = Person(api.client)
        job = await person.until_over(await person.create(f"{TASK} demo:fail", auto_approve=True))
        assert job["status"] == "failed"
        assert job["error"]["step"] == "write_skill/c1"
        retry = (await api.client.post(f"jobs/{job['job_id']}/retry")).json()["job"]["job_id"]
        assert (await person.until_over(retry))["status"] == "completed"
        await assert_lawful(person)


async def test_decisions_survive_a_restart_at_every_question(tmp_path: Path) -> None:
    keep_skill(tmp_path, "development/python", "python-log-lines")
    answered: set[str] = set()
    job_id = ""
    cut = ""
    for _ in range(12):
        async with running_api(tmp_path) as api:
            person = Person(api.client)
            job_id = job_id or await grounded_job(person, "confirm", "preview", "validate")
            job = await person.until(
                job_id,
                lambda job: (
                    job["status"] == "completed" or (job["prompt"] and job["prompt"]["prompt_id"] not in answered)
                ),
            )
            if job["status"] == "completed":
                break
            prompt = job["prompt"]
            answer: dict[str, Any] = {"action": "proceed", "answers": prompt["default"]["answers"]}
            match prompt["prompt_id"].removeprefix(f"{job_id}."):
                case "confirm.1":
                    answer["answers"] = {**answer["answers"], "overlap": "extend:python-log-lines"}
                case "preview.1":
                    cut = next(each["text"] for each in prompt["provenance"] if "bound loggers" in each["text"])
                    answer["answers"] = {"cut": [each["id"] for each in prompt["provenance"] if each["text"] == cut]}
                case "validate.1":
                    answer["edits"] = {"SKILL.md": text_of(prompt) + "\nSee [this](references/gone.md).\n"}
            answered.add(prompt["prompt_id"])
            await person.answer(prompt, **answer)
    else:
        raise AssertionError(f"never completed: {sorted(answered)}")
    assert {each.removeprefix(f"{job_id}.") for each in answered} == {
        "confirm.1", "confirm.2", "preview.1", "validate.1", "validate.2",
    }  # fmt: skip
    assert job["result"]["extends"] == "python-log-lines"
    assert job["result"]["errors_accepted"] == 1
    draft = (tmp_path / job["draft_path"] / "SKILL.md").read_text()
    assert cut.partition(" (")[0] not in draft
    assert "references/gone.md" in draft
