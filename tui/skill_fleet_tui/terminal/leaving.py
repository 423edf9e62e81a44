"""Leaving the dashboard: asked, signalled or crashed, the terminal is given back as it was, and how to return is said.

Imports little: it is there before the first paint.
"""

import asyncio
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp

SIGNALLED: Final = 128
"""Added to a signal's number, as shells do."""


PATIENCE_S: Final = 5.0
"""How long leaving may take that a signal has asked for."""


def obey_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with an exit code when the terminal is closed, or the program is asked to end.

    A terminal that is gone, or takes nothing any more, lets Textual wait for it for ever: then we do not.
    """
    loop = asyncio.get_running_loop()

    def obey(code: int) -> None:
        impatience = threading.Timer(PATIENCE_S, os._exit, (code,))
        impatience.daemon = True
        impatience.start()
        leave(code)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with suppress(NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, obey, SIGNALLED + number)


def crash_report(error: BaseException) -> str:
    """What happened and where, without the values of variables: among those are tokens and people's texts."""
    where = traceback.extract_tb(error.__traceback__)[-6:]
    lines = [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in where]
    return "\n".join([f"The dashboard has crashed ({type(error).__name__}). Jobs go on without it.", *lines])


def farewell(app: "SkillFleetApp") -> str:
    """What a person who leaves should know; empty when there is nothing."""
    fleet = app.fleet
    if fleet is None or app.options.replay is not None or not fleet.jobs:
        return ""
    alive = sum(not job.view.status.is_terminal for job in fleet.jobs.values())
    server = f" --server {app.options.url}" if app.options.url else ""
    where = f" --job {fleet.selected}" if fleet.selected else ""
    lines = [f"Come back with: skill-fleet-tui{server}{where}"]
    selected = fleet.jobs.get(fleet.selected) if fleet.selected else None
    if selected is not None and selected.view.result is not None and selected.promoted is None:
        lines.append(f"Keep {selected.view.result.name} with: skill-fleet skills promote {fleet.selected}")
    if alive:
        lines.insert(0, f"{alive} {'job goes' if alive == 1 else 'jobs go'} on in the background.")
    return "\n".join(lines)


def say(text: str) -> None:
    """Say something after the terminal is ours again; to nobody, if the terminal is gone."""
    with suppress(OSError):
        print(text, file=sys.stdout, flush=True)  # noqa: T201


def unsent(app: "SkillFleetApp") -> list[str]:
    """The names of the jobs whose open questions have an answer that was typed and not sent."""
    fleet = app.fleet
    names = []
    for job in fleet.jobs.values() if fleet is not None else ():
        prompt = job.view.prompt
        draft = fleet.drafts.get(prompt.prompt_id) if fleet is not None and prompt is not None else None
        if draft is not None and draft.typed and not (draft.accepted or draft.sending or draft.closed):
            names.append(job.title)
    return names
