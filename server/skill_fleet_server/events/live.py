"""The text that models are writing now: in memory only, never in the log.

A running step writes; the text is cut into frames that are encoded once and shared by every connection that
keeps up. A connection that does not is given the whole text so far instead, so what is held is bounded by
the text in flight, however many connections there are and however slow they be.
"""

import asyncio
import json
from collections import deque
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from skill_fleet_common.events import TERMINAL_TYPES, Token, TokenData, TokenSync
from skill_fleet_common.jobs import Phase
from skill_fleet_server.events.frames import encode
from skill_fleet_server.events.transaction import Encoded

FRAME_INTERVAL: Final = 0.05
"""Least time between two frames of one field, in seconds, unless `FRAME_FULL` comes first."""

FRAME_FULL: Final = 1024
"""As many bytes of new text go out at once."""

_PIECE: Final = 8_192
"""Most characters in one frame: even where each of them is escaped, the frame stays within its limit."""

_RECENT: Final = 32
"""Frames kept per field for connections that keep up: 1.6 s of a fast model."""

_LINGER: Final = 5.0
"""How long an ended step's last text stays for connections that are just being written to, in seconds."""

_REMEMBERED: Final = 4_096
"""Steps and jobs that are over, of which text may still be on its way from another process."""

Deltas = Literal["all", "none"] | frozenset[str]
"""Whose text a connection wants: everybody's, nobody's, or that of some jobs."""


@dataclass(frozen=True, slots=True)
class StepIdentity:
    """Which attempt of which step a text belongs to."""

    job_id: str
    phase: Phase | None
    module: str
    step: str
    attempt: int
    after: int
    """Position of the event that began the attempt: no connection gets the text before it got that event."""


