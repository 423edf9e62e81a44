"""How often the screen is brought up to date: one beat for everything, a slower one for lists and counters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.app import App
    from textual.timer import Timer

FAST_SECONDS: Final = 1 / 30
"""Text as it is written."""

SSH_BEATS: Final = 7
"""The same over a slow line, where every byte counts: so many times a second."""

SLOW_SECONDS: Final = 1 / 4
"""The job list, the counters, the times."""

RESTING_BEATS: Final = 4
"""Of so many slow beats one is enough while nothing happens: the times are in whole seconds."""


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


class Pulse:
    """Beats fast while something comes, then slowly, and once a second when nothing has happened for a second.

    Args:
        tick: How fast, and how slowly.
        beat: What to do; `urgent=True` where only the time has changed.
    """

    def __init__(self, tick: Tick, beat: Callable[..., None]) -> None:
        self._tick, self._beat = tick, beat
        self._fast: Timer | None = None
        self._heard = self._rests = False
        self._rested = 0

    def begin(self, app: "App[Any]") -> None:
        """Beat until the app ends."""
        self._fast = app.set_interval(self._tick.fast, self._beat_fast)
        app.set_interval(self._tick.slow, self._beat_slowly)

    def hear(self) -> None:
        """Something has come, or a person does something."""
        self._heard, self._rests, self._rested = True, False, 0
        if self._fast is not None:
            self._fast.resume()

    def _beat_fast(self) -> None:
        if self._heard:
            self._heard = False
            self._beat()
        elif self._fast is not None:
            self._rests = True
            self._fast.pause()

    def _beat_slowly(self) -> None:
        if not self._rests:
            return
        if self._rested < RESTING_BEATS or self._rested % RESTING_BEATS == 0:
            self._beat(urgent=True)
        self._rested += 1


def tick_for(environment: Mapping[str, str], *, ssh_beats: int = SSH_BEATS) -> Tick:
    """The beat that suits the terminal."""
    remote = any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
    return Tick(1 / ssh_beats if remote else FAST_SECONDS)
