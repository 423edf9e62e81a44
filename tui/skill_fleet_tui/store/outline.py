"""A job's log as it is read: phases with what happened in them, modules with their details, some of it folded away.

Pure: lines go in as they are told, what is to be seen comes out. Knows no screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from skill_fleet_tui.store.line import DETAILS, LineKind, LogLine
from skill_fleet_tui.store.tally import Tally
from skill_fleet_tui.text.amounts import elapsed_text


@dataclass
class Folds:
    """What a person has folded away in one job's log."""

    details: bool = False
    """Whether modules show their reasoning and outputs, but for those in `turned`."""
    phases: set[str] = field(default_factory=set)
    """Keys of the phases that are folded."""
    turned: set[str] = field(default_factory=set)
    """Keys of the modules that do not do as `details` says."""

    def is_open(self, key: str) -> bool:
        """Whether what stands under a heading is shown."""
        if key.startswith(_MODULE):
            return self.details != (key in self.turned)
        return key not in self.phases

    def turn(self, key: str) -> None:
        """Fold what is open, open what is folded."""
        (self.turned if key.startswith(_MODULE) else self.phases).symmetric_difference_update({key})

    def turn_details(self) -> None:
        """All modules show their details, or none does."""
        self.details, self.turned = not self.details, set()


class Taken(NamedTuple):
    """What new lines change in what is seen."""

    added: int
    """Number of the first new entry."""
    changed: frozenset[int]
    """Entries before it that read differently now."""


@dataclass
class _Phase:
    key: str
    entry: int
    began: datetime | None
    tally: Tally = field(default_factory=Tally)
    is_over: bool = False


class Outline:
    """The entries to be seen of lines that keep coming, under folds that stay as they are."""

    def __init__(self, folds: Folds) -> None:
        self.entries: list[LogLine] = []
        """What is to be seen."""
        self.numbers: dict[str, int] = {}
        """Of the entries that are headings, by key, in their order."""
        self.keys: dict[int, str] = {}
        """Of the headings, by number."""
        self.phases: dict[str, _Phase] = {}
        self.told: list[int] = []
        """Of the entries, the numbers of their lines."""
        self._folds = folds
        self._taken = 0
        self._phase: _Phase | None = None
        self._waiting: dict[str, list[tuple[int, LogLine]]] = {}
        self._module = ""
        self._with_details: set[str] = set()

    @property
    def open_phase(self) -> str:
        """Key of the phase that has not ended; empty if there is none."""
        return self._phase.key if self._phase is not None else ""

    def take(self, lines: Sequence[LogLine]) -> Taken:
        """Take in further lines."""
        added, changed = len(self.entries), set[int]()
        for number, line in enumerate(lines, self._taken):
            if line.tally is None and line.kind not in _SPECIAL:
                if not self._is_hidden():
                    self._enter(number, line)
                continue
            phase = self._phase
            self._one(number, line)
            if phase is not None and (line.tally is not None or phase.is_over):
                phase.tally = phase.tally.plus(line.tally)
                changed.add(phase.entry)
        self._taken += len(lines)
        return Taken(added, frozenset(entry for entry in changed if 0 <= entry < added))

    def _one(self, number: int, line: LogLine) -> None:
        if line.kind is LineKind.PHASE_END:
            self._let_out()
            if self._phase is not None:
                self._phase.is_over, self._phase = True, None
        elif line.kind is LineKind.PHASE:
            self._let_out()
            self._overtaken(line)
            key = f"{line.phase}@{line.ts.isoformat() if line.ts else len(self.phases)}"
            self._phase = self.phases[key] = _Phase(key, len(self.entries), line.ts)
            self._head(number, line, key)
        elif line.kind is LineKind.REASONING and line.step != self._module.removeprefix(_MODULE):
            # A module's reasoning is told before its end, which is its heading.
            self._waiting.setdefault(line.step, []).append((number, line))
        elif line.tally is not None and line.tally.modules:
            self._begin_module(number, line)
        else:
            self._show(number, line, self._module if line.kind in DETAILS else "")

    def _overtaken(self, line: LogLine) -> None:
        """A phase whose end was not told ended when the next began."""
        if (phase := self._phase) is None:
            return
        phase.is_over = True
        if phase.began is not None and line.ts is not None:
            phase.tally = phase.tally.plus(Tally((line.ts - phase.began).total_seconds()))

    def _begin_module(self, number: int, line: LogLine) -> None:
        self._module = key = f"{_MODULE}{line.step}"
        if self._is_hidden():
            self._waiting.pop(line.step, None)
            return
        self._head(number, line, key)
        for told, thought in self._waiting.pop(line.step, []):
            self._show(told, thought, key)

    def _head(self, number: int, line: LogLine, key: str) -> None:
        self.numbers[key] = len(self.entries)
        self.keys[len(self.entries)] = key
        self._put(number, line)

    def _enter(self, number: int, line: LogLine) -> None:
        self._put(number, line)

    def _put(self, number: int, line: LogLine) -> None:
        self.entries.append(line)
        self.told.append(number)

    def _let_out(self) -> None:
        """Reasoning of modules that never came to an end."""
        waiting, self._waiting = self._waiting, {}
        for step, thoughts in waiting.items():
            for number, thought in thoughts:
                self._show(number, thought, f"{_MODULE}{step}")

    def _show(self, number: int, line: LogLine, module: str) -> None:
        if module:
            self._with_details.add(module)
        if not self._is_hidden() and (not module or self._folds.is_open(module)):
            self._enter(number, line)

    def _is_hidden(self) -> bool:
        return self._phase is not None and self._phase.key in self._folds.phases

    def nearest(self, number: int) -> int:
        """The entry of the line of that number; of the nearest before it, if it is folded away."""
        before = [(told, entry) for entry, told in enumerate(self.told) if told <= number]
        return max(before, default=(0, 0))[1]

    # --- headings -------------------------------------------------------------------------------------

    def has_details(self, key: str) -> bool:
        """Whether there is something to fold under a heading."""
        return key in self.phases or key in self._with_details

    def is_open(self, key: str) -> bool:
        """Whether what stands under a heading is shown."""
        return self._folds.is_open(key)

    def mark(self, key: str) -> str:
        """What stands before a heading."""
        return OPEN if self.is_open(key) else FOLDED

    def title(self, key: str, now: datetime | None) -> str:
        """What a phase's heading says; `now` is given while the job goes on."""
        phase = self.phases[key]
        took = phase.tally.took()
        if not phase.is_over and now is not None and phase.began is not None:
            took = f"{elapsed_text((now - phase.began).total_seconds())} so far"
        name = self.entries[phase.entry].text
        said = [name, took, *([] if self.is_open(key) else phase.tally.parts())]
        return f"{self.mark(key)} {' · '.join(part for part in said if part)}"


OPEN, FOLDED = "▾", "▸"
"""Before a heading."""

_SPECIAL = (LineKind.PHASE, LineKind.PHASE_END, LineKind.REASONING, LineKind.OUTPUT)
"""Kinds that are headings, or stand under a module's."""

_MODULE = "module "
"""Before the step, in a module's key."""
