"""A program at a terminal of its own (a pty) that says what it costs: CPU, memory, bytes written.

Run as `python -m tests.benchmarks.terminals MODULE ARGUMENT…`, a module becomes such a program: at each signal
it writes its CPU time and its largest memory to a pipe. Asking from outside would need another way on every system.
"""

import asyncio
import fcntl
import json
import os
import resource
import runpy
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

_REPORT_TO = "BENCHMARK_REPORT_TO"
_DEADLINE_S = 10.0


class Program:
    """A module that runs at a terminal of some size, whose output is read and counted as it comes."""

    def __init__(
        self, module: str, *arguments: str, size: tuple[int, int] = (140, 45), environment: Mapping[str, str]
    ) -> None:
        self._command = [sys.executable, "-m", __name__, module, *arguments]
        self._size = size
        self._environment = environment
        self._reports: asyncio.Queue[bytes] = asyncio.Queue()
        self.written = 0
        """Bytes that the terminal got so far."""

    def _start(self) -> None:
        self._terminal, slave = os.openpty()
        columns, rows = self._size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._pipe, report_to = os.pipe()
        self._process = subprocess.Popen(
            self._command, stdin=slave, stdout=slave, stderr=slave, pass_fds=[report_to], start_new_session=True,
            env={**os.environ, **at_terminal(), **self._environment, _REPORT_TO: str(report_to)},
        )  # fmt: skip
        os.close(slave)
        os.close(report_to)

    async def __aenter__(self) -> Self:
        self._start()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._terminal, self._read)
        loop.add_reader(self._pipe, lambda: self._reports.put_nowait(os.read(self._pipe, 4096)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for file in (self._terminal, self._pipe):
            loop.remove_reader(file)
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)
        os.close(self._pipe)

    async def costs(self) -> dict[str, float]:
        """`cpu_s` since the start, and `memory_mb` at most."""
        self._process.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(_DEADLINE_S):
            return json.loads(await self._reports.get())

    def _read(self) -> None:
        try:
            self.written += len(os.read(self._terminal, 1 << 16))
        except OSError:
            asyncio.get_running_loop().remove_reader(self._terminal)


def at_terminal() -> dict[str, str]:
    """What an environment says of a good terminal that is not far away."""
    return {"TERM": "xterm-256color", "COLORTERM": "truecolor", "SSH_CONNECTION": "", "SSH_TTY": ""}


def _report(*_: object) -> None:
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    os.write(int(os.environ[_REPORT_TO]), json.dumps({"cpu_s": time.process_time(), "memory_mb": memory}).encode())


def main(arguments: Sequence[str]) -> None:
    fcntl.ioctl(sys.stdin, termios.TIOCSCTTY, 0)  # from now on the terminal's end is the program's
    signal.signal(signal.SIGUSR1, _report)
    sys.argv = [*arguments]
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
