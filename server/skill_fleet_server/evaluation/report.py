"""What an evaluation found, for people and for programs. A number that the runs do not carry is not there."""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel

from skill_fleet_common.jobs import Usage
from skill_fleet_server.evaluation.arms import Run
from skill_fleet_server.evaluation.statistics import FEWEST_RUNS, FEWEST_TASKS, Paired, difference, worse

LIMITS: Final = (
    "One reply per run, without tools, with the whole skill given: it says what the skill does once it is loaded, and "
    "not whether an agent would load it."
)


class TaskResult(BaseModel):
    """One task in both arms."""

    task: str
    without: float | None
    """The share of runs that passed; `None` when no run has a reply."""
    with_skill: float | None
    runs: tuple[int, int]
    """Runs with a reply, without and with."""
    counted: bool
    """Whether there are runs enough."""
    missed: list[str]
    """Checks that failed with the skill at least once."""


class Result(BaseModel):
    """The whole evaluation."""

    skill: str
    models: list[str]
    seed: int
    runs: int
    """Asked for, of each task in each arm."""
    tasks: list[TaskResult]
    without: float | None = None
    with_skill: float | None = None
    difference: float | None = None
    """With less without; `None` means "not measured"."""
    interval: tuple[float, float] | None = None
    """95 %, bootstrap over tasks."""
    normalised_gain: float | None = None
    clear: bool = False
    """Whether the interval leaves zero out."""
    worse: list[str] = []
    """Tasks that pass less often with the skill, the worst first."""
    failures: int = 0
    """Runs without a reply."""
    usage: Usage = Usage()
    how: str


def evaluate(skill: str, runs: Sequence[Run], *, asked: int, seed: int) -> Result:
    """What the runs come to. The same runs and the same seed give the same result."""
    names = list(dict.fromkeys(run.task for run in runs))
    paired = {name: _paired(runs, name) for name in names}
    complete = {name: pair for name, pair in paired.items() if pair.without and pair.with_skill}
    found = difference(complete, seed)
    counted = sum(pair.is_enough for pair in complete.values())
    result = Result(
        skill=skill,
        models=sorted({run.model for run in runs if run.model}),
        seed=seed,
        runs=asked,
        tasks=[_task(name, paired[name], runs) for name in names],
        failures=sum(bool(run.error) for run in runs),
        usage=sum((run.usage for run in runs), Usage()),
        worse=worse(complete),
        how=(
            f"Not measured: {counted} tasks have {FEWEST_RUNS} runs with a reply in both arms, and {FEWEST_TASKS} are "
            "needed."
        ),
    )
    if found is None:
        return result
    return result.model_copy(
        update={
            "without": found.without,
            "with_skill": found.with_skill,
            "difference": found.value,
            "interval": (found.low, found.high),
            "normalised_gain": found.normalised_gain,
            "clear": found.is_clear,
            "how": (
                f"Mean over {counted} tasks of the share of runs that passed every check, with less without; 95 % "
                f"interval by bootstrap over tasks. {LIMITS}"
            ),
        }
    )


def in_words(result: Result) -> str:
    """The result for people."""
    lines = [f"{result.skill} on {', '.join(result.models) or 'no model'}, seed {result.seed}", ""]
    width = max((len(task.task) for task in result.tasks), default=4)
    lines.append(f"{'task':<{width}}  without     with  runs")
    for task in result.tasks:
        note = "" if task.counted else "  too few runs: not counted"
        lines.append(
            f"{task.task:<{width}}  {_share(task.without):>7}  {_share(task.with_skill):>7}  "
            f"{task.runs[0]}+{task.runs[1]}{note}"
        )
    lines.append("")
    if result.difference is None or result.interval is None:
        lines.append(result.how)
    else:
        low, high = result.interval
        verdict = "The difference is clear." if result.clear else "That may be chance: the interval has zero in it."
        lines += [
            f"passed      {_share(result.without)} without, {_share(result.with_skill)} with the skill",
            f"difference  {result.difference:+.0%}, 95 % interval {low:+.0%} to {high:+.0%}. {verdict}",
            f"worse       {', '.join(result.worse) or 'no task'}",
            "",
            result.how,
        ]
    cost = f"${result.usage.cost:.4f}" if result.usage.cost else "unknown" if result.usage.unpriced_calls else "nothing"
    tokens = result.usage.input_tokens + result.usage.output_tokens
    lines.append(f"cost        {cost} for {result.usage.calls} calls and {tokens:,} tokens")
    if result.failures:
        lines.append(f"failures    {result.failures} runs had no reply, and count for neither side")
    return "\n".join(lines)


def _paired(runs: Sequence[Run], name: str) -> Paired:
    answered = [run for run in runs if run.task == name and not run.error]
    return Paired(
        [run.passed for run in answered if run.arm == "without"],
        [run.passed for run in answered if run.arm == "with"],
    )


def _task(name: str, paired: Paired, runs: Sequence[Run]) -> TaskResult:
    missed = dict.fromkeys(said for run in runs if run.task == name and run.arm == "with" for said in run.failed)
    return TaskResult(
        task=name,
        without=_rate(paired.without),
        with_skill=_rate(paired.with_skill),
        runs=(len(paired.without), len(paired.with_skill)),
        counted=paired.is_enough,
        missed=list(missed),
    )


def _rate(passed: Sequence[bool]) -> float | None:
    return sum(passed) / len(passed) if passed else None


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.0%}"
