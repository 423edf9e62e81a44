"""One job's log: the lines its events tell, in the order of their sequence numbers."""

from collections.abc import Iterable, Mapping
from operator import itemgetter

from skill_fleet_common.events import DurableEvent, HitlPause, HitlResolved, ModuleRetry, UnknownEvent
from skill_fleet_tui.store.line import LogLine
from skill_fleet_tui.store.lines import Lines
from skill_fleet_tui.store.story import Labels, labels_of, tell, tell_answer


class JobLog:
    """Lines of a job's log, whatever the order and however often its events arrive."""

    def __init__(self) -> None:
        self.lines = Lines()
        """Read-only for others: grows at the end, or is replaced as a whole when lines come before others."""
        self.version = 0
        """Counts up with every change."""
        self._beyond: set[int] = set()
        """Sequence numbers of the events that are here, after the first that is not."""
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
        between: dict[int, tuple[LogLine, ...]] = {}
        for event in events:
            seq = event.seq
            if not seq or seq <= self._whole or seq in self._beyond:
                continue
            lines = self._tell(event)
            between |= self._answers_explained(event)
            self.version += 1
            if seq > self._newest:
                self._newest = seq
                self.lines.extend(seq, lines)
            else:
                between[seq] = lines
            self._beyond.add(seq)
            while self._whole + 1 in self._beyond:
                self._whole += 1
                self._beyond.discard(self._whole)
        if between:
            self._put(between)

    def _put(self, told: Mapping[int, tuple[LogLine, ...]]) -> None:
        """Put lines where they belong, in the place of what their events told before."""
        kept = ((seq, (line,)) for seq, line in self.lines.by_event() if seq not in told)
        put = Lines()
        for seq, lines in sorted([*kept, *told.items()], key=itemgetter(0)):
            put.extend(seq, lines)
        self.lines = put
        self.version += 1

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

    def _answers_explained(self, event: DurableEvent | UnknownEvent) -> dict[int, tuple[LogLine, ...]]:
        """A question gives its answers their words, also when it is read after them: how they read now."""
        if not isinstance(event, HitlPause):
            return {}
        prompt = event.data.prompt
        self._labels[prompt.prompt_id] = labels = labels_of(prompt)
        return {answer.seq: tell_answer(answer, labels) for answer in self._answers.get(prompt.prompt_id, [])}
