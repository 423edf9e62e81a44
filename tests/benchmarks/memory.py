"""Memory of fifty long logs: what the store holds of each line, against the lines' texts in a list.

Every measurement is a process of its own that says by how much it grew, run as `memory ours|texts`. The note
says what 50 jobs of 20,000 lines come to, with the program itself, as it was at its start.
"""

import gc
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator

import psutil

from skill_fleet_common.events import Progress
from skill_fleet_tui.client.sse import read_event
from skill_fleet_tui.store.fleet import FleetState
from tests.benchmarks.measuring import Comparison, Say, alternate

TITLE = "Dashboard: memory of logs"

_ROUNDS = 2
_JOBS = 50
_LINES = 2_000
_LONG = 20_000
_TEXT = "The change of the schema was applied to a copy of the data, and back: row {number:>8} now"
_THERE_ANYWAY = ("skill_fleet_tui.app", "skill_fleet_tui.running.session")


def measure(say: Say) -> list[Comparison]:
    """Both, alternately."""
    say(f"{_ROUNDS} rounds of {_JOBS} jobs with {_LINES:,} lines each")
    ours, texts = alternate(_ROUNDS, lambda: _grown("ours"), lambda: _grown("texts"))
    lines = _JOBS * _LINES
    whole = [(began + (grown / lines) * _JOBS * _LONG) / 1e6 for began, grown in ours]
    return [
        Comparison(
            "a line of 86 characters", "its text in a list", "B",
            [grown / lines for _, grown in ours], [grown / lines for _, grown in texts],
            note=f"50 jobs of 20,000 lines: {sorted(whole)[len(whole) // 2]:.0f} MB",
        )
    ]  # fmt: skip


def _grown(what: str) -> tuple[float, float]:
    """Bytes of a process before and by its lines."""
    ran = subprocess.run([sys.executable, "-m", __name__, what], capture_output=True, text=True, check=True)
    began, ended = json.loads(ran.stdout)
    return began, ended - began


def main(what: str) -> None:
    for module in _THERE_ANYWAY:
        importlib.import_module(module)
    fleet, texts = FleetState(), []
    began = _held()
    for line in _stream():
        event = read_event(line)
        if what == "ours":
            fleet.apply(event)
        elif isinstance(event, Progress):
            texts.append(event.data.text)
    assert sum(len(job.log.lines) for job in fleet.jobs.values()) + len(texts) >= _JOBS * _LINES
    sys.stdout.write(json.dumps([began, _held()]))


def _stream() -> Iterator[str]:
    """Frames as JSON, made one by one: nothing but what is read from them stays."""
    pos = 0
    for job in range(_JOBS):
        of = {"v": 1, "job_id": f"job-{job:02}", "ts": "2026-11-20T14:01:02Z"}
        pos += 1
        created = {"type": "job_created", "pos": pos, "seq": 1, "data": {"task_description": "A skill"}}
        yield json.dumps({**of, **created})
        for number in range(_LINES):
            pos += 1
            said = {"type": "progress", "pos": pos, "seq": number + 2, "data": {"text": _TEXT.format(number=pos)}}
            yield json.dumps({**of, **said})


def _held() -> int:
    # Not the most it ever held: at its start that is what whoever started it held.
    gc.collect()
    return psutil.Process().memory_info().rss


if __name__ == "__main__":
    main(sys.argv[1])
