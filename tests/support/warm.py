"""Starts the server's program without its two seconds of imports, which is most of what a process in a test costs.

A process that has imported everything, and done nothing else, forks for each start. What comes of that is a process of
its own, in a session of its own, with the environment and the output that it is given, and it runs what
`python -m skill_fleet_server` runs. Tests of the command line start the program itself.

Run as a program this is the process that forks.
"""

import atexit
import functools
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Final, TextIO

_PROGRAM: Final = "skill_fleet_server"
_BYTES: Final = 1 << 17
"""Most that a start may say: arguments and the environment."""


class Forked:
    """A process that was started so. Does what is needed here of what `subprocess.Popen` does."""

    def __init__(self, pid: int, stdout: TextIO, fate: int) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._fate = fate
        """Where its parent writes how it ended."""

    def poll(self) -> int | None:
        """How it ended; `None` while it runs."""
        return self._learn(0.0)

    def wait(self) -> int:
        """Wait until it has ended; returns how."""
        while (code := self._learn(None)) is None:
            pass
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`."""
        self.send_signal(signal.SIGKILL)

    def _learn(self, within: float | None) -> int | None:
        if self.returncode is None and _is_readable(self._fate, within):
            said = os.read(self._fate, 16)
            os.close(self._fate)
            # Nothing is said where the parent itself was killed: then nobody knows, and it is over for the test.
            self.returncode = int(said) if said else -signal.SIGKILL
        return self.returncode


def start(arguments: list[str], environment: Mapping[str, str], stderr: TextIO) -> Forked:
    """Start the program with these arguments; its output is in `stdout`, its complaints go to `stderr`."""
    read, write = os.pipe()
    learn, tell = os.pipe()
    try:
        template = _template()
        said = {"arguments": arguments, "environment": dict(environment), "directory": os.getcwd()}
        socket.send_fds(template, [json.dumps(said).encode()], [write, stderr.fileno(), tell])
        pid = int(template.recv(16) or 0)
        if not pid:
            raise ChildProcessError("The process that starts others has ended.")
    except BaseException:
        os.close(read)
        os.close(learn)
        raise
    finally:
        os.close(write)
        os.close(tell)
    return Forked(pid, os.fdopen(read), learn)


def can_start(environment: Mapping[str, str]) -> bool:
    """Whether a fork is the same there: on Linux, unless something must stand before the program."""
    return sys.platform == "linux" and "LD_PRELOAD" not in environment


@functools.cache
def _template() -> socket.socket:
    """The process that forks: one for each process of tests, begun with the first start."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            # Wherever a test stands, and with nothing of the tests before the libraries.
            [sys.executable, "-P", __file__, str(theirs.fileno())],
            env={**os.environ, "PYTHONFAULTHANDLER": "1"},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


# --- the process that forks -------------------------------------------------------------------------------------------


class _Parent:
    """Forks when it is told to, and tells how its children ended."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._fates: dict[int, int] = {}

    def obey(self) -> list[str]:
        """Fork for each order. Returns in the child alone: the arguments that it is to run with."""
        signal.signal(signal.SIGCHLD, self._bury)
        while True:
            said, files, _, _ = socket.recv_fds(self._orders, _BYTES, 3)
            if not said:
                os._exit(0)
            # A child that ends at once is not to be buried before its fate has a place.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
            pid = os.fork()
            if not pid:
                return self._become(json.loads(said), files)
            out, err, self._fates[pid] = files
            os.close(out)
            os.close(err)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            self._orders.send(str(pid).encode())

    def _become(self, order: dict[str, Any], files: list[int]) -> list[str]:
        """In the child: be as if just started."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        os.setsid()
        os.dup2(files[0], 1)
        os.dup2(files[1], 2)
        for file in (*files, *self._fates.values()):
            os.close(file)
        self._orders.close()
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["directory"])
        time.tzset()
        return order["arguments"]

    def _bury(self, _number: int, _frame: object) -> None:
        while self._fates:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with open(self._fates.pop(pid), "wb") as fate:
                fate.write(str(os.waitstatus_to_exitcode(status)).encode())


def _is_readable(file: int, within: float | None) -> bool:
    return bool(select.select([file], [], [], within)[0])


def _main(orders: int) -> None:
    import skill_fleet_server.serve
    import skill_fleet_server.worker  # noqa: F401 - what is imported before the fork is not imported after it

    gc.collect()
    gc.freeze()
    arguments = _Parent(socket.socket(fileno=orders)).obey()
    sys.argv = [_PROGRAM, *arguments]
    runpy.run_module(_PROGRAM, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
