"""Tells who has been silent too long, by nobody's clock but the watcher's own.

The clocks of machines jump. A heartbeat is a moment by the database's clock, but all that is asked of it here is
whether it is still the same one: so a database whose clock is set back hides no death, and one whose clock is set ahead
buries nobody. Pure; used by the members of a fleet.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

SILENCE_S: Final = 8.0
"""After this long without a heartbeat a member is taken for dead. With the beat and the queue's poll, its jobs go on
elsewhere within 15 s."""

LOOK_S: Final = 3.0
"""Longest time that counts as watched between two looks: who was away itself, or could not reach the database, does not
know whether the others were silent."""

LEFT: Final = datetime.fromtimestamp(0, UTC)
"""The last heartbeat of a member that ended in good order: nobody waits for another."""


class Watch:
    """What one member has heard of the others. A clock that only counts up is given to every look, in seconds."""

    def __init__(self) -> None:
        self._looked_at: float | None = None
        self._watched_s = 0.0
        self._last_heard: dict[str, tuple[datetime, float]] = {}
        """The last heartbeat of each, and how long had been watched when it was first seen."""

    def look(self, heartbeats: Mapping[str, datetime], now: float) -> list[str]:
        """Take note of the last heartbeat of everybody else; returns who is to be taken for dead."""
        if self._looked_at is not None:
            self._watched_s += min(now - self._looked_at, LOOK_S)
        self._looked_at = now
        known = self._last_heard
        self._last_heard = {
            executor: known[executor] if executor in known and known[executor][0] == beat else (beat, self._watched_s)
            for executor, beat in heartbeats.items()
        }
        return [executor for executor, (beat, at) in self._last_heard.items() if beat <= LEFT or self._is_long_ago(at)]

    def _is_long_ago(self, at: float) -> bool:
        return self._watched_s - at >= SILENCE_S
