"""What every program has in common."""

from typing import Any

import dspy
import pytest
from pydantic import ValidationError

from skill_fleet_common.jobs import Phase
from skill_fleet_server.lm.config import Role
from skill_fleet_server.lm.demo.engine import HANDLERS
from skill_fleet_server.programs.program import REASONING
from skill_fleet_server.programs.registry import PROGRAMS
from skill_fleet_server.programs.values import Ambiguity, GatheredRequirements, Requirements, Wanted
from tests.support.runs import REQUIREMENTS

INPUTS = {
    "gather_requirements": {"task", "excerpts", "went_wrong"},
    "analyze_intent": {"task", "requirements", "answers"},
    "find_taxonomy_path": {"task", "requirements", "taxonomy"},
    "analyze_dependencies": {"task", "requirements", "library"},
    "synthesize_plan": {
        "task", "requirements", "intent", "taxonomy_path", "dependencies", "answers", "excerpts", "existing",
        "feedback", "previous",
    },
    "write_skill": {
        "plan", "requirements", "answers", "excerpts", "went_wrong", "existing", "template", "feedback", "previous",
    },
    "write_resource": {"plan", "path", "purpose", "excerpts", "body"},
    "attribute_sources": {"instructions", "excerpts", "answers"},
    "generate_test_cases": {"requirements"},
    "assess_quality": {"skill_md", "plan", "excerpts", "findings"},
    "refine_skill": {"body", "findings", "remarks", "measures", "excerpts", "feedback", "plan"},
}  # fmt: skip


def test_the_registry_has_each_module_of_the_workflow_with_its_inputs() -> None:
    assert list(PROGRAMS) == list(INPUTS)
    for name, program in PROGRAMS.items():
        taken = {field.alias for field in program.inputs.model_fields.values()}
        assert taken == INPUTS[name]


def test_outputs_are_the_signatures_fields_without_the_reasoning() -> None:
    for program in PROGRAMS.values():
        assert program.outputs.model_fields.keys() == program.signature.output_fields.keys() - {REASONING}


def test_understanding_and_judging_reason_and_writing_does_not() -> None:
    for program in PROGRAMS.values():
        reasons = isinstance(program.module, dspy.ChainOfThought)
        assert reasons == (program.role is not Role.WRITING and program.name != "attribute_sources"), program.name


def test_phases_follow_one_another() -> None:
    phases = [program.phase for program in PROGRAMS.values()]
    assert phases == sorted(phases, key=list(Phase).index)


def test_the_demo_model_has_content_for_every_program() -> None:
    assert HANDLERS.keys() == PROGRAMS.keys()


def test_no_test_case_is_written_with_the_skill_in_view() -> None:
    program = PROGRAMS["generate_test_cases"]
    assert set(program.signature.input_fields) == {"requirements"}
    shown = Wanted.of(Requirements.model_validate(REQUIREMENTS))
    assert not {name for name in Wanted.model_fields if "name" in name or "description" in name or "body" in name}
    rendered = program.check_inputs({"requirements": shown})["requirements"].model_dump_json()
    assert REQUIREMENTS["suggested_description"] not in rendered
    with pytest.raises(TypeError, match="suggested_description"):
        program.check_inputs({"requirements": REQUIREMENTS})


@pytest.mark.parametrize("values", [{}, {"requirements": REQUIREMENTS, "skill_md": "# A"}, {"requirements": {}}])
def test_inputs_that_do_not_fit_are_the_callers_mistake(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="generate_test_cases"):
        PROGRAMS["generate_test_cases"].check_inputs(values)


def test_a_choice_without_options_is_asked_as_an_open_question() -> None:
    asked = Ambiguity.model_validate({"question": "Which?", "type": "single", "options": [{"label": "only one"}]})
    assert (asked.type, asked.options) == ("text", [])
    open_question = Ambiguity.model_validate(
        {"question": "Why?", "type": "text", "options": [{"label": "a"}], "allows_other": True}
    )
    assert (open_question.options, open_question.allows_other) == ([], False)


def test_no_more_than_three_questions_and_seven_topics_are_kept() -> None:
    question = {"question": "Is it?", "type": "boolean"}
    needs = REQUIREMENTS | {"topics": [f"topic {n}" for n in range(9)]}
    gathered = GatheredRequirements.model_validate({"requirements": needs, "ambiguities": [question] * 5})
    assert len(gathered.ambiguities) == 3
    assert len(gathered.requirements.topics) == 7


def test_a_level_that_does_not_exist_does_not_fit() -> None:
    with pytest.raises(ValidationError):
        GatheredRequirements.model_validate({"requirements": REQUIREMENTS | {"target_level": "wizard"}})
