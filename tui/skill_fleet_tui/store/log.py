"""One job's log: the lines its events tell, in the order of their sequence numbers."""

from collections.abc import Iterable

from skill_fleet_common.events import DurableEvent, HitlPause, HitlResolved, ModuleRetry, UnknownEvent
from skill_fleet_tui.store.line import LogLine
from skill_fleet_tui.store.story import Labels, labels_of, tell, tell_answer


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
        self._labels: dict[str, Labels] = {}
        self._answers: dict[str, list[HitlResolved]] = {}
        self._reasons: dict[str, tuple[int, str]] = {}
        self._newest = 0
        self._whole = 0

    @property
    def whole_to(self) -> int:
        """The log has every event up to this sequence number."""
        return self._whole

    def reason(self, step: str, attempt: int) -> str:
        """Why a step began this attempt; empty if that was not told."""
        told, why = self._reasons.get(step, (0, ""))
        return why if told == attempt else ""

    def add(self, events: Iterable[DurableEvent | UnknownEvent]) -> None:
        """Take in events; those already here change nothing."""
        between = False
        for event in events:
            if not event.seq or event.seq in self._told:
                continue
            self._told[event.seq] = lines = self._tell(event)
            between |= self._explains_answers(event)
            self.version += 1
            if event.seq > self._newest:
                self._newest = event.seq
                self.lines.extend(lines)
            else:
                between = True
        while self._whole + 1 in self._told:
            self._whole += 1
        if between:
            self.version += 1
            self.lines = [line for seq in sorted(self._told) for line in self._told[seq]]
            self.rebuilt += 1

    def _tell(self, event: DurableEvent | UnknownEvent) -> tuple[LogLine, ...]:
        if isinstance(event, ModuleRetry):
            self._explain(event)
        if isinstance(event, HitlResolved):
            self._answers.setdefault(event.data.prompt_id, []).append(event)
            return tell_answer(event, self._labels.get(event.data.prompt_id))
        return tell(event)

    def _explain(self, event: ModuleRetry) -> None:
        attempt, step = event.attempt or 0, event.data.step
        if attempt >= self._reasons.get(step, (0, ""))[0]:
            self._reasons[step] = (attempt, event.data.message or event.data.code)

    def _explains_answers(self, event: DurableEvent | UnknownEvent) -> bool:
        """A question gives its answers their words, also when it is read after them."""
        if not isinstance(event, HitlPause):
            return False
        prompt = event.data.prompt
        self._labels[prompt.prompt_id] = labels = labels_of(prompt)
        told = self._answers.get(prompt.prompt_id, [])
        for answer in told:
            self._told[answer.seq] = tell_answer(answer, labels)
        return bool(told)
