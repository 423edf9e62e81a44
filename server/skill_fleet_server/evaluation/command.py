"""`skill-fleet evaluate`: does the skill help? Asks the configured model, and says how sure the answer is."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from skill_fleet_server import logs
from skill_fleet_server.errors import Invalid, SkillFleetError
from skill_fleet_server.evaluation.arms import Run, grade, guidance_of, run_all
from skill_fleet_server.evaluation.report import Result, evaluate, in_words
from skill_fleet_server.evaluation.statistics import FEWEST_RUNS, FEWEST_TASKS
from skill_fleet_server.evaluation.tasks import Task, load_tasks
from skill_fleet_server.library.contents import read_contents
from skill_fleet_server.lm.config import DEMO_MODEL
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.programs.failures import StepFailed
from skill_fleet_server.programs.runner import StepRunner
from skill_fleet_server.quality.skill import MAIN_FILE
from skill_fleet_server.settings import ServerSettings

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
"""As those of every command of `skill-fleet`."""

_RUNS: Final = TypeAdapter(list[Run])
_EXAMPLES: Final = """\
Examples:
  skill-fleet evaluate ./python-logging tasks.yaml
  skill-fleet evaluate ./python-logging tasks.yaml --runs 10 --replies runs.json
  skill-fleet evaluate ./python-logging tasks.yaml --again runs.json --json

Exit codes: 0 measured · 1 not measured, or the model could not be asked ·
2 what was given does not fit.
"""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit code."""
    asked = parser().parse_args(arguments)
    logs.configure("warning", "console")
    return evaluated(asked)


def evaluated(asked: argparse.Namespace) -> int:
    """The same in a process whose logging is its own."""
    try:
        tasks = load_tasks(asked.tasks)
        files = _skill(asked.skill)
        _check_size(tasks, asked.runs)
        runs = _read(asked.again, tasks) if asked.again else _ask(asked, tasks, guidance_of(files))
        if asked.replies:
            _write(asked.replies, runs)
    except SkillFleetError as error:
        sys.stderr.write(f"skill-fleet: {error.detail}\n")
        return USAGE
    except StepFailed as failure:
        sys.stderr.write(f"skill-fleet: {failure.message} {failure.hint}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    result = evaluate(asked.skill.resolve().name, runs, asked=asked.runs, seed=asked.seed)
    _print(result, as_json=asked.json)
    return FAILED if result.difference is None else DONE


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="skill-fleet evaluate",
        description="Run tasks with and without a skill on the configured model, and say what difference it makes. "
        "That costs calls: tasks × runs × 2, and those of the judge.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("skill", type=Path, metavar="SKILL", help="the skill's directory")
    made.add_argument("tasks", type=Path, metavar="TASKS", help="a YAML file of tasks and their checks")
    made.add_argument(
        "--runs", type=int, default=FEWEST_RUNS, metavar="N", help=f"of each task in each arm (default: {FEWEST_RUNS})"
    )
    made.add_argument("--seed", type=int, default=1, metavar="N", help="of the order and the bootstrap (default: 1)")
    made.add_argument("--model", metavar="NAME", help="instead of the configured one")
    made.add_argument("--config", type=Path, metavar="FILE", help="the settings file")
    made.add_argument("--replies", type=Path, metavar="FILE", help="keep every reply there, as JSON")
    made.add_argument("--again", type=Path, metavar="FILE", help="grade kept replies again, and ask no model")
    made.add_argument("--json", action="store_true", help="for programs")
    return made


def _check_size(tasks: Sequence[Task], runs: int) -> None:
    """Before anything is paid for.

    Raises:
        Invalid: If the result could not be reported.
    """
    if runs < FEWEST_RUNS:
        raise Invalid(f"{runs} runs of a task are too few to report a difference; ask for {FEWEST_RUNS} or more.")
    if len(tasks) < FEWEST_TASKS:
        raise Invalid(f"{len(tasks)} tasks are too few to report a difference; write {FEWEST_TASKS} or more.")


def _skill(directory: Path) -> dict[str, str]:
    try:
        texts = read_contents(directory).texts
    except OSError as error:
        raise Invalid(f"{directory} cannot be read: {error.strerror or type(error).__name__}.") from None
    if MAIN_FILE not in texts:
        raise Invalid(f"There is no {MAIN_FILE} in {directory}; name the directory of a skill.")
    return texts


def _ask(asked: argparse.Namespace, tasks: Sequence[Task], guidance: str) -> list[Run]:
    settings = ServerSettings.load({"config": asked.config})
    models = settings.models
    if asked.model:
        # What was chosen for single modules would go before it.
        models = models.model_copy(update={"default": asked.model, "roles": {}, "modules": {}})
    table = ModelTable(models, demo_delay=0)
    if table.default == DEMO_MODEL:
        raise Invalid("The demo model cannot tell whether a skill helps. Set SKILL_FLEET_MODEL, or give --model.")
    return asyncio.run(_run(table, tasks, guidance, asked.runs, asked.seed))


async def _run(table: ModelTable, tasks: Sequence[Task], guidance: str, runs: int, seed: int) -> list[Run]:
    total, done = len(tasks) * runs * 2, 0

    def tell(_run: Run) -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {total} runs" + ("\n" if done == total else ""))
            sys.stderr.flush()

    runner = StepRunner(table)
    try:
        return await run_all(runner, tasks, guidance, runs=runs, seed=seed, done=tell)
    finally:
        await runner.aclose()


def _read(path: Path, tasks: Sequence[Task]) -> list[Run]:
    """Kept replies, graded by code again. What a judge said of a check stays as it was."""
    try:
        runs = _RUNS.validate_json(path.read_bytes())
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from None
    except ValidationError:
        raise Invalid(f"{path} is not a file that `--replies` has written.") from None
    known = {task.id: task for task in tasks}
    return [_regraded(run, known[run.task]) for run in runs if run.task in known]


def _regraded(run: Run, task: Task) -> Run:
    if run.error:
        return run
    judged = {check.said for check in task.checks if check.judged is not None}
    if new := sorted(judged - set(run.checks)):
        raise Invalid(f"The kept replies were not judged by {new[0]!r}; ask the model again, without --again.")
    failed, _ = asyncio.run(grade(None, task, run.reply))
    failed = [said for said in failed if said not in judged or said in run.failed]
    return run.model_copy(update={"failed": failed, "checks": [check.said for check in task.checks]})


def _write(path: Path, runs: list[Run]) -> None:
    try:
        path.write_bytes(_RUNS.dump_json(runs, indent=1))
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror or type(error).__name__}.") from None


def _print(result: Result, *, as_json: bool) -> None:
    text = json.dumps(result.model_dump(mode="json"), indent=2, ensure_ascii=False) if as_json else in_words(result)
    sys.stdout.write(text + "\n")
