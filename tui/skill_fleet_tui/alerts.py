"""Tells a person who looks elsewhere: the terminal's title, one bell, one desktop notice. Says nothing twice."""

from collections.abc import Callable

from skill_fleet_tui.text.clean import clean_line

NAME = "Skill Fleet"


class Alerts:
    """Writes to the terminal what is no text.

    Args:
        write: Writes to the terminal as it is.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._title = ""

    def title(self, asking: int) -> None:
        """How many questions wait, in the terminal's title."""
        title = f"({asking}?) {NAME}" if asking else NAME
        if title != self._title:
            self._title = title
            self._write(f"\x1b]0;{title}\x07")

    def question(self, job: str) -> None:
        """A question has appeared and nobody is looking: ring once."""
        self._write("\x07")
        self._write(f"\x1b]9;{NAME}: {clean_line(job)[:60]} asks\x07")

    def close(self) -> None:
        """Leave no title behind."""
        if self._title:
            self._write("\x1b]0;\x07")
