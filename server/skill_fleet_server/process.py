"""One run of a program that goes on until it is stopped: all that a server and a worker do alike.

Logs and traces, the event loop and its threads, signals, and one sentence on stderr where it cannot run. What a program
does, and what it needs first, is its own: see `serve` and `worker`, which alone import this.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Final

from sqlalchemy.exc import DatabaseError

from skill_fleet_common import __version__
from skill_fleet_server import logs, tracing
from skill_fleet_server.errors import SkillFleetError
from skill_fleet_server.http_server import loop_factory
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.settings import ServerSettings

EXIT_FORCED: Final = 130

_THREADS: Final = 32
"""For everything that blocks: database reads, files, name look-ups."""


class Stop(asyncio.Event):
    """Set when the process is to end."""

    def __init__(self) -> None:
        super().__init__()
        self.last_act: Callable[[], object] = lambda: None
        """What must be done even by a process that is ended at once."""

    def on_signal(self) -> None:
        """A signal asks the process to end."""
        if self.is_set():
            # The second time somebody means it. Everything accepted is in the database.
            self.last_act()
            os._exit(EXIT_FORCED)
        self.set()


Work = Callable[[Stop], Coroutine[Any, Any, None]]
"""What a program does until it is to stop."""


def run(settings: ServerSettings, name: str, prepared: AbstractContextManager[Work], *, trouble: str) -> int:
    """Run a program until a signal, or its own wish, ends it; returns the process's exit code.

    Args:
        settings: Of the process.
        name: What traces call this kind of process.
        prepared: Holds what the program needs for as long as it runs.
        trouble: Begins the sentence that says how a file or a database kept it from running.
    """
    logs.configure(settings.log_level, settings.log_format)
    try:
        with (
            tracing.started(settings.otlp_endpoint, process=name, version=__version__),
            prepared as work,
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            runner.run(_until_stopped(work))
    except SkillFleetError as error:
        return _refusal(error.detail, error.exit_code)
    except (DatabaseError, sqlite3.Error, OSError) as error:
        return _refusal(f"{trouble}: {getattr(error, 'orig', error)}.", SkillFleetError.exit_code)
    except KeyboardInterrupt:
        return EXIT_FORCED
    return 0


def say(what: str, models: ModelTable, *more: str) -> None:
    """The one line on stdout: what runs, with which model, and whatever else there is to know."""
    demo = ", a demo: no model is configured" if models.is_demo else ""
    line = " · ".join([f"Skill Fleet {__version__} {what}", f"model {models.default}{demo}", *more])
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _until_stopped(work: Work) -> None:
    stop = Stop()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="blocking"))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.on_signal)
    await work(stop)


def _refusal(sentence: str, code: int) -> int:
    sys.stderr.write(f"skill-fleet: {sentence}\n")
    return code