class _Text:
    """One field of one reply. A model's next reply makes another."""

    def __init__(self, identity: StepIdentity, gen: int, name: str, number: int) -> None:
        self.identity = identity
        self.gen = gen
        self.name = name
        self.number = number
        """Rises over all texts of the process."""
        self.length = 0
        """Characters that have been published."""
        self.recent: deque[tuple[int, int, bytes]] = deque(maxlen=_RECENT)
        """Offset, end and frame of what was published last."""
        self._pieces: list[str] = []
        self._pending: list[str] = []
        self._pending_bytes = 0
        self._whole: tuple[int, list[bytes]] = (0, [])

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    @property
    def is_full(self) -> bool:
        return self._pending_bytes >= FRAME_FULL

    def add(self, text: str) -> None:
        # Half a surrogate pair, as a model's escapes may give, has no UTF-8.
        raw = text.encode("utf-8", "replace")
        self._pending.append(raw.decode())
        self._pending_bytes += len(raw)

    def publish(self) -> str:
        """Make frames of what was added since the last time, and return it."""
        text = "".join(self._pending)
        self._pending.clear()
        self._pending_bytes = 0
        for piece in _cut(text):
            end = self.length + len(piece)
            self.recent.append((self.length, end, encode(self._token(self.length, piece))))
            self.length = end
        self._pieces.append(text)
        return text

    def text(self) -> str:
        """All that was published."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def sync(self) -> TokenSync:
        return self._token_sync(self.text())

    def since(self, offset: int | None) -> list[bytes]:
        """Frames that bring a connection from an offset to the end; `None` when it holds nothing of the text."""
        if offset == self.length:
            return []
        if offset is not None and self.recent and self.recent[0][0] <= offset:
            return [frame for start, _, frame in self.recent if start >= offset]
        return self._sync_frames()

    def _sync_frames(self) -> list[bytes]:
        if self._whole[0] != self.length:
            frames: list[bytes] = []
            offset = 0
            for piece in _cut(self.text()):
                frames.append(encode(self._token(offset, piece) if frames else self._token_sync(piece)))
                offset += len(piece)
            self._whole = (self.length, frames)
        return self._whole[1]

    def _token(self, offset: int, piece: str) -> Token:
        of = self.identity
        return Token(
            job_id=of.job_id, phase=of.phase, module=of.module, attempt=of.attempt, data=self._data(offset, piece)
        )

    def _token_sync(self, text: str) -> TokenSync:
        of = self.identity
        return TokenSync(
            job_id=of.job_id, phase=of.phase, module=of.module, attempt=of.attempt, data=self._data(0, text)
        )

    def _data(self, offset: int, text: str) -> TokenData:
        return TokenData(step=self.identity.step, gen=self.gen, field=self.name, off=offset, text=text)


class LiveStep:
    """One attempt of a step, while its model writes. Made by `LiveText.begin`; `end` it in any case."""

    def __init__(self, live: "LiveText", identity: StepIdentity) -> None:
        self.identity = identity
        self.texts: dict[str, _Text] = {}
        """By field; of the newest reply only."""
        self.ended = False
        self._live = live
        self._gen = 0
        self._last_frame: dict[str, float] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def write(self, gen: int, field: str, text: str) -> None:
        """Add what the model has just written. Never blocks.

        Args:
            gen: Names the reply. A higher one voids all text of the last; text of a lower one is dropped.
            field: The output field the text belongs to.
            text: What comes after the text written before.
        """
        if self.ended or gen < self._gen or not text:
            return
        if gen > self._gen:
            self._gen = gen
            self._stop_timers()
            self.texts.clear()
        current = self.texts.get(field)
        if current is None:
            current = self.texts[field] = _Text(self.identity, gen, field, self._live.next_number())
        current.add(text)
        wait = self._last_frame.get(field, 0.0) + FRAME_INTERVAL - self._live.time()
        if current.is_full or wait <= 0:
            self._publish(field)
        elif field not in self._timers:
            self._timers[field] = asyncio.get_running_loop().call_later(wait, self._publish, field)

    def flush(self) -> None:
        """Publish at once what is waiting for its frame."""
        for field, text in list(self.texts.items()):
            if text.has_pending:
                self._publish(field)

    def end(self) -> None:
        """The model is done with this attempt: publish the rest; the text is forgotten shortly after."""
        if self.ended:
            return
        self.flush()
        self._stop_timers()
        self.ended = True
        if self._live.relay is not None:
            self._live.relay.ended(self.identity)
        self._live.forget_soon(self)

    def _publish(self, field: str) -> None:
        if timer := self._timers.pop(field, None):
            timer.cancel()
        self._last_frame[field] = self._live.time()
        text = self.texts[field]
        offset = text.length
        new = text.publish()
        if self._live.relay is not None:
            self._live.relay.wrote(self.identity, text.gen, field, offset, new)
        self._live.changed()

    def _stop_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


class Relaying(Protocol):
    """Tells other processes what is written here."""

    def wrote(self, of: StepIdentity, gen: int, name: str, offset: int, text: str) -> None:
        """More of a field, from this offset on."""

    def ended(self, of: StepIdentity) -> None:
        """No more of this attempt."""


class LiveText:
    """All text in flight that this process knows of."""

    def __init__(self) -> None:
        self.relay: Relaying | None = None
        """Where several processes share the work."""
        self.version = 0
        """Changes with every frame."""
        self._steps: dict[LiveStep, None] = {}
        self._over: dict[tuple[str, str], None] = {}
        """Job and step, as the log says; of a job that is over, no step."""
        self._wake = asyncio.Event()
        self._number = 0

    def begin(
        self, *, job_id: str, phase: Phase | None, module: str, step: str, attempt: int, after: int
    ) -> LiveStep:  # fmt: skip
        """A model is about to write. `after` is the position of the event that says so."""
        live = LiveStep(self, StepIdentity(job_id, phase, module, step, attempt, after))
        if (job_id, step) in self._over or (job_id, "") in self._over:
            live.ended = True
        else:
            self._steps[live] = None
        return live

    def heed(self, events: list[Encoded]) -> None:
        """Take in what the log says, before anybody reads it: after the end of a step, or of its job, no connection
        gets text of it, whoever writes it and however late that is heard of."""
        for event in events:
            if event.type == "module_end":
                self._close(event.job_id, json.loads(event.data)["data"]["step"])
            elif event.type in TERMINAL_TYPES:
                self._close(event.job_id, "")

    def in_flight(self, job_id: str) -> list[TokenSync]:
        """The whole text so far of every field that is being written for a job."""
        steps = [step for step in self._steps if step.identity.job_id == job_id and not step.ended]
        return [text.sync() for step in steps for text in step.texts.values() if text.length]

    def wake(self) -> asyncio.Event:
        """The handle that the next frame sets. Take it before reading."""
        return self._wake

    def reader(
        self, deltas: Deltas, jobs: frozenset[str] | None, *, shown: AbstractSet[str] | None = None
    ) -> "LiveReader":
        """A connection's place in the text in flight.

        Args:
            deltas: Whose text the connection wants.
            jobs: The only jobs it asks about, if any.
            shown: The only jobs it may be shown, if not all; may grow.
        """
        return LiveReader(self, deltas, jobs, shown)

    def steps(self) -> Iterator[LiveStep]:
        """Steps with text in flight, and those that ended just now."""
        return iter(self._steps)

    def changed(self) -> None:
        """There is a new frame."""
        self.version += 1
        woken, self._wake = self._wake, asyncio.Event()
        woken.set()

    def next_number(self) -> int:
        """For a new text."""
        self._number += 1
        return self._number

    @property
    def last_number(self) -> int:
        """Of the newest text."""
        return self._number

    def forget_soon(self, step: LiveStep) -> None:
        """Keep an ended step only as long as connections need to take its last text."""
        asyncio.get_running_loop().call_later(_LINGER, self._forget, step)

    def time(self) -> float:
        """The loop's clock, in seconds."""
        return asyncio.get_running_loop().time()

    def _close(self, job_id: str, name: str) -> None:
        self._over[job_id, name] = None
        if len(self._over) > _REMEMBERED:
            del self._over[next(iter(self._over))]
        for step in list(self._steps):
            if step.identity.job_id == job_id and name in ("", step.identity.step):
                step.end()

    def _forget(self, step: LiveStep) -> None:
        self._steps.pop(step, None)


