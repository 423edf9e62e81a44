"""The demo model, through the step runner and DSPy's normal path."""

import re
import time
from typing import Any

import dspy
import pytest

from skill_fleet_common.skills import Origin
from skill_fleet_server.lm.config import DEMO_MODEL, ModelsConfig
from skill_fleet_server.lm.demo.engine import demo_lm
from skill_fleet_server.lm.demo.request import Request
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.programs.failures import StepFailed
from skill_fleet_server.programs.registry import PROGRAMS
from skill_fleet_server.programs.runner import StepRunner
from tests.support.runs import ANSWERS, EXCERPTS, PLAN, REQUIREMENTS, TASK, Recorder, runner, write_skill_inputs


async def demo(name: str, seen: Recorder | None = None, *, retried: bool = False, **inputs: Any) -> dict[str, Any]:
    running = runner()
    result = await running.run(PROGRAMS[name], inputs, seen or Recorder(), retried=retried)
    await running.aclose()
    assert result.model == DEMO_MODEL
    assert result.usage.cost == 0.0
    assert result.usage.unpriced_calls == 0
    return result.outputs


async def gather(task: str, excerpts: Any = ()) -> dict[str, Any]:
    return await demo("gather_requirements", task=task, excerpts=list(excerpts), went_wrong=[])


async def test_asks_questions_of_different_types_about_the_request() -> None:
    bare, grounded = await gather(TASK), await gather(TASK, EXCERPTS)
    types = [[question["type"] for question in outputs["ambiguities"]] for outputs in (bare, grounded)]
    assert types == [["single", "multi", "text"], ["single", "multi", "boolean"]]
    assert "Python logging" in bare["ambiguities"][0]["question"]
    assert bare["ambiguities"][0]["allows_other"]
    assert all(question["rationale"] for question in bare["ambiguities"])


async def test_asks_nothing_when_told_that_all_is_clear() -> None:
    assert (await gather(f"{TASK} demo:clear"))["ambiguities"] == []


@pytest.mark.parametrize(
    "task",
    [TASK, "logging", "技能:写日志", "I want a skill for reviewing SQL.", "x" * 10_000, "demo:clear", "<b>"],
    ids=["usual", "one word", "no Latin letter", "opening", "long", "nothing but a directive", "markup"],
)  # fmt: skip
async def test_proposes_a_name_and_a_description_that_pass_the_specification(task: str) -> None:
    needs = (await gather(task))["requirements"]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", needs["suggested_name"])
    assert len(needs["suggested_name"]) <= 64
    assert 1 <= len(needs["suggested_description"]) <= 1024
    assert not re.search(r"[<>\n]|---", needs["suggested_description"])
    assert "Use when" in needs["suggested_description"]
    assert 3 <= len(needs["topics"]) <= 7


async def test_proposes_what_breaks_the_specification_when_asked_to() -> None:
    needs = (await gather(f"{TASK} demo:structure"))["requirements"]
    assert not re.fullmatch(r"[a-z0-9-]+", needs["suggested_name"])
    assert "<" in needs["suggested_description"]


async def test_thinks_aloud_where_a_program_reasons() -> None:
    seen = Recorder()
    await demo("gather_requirements", seen, task=TASK, excerpts=EXCERPTS, went_wrong=[])
    assert "Python logging" in seen.last("reasoning")


async def test_writes_a_marked_draft_from_sources_and_answers_with_one_dead_link() -> None:
    seen = Recorder()
    body = (await demo("write_skill", seen, **write_skill_inputs()))["body"]
    assert seen.last("body") == body
    assert body.startswith("# Python logging\n")
    assert "demo/offline" in body
    assert "Use structlog with bound loggers." in body
    assert ANSWERS[0]["answer"] in body
    assert body.count("```") % 2 == 0
    links = set(re.findall(r"\]\(([^)]+)\)", body))
    assert links == {"references/glossary.md"}, "the plan has no files"


async def test_refinement_takes_the_dead_link_out_and_little_else() -> None:
    body = (await demo("write_skill", **write_skill_inputs()))["body"]
    refined = (
        await demo(
            "refine_skill",
            body=body,
            findings=[],
            remarks=[],
            measures=[],
            excerpts=[],
            feedback="Name the tool.",
            plan=PLAN,
        )
    )["body"]
    assert "glossary" not in refined
    assert "- Name the tool." in refined
    assert len(set(body.splitlines()) - set(refined.splitlines())) <= 3


async def test_feedback_changes_the_previous_body_and_nothing_else() -> None:
    previous = (await demo("write_skill", **write_skill_inputs()))["body"]
    revised = (await demo("write_skill", **write_skill_inputs(previous=previous, feedback="Mention tracing.")))["body"]
    again = (await demo("write_skill", **write_skill_inputs(previous=revised, feedback="Mention cost.")))["body"]
    assert set(again.splitlines()) - set(previous.splitlines()) == {
        "## Asked for in review",
        "- Mention tracing.",
        "- Mention cost.",
    }


