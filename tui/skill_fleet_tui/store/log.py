"""One job's log: the lines its events tell, in the order of their sequence numbers."""

from collections.abc import Iterable

from skill_fleet_common.events import DurableEvent, UnknownEvent
from skill_fleet_tui.store.story import LogLine, tell


class JobLog:
    """Lines of a job's log, whatever the order and however often its events arrive."""

    def __init__(self) -> None:
        self.lines: list[LogLine] = []
        """Read-only for others: grows at the end, or is replaced as a whole (see `rebuilt`)."""
        self.version = 0
        """Counts up with every change."""
        self.rebuilt = 0
        """Counts up when lines were put before others, so that what was drawn has to be drawn anew."""
        self._told: dict[int, tuple[LogLine, ...]] = {}
        self._newest = 0
        self._whole = 0

    @property
    def whole_to(self) -> int:
        """The log has every event up to this sequence number."""
        return self._whole

    def add(self, events: Iterable[DurableEvent | UnknownEvent]) -> None:
        """Take in events; those already here change nothing."""
        between = False
        for event in events:
            if not event.seq or event.seq in self._told:
                continue
            self._told[event.seq] = lines = tell(event)
            self.version += 1
            if event.seq > self._newest:
                self._newest = event.seq
                self.lines.extend(lines)
            else:
                between = True
        while self._whole + 1 in self._told:
            self._whole += 1
        if between:
            self.lines = [line for seq in sorted(self._told) for line in self._told[seq]]
            self.rebuilt += 1
