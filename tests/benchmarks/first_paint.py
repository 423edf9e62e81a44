"""From exec to the first words on the screen: the dashboard, and a bare Textual app, each at a terminal of its own.

Most of it is Python, Textual's imports and its first layout, which no app escapes; the ratio says what the
dashboard adds. The second row waits until a recording of ten jobs is read to its end, which also takes pydantic
and the store. A new process and a new pty for every start; caches are warm.
"""

import fcntl
import json
import os
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from skill_fleet_common.jobs import Phase
from tests.benchmarks.measuring import Comparison, Say, alternate
from tests.unit.store.builders import Log, snapshot

TITLE = "Dashboard: from start to first paint (120×40)"

_ROUNDS = 9
_ROWS, _COLUMNS = 40, 120
_DEADLINE_S = 20.0
_JOBS = 10
_LINES = 200
"""That each of them says."""
_LAST = "last-of-all"
"""What the recording's last event names a job."""
_SEQUENCES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")


def measure(say: Say) -> list[Comparison]:
    """Both apps, alternately."""
    bare = [sys.executable, "-m", "tests.benchmarks.bare_app"]
    with tempfile.TemporaryDirectory() as directory:
        recording = Path(directory) / "recording.jsonl"
        recording.write_text(_recording(), encoding="utf-8")
        dashboard = [sys.executable, "-m", "skill_fleet_tui", "--replay", str(recording)]
        environment = {**os.environ, **_compiled_once(directory)}

        def until(command: list[str], shown: str) -> float:
            return _milliseconds(command, shown, environment)

        until(bare, "Skill Fleet")  # fills the caches
        until(dashboard, _LAST)
        say(f"first paint, {_ROUNDS} rounds")
        paint = alternate(_ROUNDS, lambda: until(dashboard, "Skill Fleet"), lambda: until(bare, "Skill Fleet"))
        say(f"ten jobs, {_ROUNDS} rounds")
        jobs = alternate(_ROUNDS, lambda: until(dashboard, _LAST), lambda: until(bare, "Skill Fleet"))
    return [
        Comparison("first paint", "a bare Textual app's", "ms", *paint),
        Comparison("ten jobs read", "a bare Textual app's first paint", "ms", *jobs),
    ]


def _compiled_once(directory: str) -> dict[str, str]:
    """Modules are compiled once, as an installation does, whatever this shell says about writing them down."""
    return {"PYTHONPYCACHEPREFIX": directory, "PYTHONDONTWRITEBYTECODE": ""}


def _recording() -> str:
    log = Log()
    for number in range(_JOBS):
        job = f"job-{number}"
        log.created(job, f"Skill {number}")
        log.phase(job, Phase.GENERATION)
        log.begins(job, "write_skill", Phase.GENERATION)
        for line in range(_LINES):
            log.says(job, f"Said as line {line}")
    log.says(job, "The end", name=_LAST)
    frames = [*snapshot(log, 0, []), *log.events]
    return "\n".join(json.dumps(frame.model_dump(mode="json", exclude_none=True)) for frame in frames)


def _milliseconds(command: list[str], sentinel: str, environment: Mapping[str, str]) -> float:
    """Until a program shows some text."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    environment = {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    try:
        _wait_for(master, sentinel.encode(), began + _DEADLINE_S)
        return (time.perf_counter() - began) * 1000
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _wait_for(master: int, sentinel: bytes, deadline: float) -> None:
    arrived = b""
    while sentinel not in _SEQUENCES.sub(b"", arrived):
        ready, _, _ = select.select([master], [], [], max(deadline - time.perf_counter(), 0))
        if not ready:
            raise TimeoutError(f"{sentinel.decode()!r} was not shown in {_DEADLINE_S} s: {arrived[-2000:]!r}")
        arrived += os.read(master, 65536)
