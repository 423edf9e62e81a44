"""The runs: each task asked of the model several times without the skill and as often with it, in random order."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import dspy
from pydantic import BaseModel

from skill_fleet_common.jobs import Phase, Usage
from skill_fleet_server.evaluation.graders import holds
from skill_fleet_server.evaluation.tasks import Check, Task
from skill_fleet_server.grounding.provenance import holds as is_quoted
from skill_fleet_server.lm.config import Role
from skill_fleet_server.programs.program import Program
from skill_fleet_server.programs.runner import AttemptStart, StepFailed, StepRunner
from skill_fleet_server.quality.skill import MAIN_FILE, parse

GUIDANCE_CHARACTERS: Final = 100_000
"""Most text of a skill that a run is given."""
AT_ONCE: Final = 8
"""Runs under way at one time; the model's own limits hold beside that."""

Arm = Literal["without", "with"]


class DoTask(dspy.Signature):
    """Do what the user asks, as well as you can, in one reply. Where there is guidance, follow it as far as it applies.

    You have no tools: write what you would do or produce. Do not mention the guidance.
    """

    guidance: str = dspy.InputField(desc="how it is done here; may be empty")
    task: str = dspy.InputField(desc="what the user typed")
    reply: str = dspy.OutputField()


class JudgeReply(dspy.Signature):
    """Say whether a claim about a reply holds. Judge the claim alone, not how good the reply is.

    It holds only if words of the reply show it; copy those words, at most thirty, character by character. If you cannot
    quote any, it does not hold.
    """

    task: str = dspy.InputField()
    reply: str = dspy.InputField()
    claim: str = dspy.InputField()
    evidence: str = dspy.OutputField(desc="words of the reply, copied; empty if there are none")
    is_true: bool = dspy.OutputField()


class _Reply(BaseModel):
    reply: str


class _Verdict(BaseModel):
    evidence: str = ""
    is_true: bool


DO_TASK: Final = Program("do_task", Phase.VALIDATION, Role.WRITING, dspy.Predict(DoTask), _Reply)
JUDGE_REPLY: Final = Program("judge_reply", Phase.VALIDATION, Role.JUDGING, dspy.Predict(JudgeReply), _Verdict)


class Run(BaseModel):
    """One reply of the model, and what was found in it."""

    task: str
    arm: Arm
    number: int
    reply: str = ""
    checks: list[str] = []
    """What was checked, in words."""
    failed: list[str] = []
    """Those of them that do not hold."""
    error: str = ""
    """Why there is no reply; such a run counts for neither side."""
    model: str = ""
    usage: Usage = Usage()

    @property
    def passed(self) -> bool:
        """Whether every check holds."""
        return not self.failed and not self.error


class _Silent:
    """Nobody watches the text of a run."""

    async def attempt_started(self, start: AttemptStart) -> None:
        """Nothing to tell."""

    def text(self, attempt: int, gen: int, field: str, text: str) -> None:
        """Nothing to show."""


def guidance_of(files: Mapping[str, str]) -> str:
    """What an agent that has loaded the skill reads: the body, then every Markdown file beside it.

    Whoever asks without tools cannot open a file when it is needed, so all of them are given.
    """
    parts = [parse(files, "").body.strip()]
    parts += [f"# File {path}\n\n{text.strip()}" for path, text in sorted(files.items()) if _is_read(path)]
    return "\n\n".join(parts)[:GUIDANCE_CHARACTERS]


async def run_all(
    runner: StepRunner,
    tasks: Sequence[Task],
    guidance: str,
    *,
    runs: int,
    seed: int,
    done: Callable[[Run], None],
) -> list[Run]:
    """Every run of every task in both arms. `done` is told of each as it ends.

    The order is shuffled, so that a provider that gets slower or worse does so for both arms.
    """
    arms: tuple[Arm, ...] = ("without", "with")
    wanted = [(task, arm, number) for task in tasks for arm in arms for number in range(1, runs + 1)]
    random.Random(seed).shuffle(wanted)  # noqa: S311 - to be the same again
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(task: Task, arm: Arm, number: int) -> Run:
        async with slots:
            run = await _run(runner, task, arm, number, guidance if arm == "with" else "")
        done(run)
        return run

    async with asyncio.TaskGroup() as group:
        under_way = [group.create_task(one(*each)) for each in wanted]
    found = [each.result() for each in under_way]
    order = {task.id: index for index, task in enumerate(tasks)}
    return sorted(found, key=lambda run: (order[run.task], run.arm == "with", run.number))


async def _run(runner: StepRunner, task: Task, arm: Arm, number: int, guidance: str) -> Run:
    run = Run(task=task.id, arm=arm, number=number, checks=[check.said for check in task.checks])
    try:
        answered = await runner.run(DO_TASK, {"guidance": guidance, "task": task.prompt}, _Silent())
        run.reply, run.model, run.usage = answered.outputs["reply"], answered.model, answered.usage
        run.failed, judging = await grade(runner, task, run.reply)
        run.usage += judging
    except StepFailed as failure:
        run.error = failure.message
        run.usage += failure.usage
    return run


async def grade(runner: StepRunner | None, task: Task, reply: str) -> tuple[list[str], Usage]:
    """The checks that do not hold, and what judging cost. Code first; a model only for what is left.

    Args:
        runner: Of the judge; without one, what needs a judge does not hold.
        task: With its checks.
        reply: To be graded.

    Raises:
        StepFailed: If the judge could not be asked.
    """
    usage = Usage()
    failed = []
    for check in task.checks:
        held = holds(check, reply)
        if held is None and runner is not None:
            held, cost = await _judge(runner, task, reply, check)
            usage += cost
        if not held:
            failed.append(check.said)
    return failed, usage


async def _judge(runner: StepRunner, task: Task, reply: str, check: Check) -> tuple[bool, Usage]:
    """A model's verdict, which counts only with words that are really in the reply."""
    inputs = {"task": task.prompt, "reply": reply, "claim": check.judged or ""}
    judged = await runner.run(JUDGE_REPLY, inputs, _Silent())
    verdict = _Verdict.model_validate(judged.outputs)
    return verdict.is_true and is_quoted(reply, verdict.evidence), judged.usage


def _is_read(path: str) -> bool:
    return path != MAIN_FILE and path.endswith(".md")