async def test_attributes_only_what_is_really_there() -> None:
    body = (await demo("write_skill", **write_skill_inputs()))["body"]
    lines = [{"line": n, "text": line} for n, line in enumerate(body.splitlines(), start=1) if line.startswith("- ")]
    found = (await demo("attribute_sources", instructions=lines, excerpts=EXCERPTS, answers=ANSWERS))["attributions"]
    assert len(found) == len(lines)
    assert {entry["origin"] for entry in found} == set(Origin)
    for entry in found:
        if entry["origin"] == Origin.SOURCE:
            assert entry["reference"] == "guide.md:1-5"
            assert entry["quote"] in EXCERPTS[0]["text"]
        if entry["origin"] == Origin.ANSWER:
            assert entry["quote"] in ANSWERS[0]["answer"]


async def test_fails_on_every_attempt_after_some_text_until_the_job_is_retried() -> None:
    needs = (await gather(f"{TASK} demo:fail"))["requirements"]
    seen = Recorder()
    with pytest.raises(StepFailed) as failed:
        await demo("write_skill", seen, **write_skill_inputs(requirements=needs))
    assert failed.value.code == "server_error"
    assert failed.value.retryable
    assert len(seen.starts) == 3
    assert all(seen.texts[attempt << 8, "body"].startswith("# ") for attempt in (1, 2, 3))
    assert (await demo("write_skill", retried=True, **write_skill_inputs(requirements=needs)))["body"]


async def test_one_job_that_fails_as_asked_does_not_keep_the_model_from_others() -> None:
    running, needs = runner(breaker_failures=1), REQUIREMENTS | {"constraints": ["demo:fail"]}
    with pytest.raises(StepFailed):
        await running.run(PROGRAMS["write_skill"], write_skill_inputs(requirements=needs), Recorder())
    assert await running.run(PROGRAMS["write_skill"], write_skill_inputs(), Recorder())
    await running.aclose()


@pytest.mark.parametrize("module", ["gather_requirements", "analyze_intent"])
async def test_fails_at_the_module_it_is_told(module: str) -> None:
    inputs: dict[str, dict[str, Any]] = {
        "gather_requirements": {"excerpts": [], "went_wrong": []},
        "analyze_intent": {"requirements": REQUIREMENTS, "answers": []},
    }
    with pytest.raises(StepFailed):
        await demo(module, task=f"{TASK} demo:fail={module}", **inputs[module])


async def test_a_path_to_show_is_carried_to_every_later_module() -> None:
    needs = (await gather(f"{TASK} demo:fail=assess_quality"))["requirements"]
    body = (await demo("write_skill", **write_skill_inputs(requirements=needs)))["body"]
    with pytest.raises(StepFailed):
        await demo("assess_quality", skill_md=body, plan=PLAN, excerpts=[], findings=[])


async def test_a_source_that_mentions_a_failure_does_not_cause_one() -> None:
    excerpts = [{"ref": "a:1-1", "text": "- Write demo:fail to see a failure here.\n"}]
    assert await demo("write_skill", **write_skill_inputs(excerpts=excerpts))


async def test_streams_at_reading_pace() -> None:
    paced = StepRunner(ModelTable(ModelsConfig(), demo_delay=0.002))
    seen, began = Recorder(), time.monotonic()
    result = await paced.run(PROGRAMS["write_skill"], write_skill_inputs(), seen)
    await paced.aclose()
    assert time.monotonic() - began >= 0.002 * len(result.outputs["body"].split()) * 0.8
    assert seen.last("body") == result.outputs["body"]


async def test_any_other_signature_is_filled_with_what_fits() -> None:
    class Odd(dspy.Signature):
        question: str = dspy.InputField()
        score: float = dspy.OutputField()
        tags: list[str] = dspy.OutputField()
        maybe: int | None = dspy.OutputField()
        table: dict[str, list[int]] = dspy.OutputField()

    lm = demo_lm(0)
    for adapter in (dspy.ChatAdapter(), dspy.JSONAdapter()):
        with dspy.context(lm=lm, adapter=adapter, callbacks=list(lm.taps)):
            prediction = await dspy.Predict(Odd).acall(question="why?")
        assert isinstance(prediction.score, float)
        assert prediction.tags
    await lm.aclose()


def test_reads_the_subject_out_of_a_request() -> None:
    request = Request("I need a skill for reviewing SQL migrations, with rollbacks. demo:clear")
    assert request.subject == "reviewing SQL migrations, with rollbacks"
    assert request.topic == "reviewing SQL migrations"
    assert request.name == "reviewing-sql-migrations"
    assert request.parts == ["rollbacks"]
