"""What a person can do at each checkpoint: ask for another round, edit in place, leave errors, or not be asked."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from skills_ref import validate

from skill_fleet_common.plan_text import plan_text
from skill_fleet_common.skills import SkillPlan
from tests.support.api import Api, running_api
from tests.support.invariants import assert_lawful
from tests.support.person import Person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """One server for the module; each test has jobs of its own."""
    async with running_api(tmp_path_factory.mktemp("data")) as api:
        yield api
        await assert_lawful(Person(api.client))


@pytest_asyncio.fixture(loop_scope="module")
async def person(api: Api) -> Person:
    return Person(api.client)


pytestmark = pytest.mark.asyncio(loop_scope="module")


def skill_md(prompt: dict[str, Any]) -> dict[str, Any]:
    return next(file for file in prompt["files"] if file["path"] == "SKILL.md")


def draft(api: Api, job: dict[str, Any]) -> str:
    return (api.services.settings.data_dir / job["draft_path"] / "SKILL.md").read_text()


async def test_a_plan_is_made_again_with_what_was_said_about_it(person: Person) -> None:
    first = await person.waiting("confirm")
    assert first["plan"]["outline"]
    await person.answer(first, action="revise", feedback="Add a section about red doors.")
    second = await person.asked(first["job_id"], "confirm", 2)
    assert "red doors" in str(second["plan"])
    await person.answer(second)
    job = await person.until_over(first["job_id"])
    assert job["status"] == "completed"
    ends = [event["data"]["step"] for event in await person.events(job["job_id"], "module_end")]
    assert ends.count("synthesize_plan") == ends.count("synthesize_plan/2") == 1
    assert ends.count("gather_requirements") == 1


async def test_a_plan_that_is_edited_is_what_is_written(person: Person, api: Api) -> None:
    prompt = await person.waiting("confirm")
    text = plan_text(SkillPlan.model_validate(prompt["plan"])).replace(prompt["plan"]["name"], "green-doors", 1)
    text = text.replace("# Files", "## Green doors\n- close them\n\n# Files")
    answers = prompt["default"]["answers"]
    refused = await person.respond(prompt, action="proceed", answers=answers, edits={"plan": "name: Green Doors"})
    assert refused.status_code == 422
    assert "Line 1" in refused.text
    await person.answer(prompt, action="proceed", answers=answers, edits={"plan": text})
    job = await person.until_over(prompt["job_id"])
    assert (job["status"], job["name"]) == ("completed", "green-doors")
    assert "Green doors" in draft(api, job)
    assert ["plan"] in [event["data"]["edited"] for event in await person.events(job["job_id"], "hitl_resolved")]


async def test_a_draft_is_written_again_as_a_new_revision_with_its_difference(person: Person, api: Api) -> None:
    first = await person.waiting("preview")
    assert first["diff"] == ""
    assert skill_md(first)["revision"] == 1
    await person.answer(first, action="revise", feedback="Mention the blue door.")
    second = await person.asked(first["job_id"], "preview", 2)
    assert skill_md(second)["revision"] == 2
    assert any(line.startswith("+") and "blue door" in line for line in second["diff"].splitlines())
    path = f"jobs/{first['job_id']}/files/SKILL.md"
    old, new = [(await person.client.get(path, params={"revision": number})).text for number in (1, 2)]
    assert old == skill_md(first)["text"]
    assert new == skill_md(second)["text"]
    await person.answer(second)
    assert "blue door" in draft(api, await person.until_over(first["job_id"]))


async def test_what_is_edited_at_the_preview_is_in_the_draft(person: Person, api: Api) -> None:
    prompt = await person.waiting("preview")
    edited = skill_md(prompt)["text"] + "\n## By hand\n\nNever open the green door.\n"
    await person.answer(prompt, action="proceed", edits={"SKILL.md": edited})
    job = await person.until_over(prompt["job_id"])
    assert job["status"] == "completed"
    assert "Never open the green door." in draft(api, job)
    assert job["revision"] >= 2
    resolved = await person.events(job["job_id"], "hitl_resolved")
    assert [event["data"]["edited"] for event in resolved if event["data"]["outcome"] == "answered"] == [["SKILL.md"]]


async def test_a_report_is_answered_by_another_refinement(person: Person, api: Api) -> None:
    first = await person.waiting("validate")
    assert first["measures"]
    before = {event["data"]["step"] for event in await person.events(first["job_id"], "module_end")}
    await person.answer(first, action="revise", feedback="Warn about the yellow door.")
    second = await person.asked(first["job_id"], "validate", 2)
    assert "yellow door" in second["diff"]
    after = {event["data"]["step"] for event in await person.events(first["job_id"], "module_end")}
    assert any(step.startswith("refine_skill/") for step in after - before)
    await person.answer(second)
    job = await person.until_over(first["job_id"])
    assert job["status"] == "completed"
    assert "yellow door" in draft(api, job)


async def test_errors_that_an_edit_brings_are_shown_before_they_can_be_accepted(person: Person) -> None:
    first = await person.waiting("validate")
    broken = skill_md(first)["text"] + "\nSee [the map](references/no-such-map.md).\n"
    await person.answer(first, action="proceed", edits={"SKILL.md": broken})
    second = await person.asked(first["job_id"], "validate", 2)
    assert "brings an error" in second["title"]
    [error] = [finding for finding in second["findings"] if finding["severity"] == "error"]
    assert error["text"] == "references/no-such-map.md"
    assert skill_md(second)["text"] == broken
    await person.answer(second)
    job = await person.until_over(first["job_id"])
    assert job["status"] == "completed"
    assert job["result"]["errors_accepted"] == len(errors(job)) == 1


async def test_an_edit_that_brings_no_error_ends_the_job_and_is_measured(person: Person) -> None:
    prompt = await person.waiting("validate")
    edited = skill_md(prompt)["text"] + "\n## By hand\n\n- Never open the green door.\n"
    await person.answer(prompt, action="proceed", edits={"SKILL.md": edited})
    job = await person.until_over(prompt["job_id"])
    before, after = ({m["name"]: m["value"] for m in report["measures"]} for report in (prompt, job["result"]))
    assert after["lines"] == before["lines"] + 4
    assert after["grounded instructions"] > before["grounded instructions"], "what a person types is theirs"


async def test_errors_that_nobody_was_asked_about_need_a_persons_eyes(person: Person) -> None:
    prompt = await person.waiting("preview")
    unfinished = skill_md(prompt)["text"] + "\n```text\nThis code has no end.\n"
    await person.answer(prompt, action="proceed", edits={"SKILL.md": unfinished})
    job = await person.until_over(prompt["job_id"])
    assert job["status"] == "pending_review"
    assert [finding["rule"] for finding in errors(job)] == ["B05"]
    assert job["result"]["errors_accepted"] == 0
    assert job["draft_path"]


async def test_a_job_that_asks_nobody_answers_itself_and_says_so(person: Person, api: Api) -> None:
    for request, by in ({"checkpoints": []}, "checkpoint not asked for"), ({"auto_approve": True}, "auto-approve"):
        job_id = await person.create("a skill made alone demo:structure", **request)
        job = await person.until_over(job_id)
        assert job["status"] == "completed", job["error"]
        assert not await person.events(job_id, "hitl_pause")
        resolved = [event["data"] for event in await person.events(job_id, "hitl_resolved")]
        kinds = [data["prompt_id"].split(".")[1] for data in resolved]
        assert kinds == ["clarify", "structure_fix", "confirm", "preview", "validate"]
        assert {(data["outcome"], data["action"], data["by"]) for data in resolved} == {("auto", "proceed", by)}
        assert resolved[0]["answers"]
        assert validate(api.services.settings.data_dir / job["draft_path"]) == []


async def test_a_person_is_asked_only_where_they_want_to_be(person: Person) -> None:
    job_id = await person.create("a skill seen twice", checkpoints=["preview", "validate"])
    assert (await person.agree_to_all(job_id))["status"] == "completed"
    pauses = await person.events(job_id, "hitl_pause")
    assert [event["data"]["prompt"]["kind"] for event in pauses] == ["preview", "validate"]


def errors(job: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in job["result"]["findings"] if finding["severity"] == "error"]
