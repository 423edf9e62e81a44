"""The text that models are writing now: in memory only, never in the log.

A running step writes; the text is cut into frames that are encoded once and shared by every connection that
keeps up. A connection that does not is given the whole text so far instead, so what is held is bounded by
the text in flight, however many connections there are and however slow they be.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Final, Protocol

from skill_fleet_common.events import TERMINAL_TYPES, TokenSync
from skill_fleet_common.jobs import Phase
from skill_fleet_server.events.live_field import LiveField, StepIdentity
from skill_fleet_server.events.transaction import Encoded

FRAME_INTERVAL: Final = 0.05
"""Least time between two frames of one field, in seconds, unless `FRAME_FULL` comes first."""

_LINGER: Final = 5.0
"""How long an ended step's last text stays for connections that are just being written to, in seconds."""

_REMEMBERED: Final = 4_096
"""Steps and jobs that are over, of which text may still be on its way from another process."""


class LiveStep:
    """One attempt of a step, while its model writes. Made by `LiveText.begin`; `end` it in any case."""

    def __init__(self, live: "LiveText", identity: StepIdentity) -> None:
        self.identity = identity
        self.texts: dict[str, LiveField] = {}
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
            current = self.texts[field] = LiveField(self.identity, gen, field, self._live.next_number())
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
