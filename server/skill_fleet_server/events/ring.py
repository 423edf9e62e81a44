"""The newest events as encoded frames, shared by every connection that is close to the head."""

from collections import deque
from typing import Final

from skill_fleet_server.events.transaction import Encoded

_BYTES: Final = 16 * 1024 * 1024
"""What the ring may hold, in bytes of frames."""


class Ring:
    """A window over the end of the log. Positions in it are contiguous."""

    def __init__(self, head: int, *, capacity: int = _BYTES) -> None:
        self._frames: deque[Encoded] = deque()
        self._bytes = 0
        self._capacity = capacity
        self._before = head
        """The position just before the oldest frame held."""

    def extend(self, frames: list[Encoded]) -> None:
        """Add committed events, in order, after the newest. A gap (what was trimmed) begins the window anew."""
        for encoded in frames:
            if encoded.pos != self._before + len(self._frames) + 1:
                self._frames.clear()
                self._bytes, self._before = 0, encoded.pos - 1
            self._frames.append(encoded)
            self._bytes += len(encoded.frame)
        while self._bytes > self._capacity:
            oldest = self._frames.popleft()
            self._bytes -= len(oldest.frame)
            self._before = oldest.pos

    def covers(self, after: int) -> bool:
        """Whether every event after this position is in the window."""
        return after >= self._before

    def after(self, pos: int, limit: int) -> list[Encoded]:
        """Up to `limit` events after a position that `covers` allows."""
        start = pos - self._before
        # Indexing a deque is fast only near its ends, where connections that keep up are.
        return [self._frames[i] for i in range(start, min(start + limit, len(self._frames)))]
