"""From which checkpoint on a failed job is tried again."""

from typing import Any

import pytest
from dbos._sys_db import StepInfo

from skill_fleet_server.workflows.checkpoints import first_to_try_again

FAILED = {"outputs": {}, "error": {"code": "auth", "message": "The key is wrong."}}


def checkpoint(number: int, name: str, output: Any = None, error: Exception | None = None) -> StepInfo:
    return StepInfo(
        function_id=number,
        function_name=name,
        output=output,
        error=error,
        child_workflow_id=None,
        child_shard_key=None,
        started_at_epoch_ms=None,
        completed_at_epoch_ms=None,
    )


GOOD = checkpoint(1, "gather", {"outputs": {"domain": "x"}, "error": None})
ASKED = checkpoint(2, "ask/clarify.1", {"action": "proceed"})


@pytest.mark.parametrize(
    ("checkpoints", "failed_at", "number"),
    [
        ([GOOD, ASKED, checkpoint(3, "plan", FAILED)], "plan", 3),
        ([GOOD, ASKED, checkpoint(3, "intent", FAILED), checkpoint(4, "place", FAILED)], "place", 3),
        ([GOOD, checkpoint(3, "place", FAILED), checkpoint(4, "intent", {"error": None})], "place", 3),
        ([GOOD, checkpoint(2, "ask/confirm.1", {"gone": True})], "ask/confirm.1", 2),
        ([GOOD, checkpoint(2, "plan", error=OSError("full"))], "", 2),
        ([GOOD, ASKED], "", 3),
        ([], "gather", 1),
    ],
)
def test_what_failed_is_tried_again_and_what_came_before_is_not(
    checkpoints: list[StepInfo], failed_at: str, number: int
) -> None:
    assert first_to_try_again(checkpoints, failed_at) == number
