"""Plays a recorded log into the dashboard: one frame's JSON per line, as the stream sent it."""

import asyncio
from pathlib import Path
from time import monotonic

from skill_fleet_tui.client.errors import ClientError
from skill_fleet_tui.client.sse import read_event
from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.store.fleet import FleetState

READING_SECONDS = 0.004
"""How long is read in one go; then the screen and the keyboard get their turn."""


async def replay(path: Path, fleet: FleetState) -> None:
    """Play a whole recording.

    Raises:
        ClientError: If the file cannot be read or a line is not a frame; names the line.
    """
    fleet.connection.become(Link.REPLAY, path.name)
    try:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ClientError(f"The recording cannot be read: {said} ({path}).") from error
    pause_at = monotonic() + READING_SECONDS
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            event = read_event(line)
        except ClientError as error:
            raise ClientError(f"Line {number} of {path} is not a frame of the stream.") from error
        fleet.apply(event)
        if monotonic() > pause_at:
            await asyncio.sleep(0)
            pause_at = monotonic() + READING_SECONDS
    if fleet.selected is None and fleet.jobs:
        fleet.select(fleet.order()[0])
