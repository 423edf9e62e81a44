"""What all benchmarks share: taking turns with the baseline, medians, and how the result is written down."""

import json
import math
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

T = TypeVar("T")

Say = Callable[[str], None]
"""Told how far a benchmark is, in a line."""


def _times(ours: float, baseline: float) -> float:
    """How many times as much ours is; endless, where the baseline is too small to be measured."""
    return ours / baseline if baseline else math.inf


@dataclass(frozen=True)
class Comparison:
    """One thing measured against its baseline, both in every round."""

    what: str
    baseline_is: str
    unit: str
    ours: list[float]
    """One value per round."""
    baseline: list[float]
    note: str = ""

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return _times(median(self.ours), median(self.baseline))

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio of any one round: how far the ratio can be trusted."""
        ratios = [_times(ours, baseline) for ours, baseline in zip(self.ours, self.baseline, strict=True)]
        return min(ratios), max(ratios)


@dataclass(frozen=True)
class NotMeasured:
    """A benchmark that came to no result, which is said in its place."""

    why: str


Result = list[Comparison] | NotMeasured


def alternate(rounds: int, ours: Callable[[], T], baseline: Callable[[], T]) -> tuple[list[T], list[T]]:
    """Measure both in turn, so that whatever else the machine does meets both; who goes first changes every round."""
    values: tuple[list[T], list[T]] = [], []
    for number in range(rounds):
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            values[which].append((ours, baseline)[which]())
    return values


async def alternate_async(
    rounds: int, ours: Callable[[], Awaitable[T]], baseline: Callable[[], Awaitable[T]]
) -> tuple[list[T], list[T]]:
    """As `alternate`, for what is awaited."""
    first, second = await in_turn(rounds, ours, baseline)
    return first, second


async def in_turn(rounds: int, *contenders: Callable[[], Awaitable[T]]) -> list[list[T]]:
    """As `alternate_async`, for any number; the order turns round with every round."""
    values: list[list[T]] = [[] for _ in contenders]
    for number in range(rounds):
        for which in range(len(contenders)) if number % 2 == 0 else reversed(range(len(contenders))):
            values[which].append(await contenders[which]())
    return values


def say(line: str) -> None:
    """Report progress, out of the way of the result."""
    print(f"  {line}", file=sys.__stderr__, flush=True)


def machine() -> dict[str, Any]:
    """Where and when: without these an absolute number means nothing."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def as_json(about: Mapping[str, Any], results: Mapping[str, Result]) -> str:
    """For programs."""
    told = {
        name: {"not_measured": result.why} if isinstance(result, NotMeasured) else [_values(row) for row in result]
        for name, result in results.items()
    }
    return json.dumps({"machine": about, "benchmarks": told}, indent=2)


def _values(row: Comparison) -> dict[str, Any]:
    return {
        "what": row.what,
        "baseline_is": row.baseline_is,
        "unit": row.unit,
        "ours": row.ours,
        "baseline": row.baseline,
        "ratio": row.ratio,
        "spread": row.spread,
        "note": row.note,
    }


def as_text(about: Mapping[str, Any], results: Mapping[str, Result]) -> str:
    """For people: a table, ratios first."""
    head = ("", "ratio", "rounds", "ours", "baseline", "")
    table = {
        name: [_cells(row) for row in result] for name, result in results.items() if not isinstance(result, NotMeasured)
    }
    cells = [head, *(row for rows in table.values() for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]

    def line(row: tuple[str, ...]) -> str:
        first, *numbers, last = (
            cell.rjust(width) if 0 < at < len(head) - 1 else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join([f"  {first}", *numbers, last]).rstrip()

    lines = [
        "{date} · {processor}, {cores} cores, load {load} · Python {python} on {system}".format(**about),
        line(head),
    ]
    for name, result in results.items():
        lines += ["", name]
        lines += [f"  not measured: {result.why}"] if isinstance(result, NotMeasured) else map(line, table[name])
    return "\n".join(lines)


def _cells(row: Comparison) -> tuple[str, ...]:
    low, high = row.spread
    against = f"against {row.baseline_is}" + (f"; {row.note}" if row.note else "")
    return (
        row.what,
        f"{row.ratio:.2f}×",
        f"{low:.2f}–{high:.2f}",
        _amount(median(row.ours), row.unit),
        _amount(median(row.baseline), row.unit),
        against,
    )


def _amount(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
