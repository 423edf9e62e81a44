"""What checking a thousand skills costs: `skill-fleet validate`, and the reference validator on the same directories.

Both as a program of their own, from start to exit. The reference checks four fields of the frontmatter in one process;
ours runs every rule over all files, on all cores. Beside it, the memory of our largest process.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measuring import Comparison, Say, alternate
from tests.support.skills import good_skill

TITLE = "Validating"

_SKILLS = 1_000
_SECTIONS = 25
"""About 200 lines each."""
_ROUNDS = 3

_OURS = "import sys; from skill_fleet_tui.cli.main import main; sys.argv[0] = 'skill-fleet'; main()"
_PEAK = (
    "import resource, subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True, "
    "stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
_REFERENCE = (
    "import sys; from pathlib import Path; from skills_ref import validate\n"
    "assert not [one for one in sorted(Path(sys.argv[1]).iterdir()) if validate(one)]"
)


def measure(say: Say) -> list[Comparison]:
    """Alternately, on the same directories."""
    with tempfile.TemporaryDirectory() as directory:
        for number in range(_SKILLS):
            good_skill(number, sections=_SECTIONS).write(Path(directory))
        say(f"{_ROUNDS} rounds over {_SKILLS:,} skills")
        seconds = alternate(
            _ROUNDS,
            lambda: _seconds(_OURS, "validate", directory),
            lambda: _seconds(_REFERENCE, directory),
        )
        few = Path(directory, "few")
        for number in range(10):
            good_skill(number, sections=_SECTIONS).write(few)
        say("memory")
        memory = alternate(
            2, lambda: _megabytes(_OURS, "validate", directory), lambda: _megabytes(_OURS, "validate", str(few))
        )
    return [
        Comparison(
            f"{_SKILLS:,} skills", "skills-ref, four fields only", "s", *seconds, note=f"{os.cpu_count()} cores"
        ),
        Comparison(f"largest process, {_SKILLS:,} skills", "10 skills", "MB", *memory),
    ]


def _seconds(program: str, *arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _megabytes(program: str, *arguments: str) -> float:
    """Of the largest process, it and its own."""
    ran = subprocess.run(
        [sys.executable, "-c", _PEAK, program, *arguments], check=True, capture_output=True, text=True
    )  # fmt: skip
    return int(ran.stdout) / 1024
