"""The memoising adapter writes what DSPy's own would."""

import dspy

from skill_fleet_server.programs.adapter import MemoisingChatAdapter
from skill_fleet_server.programs.registry import PROGRAMS
from tests.support.runs import EXCERPTS, TASK


def test_prompts_are_those_of_dspys_own_adapter() -> None:
    program, adapter = PROGRAMS["gather_requirements"], MemoisingChatAdapter()
    for task in (TASK, "another task"):
        inputs = program.check_inputs({"task": task, "excerpts": EXCERPTS, "went_wrong": []})
        expected = dspy.ChatAdapter().format(program.signature, [], inputs)
        assert adapter.format(program.signature, [], inputs) == expected
