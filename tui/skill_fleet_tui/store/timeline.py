"""What took how long in a job: its phases, modules and waits as spans of time, made of its events.

Spans depend on the events alone, not on when or how often they came, so the timeline of a job met halfway is
that of a dashboard that was there all the time as soon as its past has been read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import singledispatch
from typing import Any, Final, NamedTuple

from skill_fleet_common.events import (
    DurableEvent,
    HitlPause,
    HitlResolved,
    JobResumed,
    ModuleEnd,
    ModuleRetry,
    ModuleStart,
    UnknownEvent,
)  # fmt: skip
from skill_fleet_common.jobs import Usage


class SpanKind(StrEnum):
    """What time was spent on."""

    QUEUE = "queue"
    """Accepted, not begun."""
    PHASE = "phase"
    MODULE = "module"
    WAIT = "wait"
    """A question was open."""
    AWAY = "away"
    """The server was stopped in the middle."""


class SpanState(StrEnum):
    """How a span ended."""

    OPEN = "open"
    """It goes on."""
    DONE = "done"
    FAILED = "failed"
    CUT_OFF = "cut_off"
    """The job ended meanwhile."""
    REPLAYED = "replayed"
    """Taken from a checkpoint: it took no time and cost nothing."""


@dataclass(frozen=True)
class Span:
    """A stretch of a job's life. Times are seconds since it was created."""

    kind: SpanKind
    name: str
    begin: float
    end: float
    state: SpanState = SpanState.OPEN
    phase: str = ""
    attempt: int = 1
    cuts: tuple[float, ...] = ()
    """When further attempts began."""
    note: str = ""
    """Why there was another attempt; who answered."""
    usage: Usage = field(default_factory=Usage)

    @property
    def seconds(self) -> float:
        """How long it took, or takes so far."""
        return self.end - self.begin


@dataclass(frozen=True)
class Chart:
    """A job's timeline up to a moment."""

    spans: tuple[Span, ...] = ()
    """In the order they began; a phase comes before what is in it."""
    seconds: float = 0.0
    """From the job's creation to its end, or to that moment."""
    usage: Usage = field(default_factory=Usage)

    def total(self, kind: SpanKind) -> float:
        """Seconds spent in spans of a kind."""
        return sum(span.seconds for span in self.spans if span.kind is kind)

    @property
    def working(self) -> float:
        """Seconds in which the job neither waited, nor queued, nor stood still."""
        idle = sum(self.total(kind) for kind in (SpanKind.QUEUE, SpanKind.WAIT, SpanKind.AWAY))
        return max(self.seconds - idle, 0.0)


class _Mark(NamedTuple):
    """What the timeline keeps of an event."""

    type: str
    ts: datetime | None
    phase: str
    name: str = ""
    """The step, or the prompt's id."""
    said: str = ""
    attempt: int = 1
    state: SpanState = SpanState.DONE
    usage: Usage = Usage()


_QUIET: Final = frozenset({"progress", "reasoning", "artifact"})
"""Types of event at which nothing begins or ends. A job has tens of thousands of them."""


class Timeline:
    """A job's events, as far as they say when something began or ended."""

    def __init__(self) -> None:
        self.version = 0
        """Counts up with every change."""
        self._marks: dict[int, _Mark] = {}

    def add(self, events: Iterable[DurableEvent | UnknownEvent]) -> None:
        """Take in events, in any order; those already here change nothing."""
        for event in events:
            if not event.seq or event.seq in self._marks:
                continue
            mark = _marked(event)
            if mark.type in _QUIET:
                if self._is_quiet(event.seq + 1):
                    continue
                if self._is_quiet(event.seq - 1):
                    del self._marks[event.seq - 1]
            self._marks[event.seq] = mark
            self.version += 1

    def _is_quiet(self, seq: int) -> bool:
        """Whether an event only says that time went on; of several in a row the last says it for all."""
        mark = self._marks.get(seq)
        return mark is not None and mark.type in _QUIET

    def chart(self, now: datetime) -> Chart:
        """The timeline as it is now; that of a job that is over does not depend on it."""
        reader = _Reader()
        for seq in sorted(self._marks):
            reader.read(self._marks[seq])
        return reader.chart(now)


def _plain(event: DurableEvent | UnknownEvent, **said: Any) -> _Mark:
    return _Mark(type=event.type, ts=event.ts, phase=str(event.phase or ""), **said)


@singledispatch
def _marked(event: Any) -> _Mark:
    return _plain(event)


