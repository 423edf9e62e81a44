"""Wakes who waits in this process, from what the log says.

One task follows the log and hands on what waiting code must know: a prompt was resolved, a job is being
cancelled. Because it listens to the log and not to the code that wrote, it does not matter where that ran.
A waiter registers first and then reads the database, so a signal can be missed by nobody.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

import structlog

from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.transaction import Encoded

_AGAIN_S: Final = 1.0
_log = structlog.get_logger(__name__)


class Signals:
    """The log's news for this process. `run` is owned by the server's life cycle."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._after = log.head
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def run(self) -> None:
        """Follow the log until cancelled."""
        while True:
            wake = self._log.wake()
            try:
                page = await self._log.page(self._after)
            except StorageUnavailable as error:
                _log.warning("signals_delayed", detail=error.detail)
                await asyncio.sleep(_AGAIN_S)
                continue
            for event in page.frames:
                self._hand_on(event)
            self._after = page.scanned
            if not page.frames:
                await wake.wait()

    @contextmanager
    def prompt(self, prompt_id: str) -> Generator[asyncio.Event]:
        """An event that is set when this prompt is resolved."""
        with self._waiter(f"prompt:{prompt_id}") as event:
            yield event

    @contextmanager
    def cancelling(self, job_id: str) -> Generator[asyncio.Event]:
        """An event that is set when somebody asks to cancel this job."""
        with self._waiter(f"cancel:{job_id}") as event:
            yield event

    @contextmanager
    def _waiter(self, name: str) -> Generator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting[name].add(event)
        try:
            yield event
        finally:
            self._waiting[name].discard(event)
            if not self._waiting[name]:
                with suppress(KeyError):
                    del self._waiting[name]

    def _hand_on(self, event: Encoded) -> None:
        if event.type == "hitl_resolved":
            data = json.loads(event.frame.split(b"data: ", 1)[1])
            self._set(f"prompt:{data['data']['prompt_id']}")
        elif event.type == "job_cancelling":
            self._set(f"cancel:{event.job_id}")

    def _set(self, name: str) -> None:
        for event in self._waiting.get(name, ()):
            event.set()
