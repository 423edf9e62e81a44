"""One widget alone, with a recorded log in it, to look at while it is worked on.

    skill-fleet events JOB --json > recording.jsonl
    python -m skill_fleet_tui.widgets.timeline recording.jsonl

Imported only by widgets that are run as programs.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import App
from textual.widget import Widget

from skill_fleet_tui.client.sse import read_event
from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.store.fleet import FleetState
from skill_fleet_tui.store.listing import arranged
from skill_fleet_tui.widgets.job_list import JobList

BEAT_SECONDS = 0.1

W = TypeVar("W", bound=Widget)


def look(widget: W, sync: Callable[[W, FleetState, datetime], object]) -> None:
    """Show a widget over the recording that the command line names, the most urgent job selected.

    Args:
        widget: What to look at.
        sync: Brings it up to date.
    """
    fleet = FleetState()
    fleet.connection.become(Link.REPLAY)
    for name in sys.argv[1:]:
        for line in filter(None, Path(name).read_text(encoding="utf-8").splitlines()):
            fleet.apply(read_event(line))
    fleet.select(next((row.job_id for row in arranged(fleet.jobs)), None))

    class Look(App[None]):
        BINDINGS: ClassVar = [("q", "quit")]

        def on_mount(self) -> None:
            self.mount(widget)
            self.call_after_refresh(widget.focus)
            self.set_interval(BEAT_SECONDS, lambda: sync(widget, fleet, datetime.now(UTC)))

        def on_job_list_selected(self, message: JobList.Selected) -> None:
            fleet.select(message.job_id)

    Look().run()
