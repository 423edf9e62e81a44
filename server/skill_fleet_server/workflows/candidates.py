"""Best of n: several candidates of one text, written side by side, of which the best by documented measures is kept.

The order is that of `quality.comparison.rank`. No model chooses, and one that fails is left out.
"""

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from pydantic import BaseModel

from skill_fleet_server.programs.values import Body
from skill_fleet_server.quality.comparison import Assessment, in_words, rank
from skill_fleet_server.workflows.job_run import JobFailedError, JobRun
from skill_fleet_server.workflows.side_by_side import side_by_side


class Write(Protocol):
    """Writes one candidate."""

    def __call__(self, *, step: str, label: str, candidate: int) -> Coroutine[Any, Any, Body]:
        """As the step of that name; `candidate` counts from 0, and is what makes one differ from the next."""
        ...


class Written(BaseModel):
    """One candidate."""

    number: int
    """Counted from 1."""
    step: str
    body: str


async def several(job: JobRun, write: Write, *, step: str, label: str = "") -> list[Written]:
    """As many candidates as the settings ask for, in order; at least one.

    Raises:
        JobFailedError: If none could be written.
    """
    wanted = await job.candidates()
    steps = [step if wanted == 1 else f"{step}/c{number}" for number in range(1, wanted + 1)]
    labels = [
        label if wanted == 1 else f"{label}, candidate {number}".removeprefix(", ") for number in range(1, wanted + 1)
    ]
    if wanted > 1:
        await job.tell(f"Writing {wanted} candidates, of which the best is kept")

    async def one(index: int) -> Written | JobFailedError:
        try:
            body = await write(step=steps[index], label=labels[index], candidate=index)
        except JobFailedError as failure:
            return failure
        return Written(number=index + 1, step=steps[index], body=body.body)

    async with side_by_side() as group:
        tasks = [group.create_task(one(index)) for index in range(wanted)]
    ended = [task.result() for task in tasks]
    written = [each for each in ended if isinstance(each, Written)]
    if not written:
        raise next(each for each in ended if isinstance(each, JobFailedError))
    return written


def best(assessed: Sequence[Assessment]) -> int:
    """The index of the best; of equals the first."""
    return max(range(len(assessed)), key=lambda index: (rank(assessed[index]), -index))


async def say_which(job: JobRun, written: Sequence[Written], chosen: int, assessed: Sequence[Assessment]) -> None:
    """Tell which candidate is kept, why, and what all of them cost."""
    usage = await job.usage_of([each.step for each in written])
    tokens = usage.input_tokens + usage.output_tokens
    cost = f", ${usage.cost:.4f}" if usage.cost else ""
    unknown = " and what has no known price" if usage.unpriced_calls else ""
    await job.tell(
        f"Candidate {written[chosen].number} is kept ({in_words(assessed[chosen])}); "
        f"the {len(written)} together took {tokens:,} tokens{cost}{unknown}"
    )
