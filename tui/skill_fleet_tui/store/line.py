"""One line of a job's log: what it is about and what it adds up to.

Imports no events: the log view is there at the first paint, before pydantic is.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from skill_fleet_tui.store.tally import Tally


class LineKind(StrEnum):
    """What a line of the log is about; decides how it looks."""

    JOB = "job"
    QUOTE = "quote"
    PHASE = "phase"
    PHASE_END = "phase_end"
    """Stands in the log's text; on the screen it is in the phase's heading."""
    MODULE = "module"
    RETRY = "retry"
    PROGRESS = "progress"
    PROMPT = "prompt"
    ANSWER = "answer"
    FILE = "file"
    REASONING = "reasoning"
    OUTPUT = "output"
    ERROR = "error"


DETAILS = frozenset({LineKind.REASONING, LineKind.OUTPUT})
"""Kinds that are folded away until somebody asks for them."""


class LogLine(NamedTuple):
    """One line of a job's log, before it is wrapped."""

    kind: LineKind
    text: str
    ts: datetime | None = None
    """When, on the lines that begin something."""
    phase: str = ""
    step: str = ""
    tally: Tally | None = None
    """What it adds to the sums of its phase."""
