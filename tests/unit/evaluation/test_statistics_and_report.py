"""A difference is reported with its uncertainty, or not at all."""

import pytest

from skill_fleet_server.evaluation.arms import Arm, Run
from skill_fleet_server.evaluation.report import Result, evaluate, in_words
from skill_fleet_server.evaluation.statistics import FEWEST_RUNS, FEWEST_TASKS, Paired, difference, worse


def paired(without: int, with_skill: int, of: int = 10) -> Paired:
    return Paired([n < without for n in range(of)], [n < with_skill for n in range(of)])


def test_a_large_difference_on_every_task_is_clear() -> None:
    found = difference({f"t{n}": paired(2, 8 + n % 2) for n in range(8)}, seed=1)
    assert found is not None
    assert found.value == pytest.approx(0.65)
    assert 0.5 < found.low <= found.value <= found.high < 0.8
    assert found.is_clear
    assert found.normalised_gain == pytest.approx(0.65 / 0.8)


def test_what_helps_here_and_harms_there_is_not_clear() -> None:
    tasks = {f"t{n}": paired(5, 9 if n % 2 else 2) for n in range(8)}
    found = difference(tasks, seed=1)
    assert found is not None
    assert found.low < 0 < found.high
    assert not found.is_clear
    assert worse(tasks) == ["t0", "t2", "t4", "t6"]


def test_the_same_seed_gives_the_same_interval_and_another_nearly_the_same() -> None:
    tasks = {f"t{n}": paired(n % 5, 9 - n % 3) for n in range(12)}
    one, same, other = (difference(tasks, seed) for seed in (1, 1, 2))
    assert one == same
    assert one is not None
    assert other is not None
    assert other.low == pytest.approx(one.low, abs=0.03)


@pytest.mark.parametrize(
    "tasks",
    [
        {f"t{n}": paired(1, 9) for n in range(FEWEST_TASKS - 1)},
        {f"t{n}": paired(1, 3, of=FEWEST_RUNS - 1) for n in range(20)},
    ],
    ids=["too few tasks", "too few runs"],
)
def test_too_little_is_not_reported(tasks: dict[str, Paired]) -> None:
    assert difference(tasks, seed=1) is None


def test_no_room_for_a_gain_has_no_normalised_gain() -> None:
    found = difference({f"t{n}": paired(10, 10) for n in range(5)}, seed=1)
    assert found is not None
    assert (found.value, found.normalised_gain, found.is_clear) == (0.0, None, False)


def runs(passed_with: int, *, broken: int = 0, tasks: int = 6) -> list[Run]:
    arms: tuple[Arm, ...] = ("without", "with")
    return [
        Run(
            task=f"t{task}",
            arm=arm,
            number=number,
            reply="r",
            model="openai/m",
            failed=[] if arm == "with" and number <= passed_with else ["contains: x"],
            error="It timed out." if number > 6 - broken else "",
        )
        for task in range(tasks)
        for arm in arms
        for number in range(1, 7)
    ]


def report(found: list[Run]) -> Result:
    return evaluate("a-skill", found, asked=6, seed=1)


def test_the_report_says_what_was_measured_on_what() -> None:
    result = report(runs(5))
    assert (result.models, result.clear, result.worse) == (["openai/m"], True, [])
    said = in_words(result)
    assert "0% without, 83% with the skill" in said
    assert "95 % interval +83% to +83%" in said
    assert "without tools" in said
    assert result.tasks[0].missed == ["contains: x"]


def test_runs_without_a_reply_count_for_neither_side_and_too_many_of_them_leave_nothing_to_report() -> None:
    one_lost, two_lost = report(runs(6, broken=1)), report(runs(6, broken=2))
    assert one_lost.difference == 1.0
    assert one_lost.failures == 12
    assert two_lost.difference is None
    assert two_lost.interval is None
    said = in_words(two_lost)
    assert "Not measured" in said
    assert "too few runs: not counted" in said
    assert "difference" not in said.replace("differences", "")
