"""What makes a skill worth having: where its words come from, what it overlaps with, and that better replaces worse."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from skills_ref import validate

from skill_fleet_server.grounding import instructions
from tests.support.api import Api, running_api
from tests.support.craft import DESCRIPTION, GUIDE, grounded_job, keep_skill, text_of
from tests.support.invariants import assert_lawful
from tests.support.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """A server whose library has a skill about log lines, and one that holds what is not text."""
    data_dir = tmp_path_factory.mktemp("data")
    keep_skill(data_dir, "development/python", "python-log-lines")
    keep_skill(data_dir, "development", "drawn-log-lines", DESCRIPTION.replace("lines", "pictures of lines"))
    (data_dir / "library/development/drawn-log-lines/assets").mkdir()
    (data_dir / "library/development/drawn-log-lines/assets/a.png").write_bytes(b"\x89PNG\xff\x00")
    async with running_api(data_dir) as api:
        yield api
        await assert_lawful(Person(api.client))


@pytest_asyncio.fixture(loop_scope="module")
async def person(api: Api) -> Person:
    return Person(api.client)


def measures(report: dict[str, Any]) -> dict[str, Any]:
    return {measure["name"]: measure["value"] for measure in report["measures"]}


async def test_every_instruction_says_where_it_comes_from(person: Person) -> None:
    prompt = await person.asked(await grounded_job(person, "preview"), "preview")
    told = instructions(text_of(prompt))
    traced = {each["id"]: each for each in prompt["provenance"]}
    assert list(traced) == [each.id for each in told]
    by_text = {each["text"]: each for each in traced.values()}
    rule = next(each for text, each in by_text.items() if "bound loggers" in text)
    assert (rule["origin"], rule["reference"], rule["verified"]) == ("source", "guide.md:1-4", True)
    assert rule["quote"] in GUIDE
    lesson = next(each for text, each in by_text.items() if "Never use print" in text)
    assert (lesson["origin"], lesson["verified"]) == ("source", True)
    assert lesson["reference"].startswith("chat.md:")
    assert prompt["origins"]["model"] == sum(each["origin"] == "model" for each in traced.values()) > 0


async def test_what_is_cut_is_gone_and_what_is_confirmed_counts(person: Person, api: Api) -> None:
    prompt = await person.asked(await grounded_job(person, "preview", "validate"), "preview")
    own = [each for each in prompt["provenance"] if each["origin"] == "model"]
    cut, confirmed = own[-1], own[0]
    await person.answer(prompt, action="proceed", answers={"cut": [cut["id"]], "confirm": [confirmed["id"]]})
    report = await person.asked(prompt["job_id"], "validate")
    assert cut["text"] not in [each["text"] for each in report["provenance"]]
    assert len(report["provenance"]) == len(prompt["provenance"]) - 1
    assert [each["text"] for each in report["provenance"] if each["confirmed"]] == [confirmed["text"]]
    again = next(each for each in report["provenance"] if each["origin"] == "model" and not each["confirmed"])
    await person.answer(report, action="proceed", answers={"cut": [again["id"]]})
    job = await person.until_over(prompt["job_id"])
    assert job["status"] == "completed"
    assert measures(job["result"])["grounded instructions"] > measures(report)["grounded instructions"]
    draft = (api.services.settings.data_dir / job["draft_path"] / "SKILL.md").read_text()
    assert len(instructions(draft)) == len(prompt["provenance"]) - 2


async def test_of_a_job_that_asks_nobody_it_is_told_where_every_version_of_its_text_comes_from(
    person: Person, api: Api
) -> None:
    job = await person.until_over(await grounded_job(person))
    told = [event["data"] for event in await person.events(job["job_id"], "traced")]
    assert [each["revision"] for each in told] == sorted({each["revision"] for each in told})
    newest = told[-1]
    draft = (api.services.settings.data_dir / job["draft_path"] / "SKILL.md").read_text()
    assert [(each["id"], each["line"]) for each in newest["provenance"]] == [
        (each.id, each.line) for each in instructions(draft)
    ]
    assert newest["origins"]["source"] == sum(each["origin"] == "source" for each in newest["provenance"]) > 0


async def test_what_a_person_decides_last_is_told_too(person: Person, api: Api) -> None:
    report = await person.asked(await grounded_job(person, "validate"), "validate")
    own = next(each for each in report["provenance"] if each["origin"] == "model")
    await person.answer(report, action="proceed", answers={"confirm": [own["id"]]})
    await person.until_over(report["job_id"])
    *_, before, newest = [event["data"] for event in await person.events(report["job_id"], "traced")]
    assert newest["revision"] == before["revision"], "the text stays as it is"
    assert [each["id"] for each in newest["provenance"] if each["confirmed"]] == [own["id"]]


async def test_what_is_cut_with_a_wish_for_changes_does_not_come_back(person: Person) -> None:
    first = await person.asked(await grounded_job(person, "preview"), "preview")
    cut = next(each for each in first["provenance"] if each["origin"] == "source")
    await person.answer(first, action="revise", feedback="Warn about green doors.", answers={"cut": [cut["id"]]})
    second = await person.asked(first["job_id"], "preview", 2)
    texts = {each["text"]: each for each in second["provenance"]}
    assert cut["text"] not in texts
    assert texts["Warn about green doors."]["reference"] == "What should change in the draft?"
    assert texts["Warn about green doors."]["origin"] == "answer"


async def test_a_report_shows_what_refinement_did_with_both_measurements(person: Person) -> None:
    report = await person.asked(await grounded_job(person, "validate"), "validate")
    refinement, *others = report["refinements"]
    assert refinement["kept"]
    assert all(other["why"] for other in others)
    assert refinement["errors_after"] < refinement["errors_before"]
    assert {change["name"] for change in refinement["changes"]} >= {"grounded instructions", "lexical routing"}
    assert "-Terms are explained in" in report["diff"]
    kinds = {query["kind"] for query in report["routing"]}
    assert kinds == {"positive", "negative", "edge"}
    assert any(query["reached"] for query in report["routing"])
    for remark in report["remarks"]:
        assert remark["line"] <= len(text_of(report).splitlines())


async def test_an_overlap_is_said_before_anything_is_written_and_only_what_can_be_extended_is_offered(
    person: Person,
) -> None:
    prompt = await person.asked(await grounded_job(person, "confirm"), "confirm")
    question = next(each for each in prompt["questions"] if each["id"] == "overlap")
    assert "python-log-lines" in question["text"]
    assert "drawn-log-lines" in question["text"]
    assert [option["id"] for option in question["options"]] == ["new", "extend:python-log-lines"]
    assert not await person.events(prompt["job_id"], "artifact")


async def test_extending_a_skill_makes_its_next_revision(person: Person, api: Api) -> None:
    first = await person.asked(await grounded_job(person, "confirm", "preview"), "confirm")
    answers = {**first["default"]["answers"], "overlap": "extend:python-log-lines"}
    await person.answer(first, action="proceed", answers=answers)
    second = await person.asked(first["job_id"], "confirm", 2)
    assert second["questions"] == []
    assert second["plan"]["name"] == second["plan"]["extends"] == "python-log-lines"
    assert second["plan"]["taxonomy_path"] == "development/python"
    await person.answer(second)
    preview = await person.asked(first["job_id"], "preview")
    text = text_of(preview)
    assert "1. Bind the request id to the logger." in text
    assert "Use structlog with bound loggers." in text
    assert 'license: "MIT"' in text
    assert 'owner: "payments"' in text
    assert 'allowed-tools: "Bash Read"' in text
    removed = [line for line in preview["diff"].splitlines() if line.startswith("-") and not line.startswith("---")]
    assert all("description:" in line for line in removed), "what the skill says stays"
    old = next(each for each in preview["provenance"] if each["text"].startswith("Bind the request id"))
    assert (old["origin"], old["verified"]) == ("source", True)
    assert old["reference"].startswith("python-log-lines/SKILL.md:")
    await person.answer(preview)
    job = await person.until_over(first["job_id"])
    assert job["result"]["extends"] == job["result"]["name"] == "python-log-lines"
    assert validate(api.services.settings.data_dir / job["draft_path"]) == []


async def test_a_category_is_chosen_from_the_list_or_proposed_in_so_many_words(person: Person) -> None:
    task = "a skill for zymurgy brewing ledgers"
    first = await person.waiting("confirm", task)
    place = next(each for each in first["questions"] if each["id"] == "place") if first["questions"] else None
    assert place is None or all(option["id"] != "new" for option in place["options"])
    job_id = first["job_id"]
    await person.answer(first, action="revise", feedback="demo:category=Craft & Beer")
    second = await person.asked(job_id, "confirm", 2)
    place = next(each for each in second["questions"] if each["id"] == "place")
    assert "craft-beer" in place["text"]
    assert place["options"][-1] == {"id": "new", "label": "Propose a new category: craft-beer", "description": ""}
    await person.answer(second, action="proceed", answers={"place": {"other": "Home Brew!"}})
    third = await person.asked(job_id, "confirm", 3)
    place = next(each for each in third["questions"] if each["id"] == "place")
    assert "home-brew" in place["text"]
    assert "closed list" in place["rationale"]
    await person.answer(third, action="proceed", answers={"place": "new"})
    job = await person.until_over(job_id)
    assert job["result"]["new_category"] == "home-brew"
    ends = [event["data"]["step"] for event in await person.events(job_id, "module_end")]
    assert "synthesize_plan/3" not in ends, "asking about a category again plans nothing again"
