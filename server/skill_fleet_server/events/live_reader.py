"""How far one connection is in the text in flight: offsets, nothing of the text."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

from skill_fleet_server.events.live import LiveText
from skill_fleet_server.events.live_field import LiveField

Deltas = Literal["all", "none"] | frozenset[str]
"""Whose text a connection wants: everybody's, nobody's, or that of some jobs."""


class LiveReader:
    """What one connection has been sent of the text in flight: one offset per text, nothing of the text."""

    def __init__(
        self,
        live: LiveText,
        deltas: Deltas,
        jobs: frozenset[str] | None = None,
        *,
        shown: AbstractSet[str] | None = None,
    ) -> None:
        """
        Args:
            live: All text in flight.
            deltas: Whose text the connection wants.
            jobs: The only jobs it asks about, if any.
            shown: The only jobs it may be shown, if not all; may grow.
        """
        self._shown = shown
        self._live = live
        self._deltas = deltas
        self._jobs = jobs
        self._offsets: dict[LiveField, int] = {}
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
        offsets: dict[LiveField, int] = {}
        for text in self._texts(cursor):
            begun_since = 0 if text.number > self._known else None
            frames += text.since(self._offsets.get(text, begun_since))
            offsets[text] = text.length
        self._offsets = offsets
        return frames

    def _texts(self, cursor: int) -> Iterator[LiveField]:
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
