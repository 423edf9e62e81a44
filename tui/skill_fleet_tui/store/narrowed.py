"""A job's log narrowed to the lines that somebody looks for, under the headings that say where they are. Pure."""

from collections.abc import Callable
from typing import Final

from skill_fleet_tui.store.line import DETAILS, LineKind, LogLine
from skill_fleet_tui.store.outline import Folds, Outline

_NOWHERE: Final = -1
"""The entry of a phase whose heading is not to be seen."""


class Narrowed(Outline):
    """An outline of which only some lines are to be seen.

    Args:
        folds: What is folded away, besides.
        holds: Whether a line's text is one that is looked for.
    """

    def __init__(self, folds: Folds, holds: Callable[[str], bool]) -> None:
        super().__init__(folds)
        self._holds = holds
        self._above: list[tuple[int, LogLine, str]] = []
        """The headings of what comes next, of which nothing has been seen yet: a phase's, a module's."""

    @property
    def open_phase(self) -> str:
        """Key of the phase that has not ended, if its heading is to be seen."""
        return key if (key := super().open_phase) in self.numbers else ""

    def _head(self, number: int, line: LogLine, key: str) -> None:
        self._above = [] if line.kind is LineKind.PHASE else self._phase_above()
        if line.kind is LineKind.PHASE:
            self.phases[key].entry = _NOWHERE
        self._above.append((number, line, key))
        if self._holds(line.text):
            self._let_in()

    def _enter(self, number: int, line: LogLine) -> None:
        if not self._holds(line.text):
            return
        if line.kind not in DETAILS:
            self._above = self._phase_above()
        self._let_in()
        self._put(number, line)

    def _phase_above(self) -> list[tuple[int, LogLine, str]]:
        return [heading for heading in self._above if heading[2] in self.phases]

    def _let_in(self) -> None:
        above, self._above = self._above, []
        for number, line, key in above:
            if key in self.phases:
                self.phases[key].entry = len(self.entries)
            super()._head(number, line, key)
