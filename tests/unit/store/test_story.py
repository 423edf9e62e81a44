"""What the log says of where a job comes from."""

import pytest

from skill_fleet_tui.store.story import tell
from tests.unit.store.builders import Log


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ({"forked_from": "0a1b", "fork_step": "write_skill"}, "forked from job 0a1b at write_skill"),
        ({"forked_from": "0a1b"}, "forked from job 0a1b"),
        (
            {"forked_from": "0a1b", "fork_step": "write_skill", "retried": True},
            "tries again job 0a1b from write_skill",
        ),
    ],
)
def test_a_job_that_shares_steps_says_so_in_its_first_lines(origin: dict[str, str], said: str) -> None:
    log = Log()
    log.created("a", "A skill", **origin)
    assert [line.text for line in tell(log.events[0])] == ["Created", "A skill", said]
