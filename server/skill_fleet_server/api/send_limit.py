"""A limit on how long each of many sends may take, for the price of one timer. Used by `api.events`.

A time-out made anew for each send was a sixth of what it cost to send an event to a viewer.
"""

import asyncio
from types import TracebackType
from typing import Self

from starlette.types import Message, Send


class SendLimit:
    """Ends the block it is entered for with `TimeoutError` when a `send` in it is not done in time."""

    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._timeout = asyncio.timeout(None)
        self._since: float | None = None
        """Since when the send under way lasts, by the loop's clock."""

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._timer = self._loop.call_later(self._seconds, self._look)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:  # fmt: skip
        self._timer.cancel()
        return await self._timeout.__aexit__(kind, error, trace)

    async def send(self, message: Message) -> None:
        """Send, within the limit."""
        self._since = self._loop.time()
        await self._send(message)
        self._since = None

    def _look(self) -> None:
        now = self._loop.time()
        left = self._seconds - (now - self._since) if self._since is not None else self._seconds
        if left <= 0:
            self._timeout.reschedule(now)
        else:
            self._timer = self._loop.call_later(left, self._look)
