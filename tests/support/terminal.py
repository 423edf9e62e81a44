"""A program at a real terminal (a pty): what it shows, and what a person types."""

import os
import re
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

_SEQUENCES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][AB0]|\x1b\][^\x07]*\x07")


class Terminal:
    """One program, run at a terminal of its own."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._master, slave = os.openpty()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environment, "TERM": "xterm"},
            start_new_session=True,
        )
        os.close(slave)
        self._unread = ""
        self.shown = ""

    def expect(self, *texts: str, within: float = 30.0) -> str:
        """Wait until the program shows one of these after what was expected before; returns which came first."""
        deadline = time.monotonic() + within
        while not any(text in self._unread for text in texts):
            if time.monotonic() > deadline or not self._read():
                raise AssertionError(f"none of {texts} was shown; this was:\n{self.shown[-3000:]}")
        _, first = min((self._unread.index(text), text) for text in texts if text in self._unread)
        self._unread = self._unread.partition(first)[2]
        return first

    def enter(self, *lines: str) -> None:
        """Type lines, each ended with enter."""
        for line in lines:
            os.write(self._master, f"{line}\n".encode())

    def exit_code(self, *, within: float = 30.0) -> int:
        """Wait for the program's end."""
        deadline = time.monotonic() + within
        while self._process.poll() is None and time.monotonic() < deadline:
            self._read()
        return self._process.wait(1)

    def _read(self) -> bool:
        readable, _, _ = select.select([self._master], [], [], 0.2)
        if not readable:
            return self._process.poll() is None
        try:
            arrived = _SEQUENCES.sub("", os.read(self._master, 65536).decode(errors="replace"))
        except OSError:
            return False
        self._unread += arrived
        self.shown += arrived
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)
