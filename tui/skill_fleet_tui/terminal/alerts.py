"""Tells a person who looks elsewhere: the terminal's title, one bell, one desktop notice. Says nothing twice."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final, Literal

from skill_fleet_tui.text.clean import clean_line

NAME: Final = "skill-fleet"

COLLECT_SECONDS: Final = 0.4
"""Questions that appear within this time are one alert."""

QUIET_SECONDS: Final = 5.0
"""At least so long between two alerts."""

NAME_CHARACTERS: Final = 60
NAMES_TOLD: Final = 3

When = Literal["unfocused", "always", "never"]
"""While the terminal has no focus, whatever it has, or not at all. The title is always kept."""


class Alerts:
    """Writes to the terminal what is no text.

    Args:
        write: Writes to the terminal as it is.
        clock: Monotonic seconds.
        when: When to ring.
        bell: Ring the terminal's bell.
        notice: Ask the terminal for a desktop notice (OSC 9).
        titled: Say in the terminal's title how many questions wait.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        clock: Callable[[], float] = monotonic,
        *,
        when: When = "unfocused",
        bell: bool = True,
        notice: bool = True,
        titled: bool = True,
    ) -> None:
        self._write, self._clock = write, clock
        self._when, self._bell, self._notice, self._titled = when, bell, notice, titled
        self._title = ""
        self._news: dict[str, float] = {}
        """When each job's question appeared that nobody has been told of."""
        self._rang = float("-inf")

    def title(self, asking: int) -> None:
        """How many questions wait, in the terminal's title."""
        title = f"({asking}?) {NAME}" if asking else NAME
        if self._titled and title != self._title:
            self._title = title
            self._write(f"\x1b]0;{title}\x07")

    def asked(self, job_id: str) -> None:
        """A job has begun to ask."""
        self._news.setdefault(job_id, self._clock())

    def beat(self, asking: Mapping[str, str], *, focused: bool) -> None:
        """Ring, if somebody has to be told.

        Args:
            asking: The names of the jobs that ask now, by id; a question that was answered meanwhile is no news.
            focused: Whether the terminal has the focus; who looks at it sees the question.
        """
        if not self._news:
            return
        if self._when == "never" or (focused and self._when == "unfocused"):
            self._news.clear()
            return
        self._news = {job_id: since for job_id, since in self._news.items() if job_id in asking}
        now = self._clock()
        settled = self._news and now - min(self._news.values()) >= COLLECT_SECONDS
        if settled and now - self._rang >= QUIET_SECONDS:
            self._ring([asking[job_id] for job_id in self._news])
            self._news.clear()
            self._rang = now

    def _ring(self, names: list[str]) -> None:
        if self._bell:
            self._write("\x07")
        if self._notice:
            self._write(f"\x1b]9;{NAME}: {_said(names)}\x07")

    def close(self) -> None:
        """Leave no title behind."""
        if self._title:
            self._title = ""
            self._write("\x1b]0;\x07")


def _said(names: list[str]) -> str:
    cleaned = [clean_line(name)[:NAME_CHARACTERS] for name in names]
    if len(cleaned) == 1:
        return f"{cleaned[0]} asks"
    more = f" and {len(cleaned) - NAMES_TOLD} more" if len(cleaned) > NAMES_TOLD else ""
    return f"{len(cleaned)} jobs ask: {', '.join(cleaned[:NAMES_TOLD])}{more}"
