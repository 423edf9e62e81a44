"""How often the screen is brought up to date: one beat for everything, a slower one for lists and counters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FAST_SECONDS: Final = 1 / 30
"""Text as it is written."""

SSH_BEATS: Final = 7
"""The same over a slow line, where every byte counts: so many times a second."""

SLOW_SECONDS: Final = 1 / 4
"""The job list, the counters, the times."""


@dataclass
class Tick:
    """Decides what a beat brings up to date."""

    fast: float = FAST_SECONDS
    """Seconds between beats."""
    slow: float = SLOW_SECONDS
    _last_slow: float = float("-inf")

    def is_slow(self, now: float, *, urgent: bool) -> bool:
        """Whether this beat is also for the list and the counters. What a person waits for is shown at once."""
        if not urgent and now - self._last_slow < self.slow:
            return False
        self._last_slow = now
        return True


def tick_for(environment: Mapping[str, str], *, ssh_beats: int = SSH_BEATS) -> Tick:
    """The beat that suits the terminal."""
    remote = any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
    return Tick(1 / ssh_beats if remote else FAST_SECONDS)
