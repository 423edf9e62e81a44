"""A wall clock for one process that can be set ahead and back while it runs, as by who corrects a machine's time.

libfaketime stands between the process and its C library. Only the wall clock jumps: a monotonic one never does, and
what a file system says of its files is by a clock of its own.
"""

import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import libfaketime

_LIBRARY: Final = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
_HOUR: Final = 3600


class Clock:
    """One process's. What it says is kept in a file that the process looks into once a second."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, seconds: int) -> None:
        """Be ahead of the true time by so many seconds, or behind it by as many."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        """What the process must be started with."""
        return {
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


@functools.cache
def can_jump() -> bool:
    """Whether the library works here: it comes built for Linux on x86-64 alone."""
    if not (sys.platform == "linux" and _LIBRARY.exists()):
        return False
    environment = {**os.environ, "LD_PRELOAD": str(_LIBRARY), "FAKETIME": f"+{_HOUR}"}
    difference = "import os, time; print(time.clock_gettime(time.CLOCK_REALTIME) - os.stat('/proc/self').st_ctime)"
    shown = subprocess.run(
        [sys.executable, "-c", difference], env=environment | {"NO_FAKE_STAT": "1"}, capture_output=True, text=True
    )
    return shown.returncode == 0 and float(shown.stdout) > _HOUR / 2
