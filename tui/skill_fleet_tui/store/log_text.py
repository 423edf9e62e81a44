"""A job's whole log as plain text, for a pager or a file. Knows no screen."""

from datetime import tzinfo
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from skill_fleet_tui.store.job import JobState

_DEPTHS: Final = {"module": 1, "retry": 1, "progress": 1, "file": 1, "phase_end": 1, "quote": 2}
"""By kind of line; reasoning and outputs stand deepest, all others at the margin."""

_DEEPEST: Final = 3
_CLOCK: Final = "%Y-%m-%d %H:%M:%S"


def log_text(job: "JobState", zone: tzinfo | None = None) -> str:
    """Every line, nothing folded and nothing wrapped; `zone` is where the times of day are from."""
    lines = [f"{job.title}  ({job.id}, {job.view.status})", ""]
    for line in job.log.lines:
        at = line.ts.astimezone(zone).strftime(_CLOCK) if line.ts is not None else ""
        depth = _DEPTHS.get(line.kind, _DEEPEST if line.kind in ("reasoning", "output") else 0)
        lines.append(f"{at:<21}{'  ' * depth}{line.text}".rstrip())
    if job.history_missing:
        lines.append("Not all of this job's past has been read yet.")
    return "\n".join(lines) + "\n"