class LiveReader:
    """What one connection has been sent of the text in flight: one offset per text, nothing of the text."""

    def __init__(
        self, live: LiveText, deltas: Deltas, jobs: frozenset[str] | None, shown: AbstractSet[str] | None
    ) -> None:
        self._shown = shown
        self._live = live
        self._deltas = deltas
        self._jobs = jobs
        self._offsets: dict[_Text, int] = {}
        # A client that comes back may hold part of a text that was there before: it is told the whole.
        self._known = live.last_number
        self._seen: tuple[int, int] | None = None

    @property
    def wants_any(self) -> bool:
        """Whether the connection is to be sent text at all."""
        return self._deltas != "none"

    def read(self, cursor: int) -> list[bytes]:
        """Frames not sent yet, of the steps whose beginning the connection has been sent."""
        if not self.wants_any or self._seen == (self._live.version, cursor):
            return []
        self._seen = (self._live.version, cursor)
        frames: list[bytes] = []
        offsets: dict[_Text, int] = {}
        for text in self._texts(cursor):
            begun_since = 0 if text.number > self._known else None
            frames += text.since(self._offsets.get(text, begun_since))
            offsets[text] = text.length
        self._offsets = offsets
        return frames

    def _texts(self, cursor: int) -> Iterator[_Text]:
        for step in self._live.steps():
            if step.identity.after > cursor or not self._is_wanted(step.identity.job_id):
                continue
            for text in step.texts.values():
                # Of an ended step only who was following it needs the rest: its result is in the log.
                if text.length and (not step.ended or text in self._offsets):
                    yield text

    def _is_wanted(self, job_id: str) -> bool:
        if self._jobs is not None and job_id not in self._jobs:
            return False
        if self._shown is not None and job_id not in self._shown:
            return False
        return self._deltas == "all" or job_id in self._deltas


def _cut(text: str) -> Iterator[str]:
    return (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
