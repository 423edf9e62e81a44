"""How large a difference is, and how sure: paired by task, with a bootstrap over tasks.

Tasks are what is resampled, because it is other tasks that the result is to hold for. Runs of one task only make its
own rate less noisy.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

FEWEST_RUNS: Final = 5
"""Of each task with and without the skill: with fewer a rate is a guess."""
FEWEST_TASKS: Final = 5
"""With fewer, resampling tasks says nothing about other tasks."""
RESAMPLES: Final = 10_000
_CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Paired:
    """One task's runs in both arms: which of them passed."""

    without: Sequence[bool]
    with_skill: Sequence[bool]

    @property
    def rates(self) -> tuple[float, float]:
        """The share that passed, without and with."""
        return fmean(self.without), fmean(self.with_skill)

    @property
    def difference(self) -> float:
        """With less without."""
        before, after = self.rates
        return after - before

    @property
    def is_enough(self) -> bool:
        """Whether there are runs enough to count the task."""
        return min(len(self.without), len(self.with_skill)) >= FEWEST_RUNS


@dataclass(frozen=True)
class Difference:
    """Over all tasks that count."""

    without: float
    with_skill: float
    low: float
    """Of the 95 % confidence interval of the difference."""
    high: float

    @property
    def value(self) -> float:
        """With less without."""
        return self.with_skill - self.without

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0

    @property
    def normalised_gain(self) -> float | None:
        """What share of the room that was left has been gained; `None` when there was none."""
        room = 1 - self.without
        return self.value / room if room > 0 else None


def difference(tasks: Mapping[str, Paired], seed: int) -> Difference | None:
    """The difference over the tasks with runs enough; `None` when there are too few such tasks."""
    counted = [paired for _, paired in sorted(tasks.items()) if paired.is_enough]
    if len(counted) < FEWEST_TASKS:
        return None
    differences = [paired.difference for paired in counted]
    chance = random.Random(seed)  # noqa: S311 - to be the same again
    means = sorted(fmean(chance.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
    tail = (1 - _CONFIDENCE) / 2
    without, with_skill = (fmean(rates) for rates in zip(*(paired.rates for paired in counted), strict=True))
    return Difference(without, with_skill, means[int(tail * RESAMPLES)], means[int((1 - tail) * RESAMPLES) - 1])


def worse(tasks: Mapping[str, Paired]) -> list[str]:
    """The tasks that pass less often with the skill, the worst first."""
    lower = [(paired.difference, name) for name, paired in tasks.items() if paired.is_enough and paired.difference < 0]
    return [name for _, name in sorted(lower)]