@_marked.register
def _(event: ModuleStart) -> _Mark:
    return _plain(event, name=event.data.step, attempt=event.attempt or 1)


@_marked.register
def _(event: ModuleRetry) -> _Mark:
    return _plain(event, name=event.data.step, attempt=event.attempt or 2, said=event.data.code.replace("_", " "))


@_marked.register
def _(event: ModuleEnd) -> _Mark:
    state = SpanState.REPLAYED if event.data.replayed else SpanState.DONE if event.data.ok else SpanState.FAILED
    return _plain(event, name=event.data.step, attempt=event.attempt or 1, state=state, usage=event.data.usage)


@_marked.register
def _(event: HitlPause) -> _Mark:
    prompt = event.data.prompt
    return _plain(event, name=prompt.prompt_id, said=str(prompt.kind).replace("_", " "))


@_marked.register
def _(event: HitlResolved) -> _Mark:
    by = f" by {event.data.by}" if event.data.by else ""
    return _plain(event, name=event.data.prompt_id, said=f"{event.data.outcome}{by}")


@_marked.register
def _(event: JobResumed) -> _Mark:
    return _plain(event, name=event.data.reason)


class _Reader:
    """Goes through the marks once, in order, and keeps what is open."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._open: dict[str, int] = {}
        """Index of the span by what it is about."""
        self._zero: datetime | None = None
        self._at = 0.0
        self._over = False

    def read(self, mark: _Mark) -> None:
        before = self._at
        self._move(mark.ts)
        match mark.type:
            case "job_created":
                self._begin("queue", Span(SpanKind.QUEUE, "in queue", self._at, self._at))
            case "job_started":
                self._end("queue")
            case "phase_start":
                self._end("phase")
                self._begin("phase", Span(SpanKind.PHASE, mark.phase, self._at, self._at, phase=mark.phase))
            case "phase_end":
                self._end("phase")
            case "module_start" | "module_retry" | "module_end":
                self._module(mark)
            case "hitl_pause":
                wait = Span(SpanKind.WAIT, mark.said, self._at, self._at, phase=mark.phase)
                self._begin(f"wait {mark.name}", wait)
            case "hitl_resolved":
                self._end(f"wait {mark.name}", note=mark.said)
            case "job_resumed" if mark.name != "answered" and not self._waits:
                away = Span(SpanKind.AWAY, "server stopped", before, self._at, SpanState.DONE, mark.phase)
                self._spans.append(away)
            case "completed" | "failed" | "cancelled":
                self._over = True
                for key in list(self._open):
                    self._end(key, state=SpanState.CUT_OFF)

    def chart(self, now: datetime) -> Chart:
        if not self._over:
            self._move(now)
        usage = sum((span.usage for span in self._spans), Usage())
        spans = [replace(span, end=self._at) if span.state is SpanState.OPEN else span for span in self._spans]
        return Chart(tuple(_with_usage(span, spans) for span in spans), self._at, usage)

    @property
    def _waits(self) -> bool:
        return any(key.startswith("wait ") for key in self._open)

    def _move(self, ts: datetime | None) -> None:
        """Time goes on, and never back: clocks of two machines may differ."""
        if ts is None:
            return
        self._zero = self._zero or ts
        self._at = max(self._at, (ts - self._zero).total_seconds())

    def _begin(self, key: str, span: Span) -> None:
        self._open[key] = len(self._spans)
        self._spans.append(span)

    def _end(self, key: str, **changes: Any) -> None:
        index = self._open.pop(key, None)
        if index is not None:
            self._spans[index] = replace(self._spans[index], end=self._at, **({"state": SpanState.DONE} | changes))

    def _module(self, mark: _Mark) -> None:
        key = f"step {mark.name}"
        if key not in self._open:
            span = Span(SpanKind.MODULE, mark.name, self._at, self._at, phase=mark.phase, attempt=mark.attempt)
            self._begin(key, span)
        span = self._spans[self._open[key]]
        if mark.type == "module_retry":
            again = replace(span, attempt=mark.attempt, cuts=(*span.cuts, self._at), note=mark.said)
            self._spans[self._open[key]] = again
        elif mark.type == "module_end":
            self._end(key, state=mark.state, usage=mark.usage, attempt=mark.attempt)


def _with_usage(span: Span, spans: list[Span]) -> Span:
    """A phase has used what its modules have."""
    if span.kind is not SpanKind.PHASE:
        return span
    inside = (other.usage for other in spans if other.kind is SpanKind.MODULE and other.phase == span.name)
    return replace(span, usage=sum(inside, Usage()))
