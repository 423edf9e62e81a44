"""Leaves a failing model alone for a while, so that jobs go to its fallback at once instead of waiting for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState


class BreakerOpen(Exception):
    """The model has failed too often in a row; it was not called."""


class Breakers:
    """A circuit breaker per model: closed, open after failures in a row, half-open again after a while."""

    def __init__(self, failures: int, open_s: float, counts: Callable[[Exception], bool]) -> None:
        """Args say after how many failures, for how many seconds, and which errors count as the model's failure."""
        self._factory = AsyncCircuitBreakerFactory(
            default_threshold=failures,
            default_ttl=open_s,
            # Excluded: a cancelled job, and errors that say nothing about the model's health.
            exclude=[asyncio.CancelledError, (Exception, lambda error: not counts(error))],
        )

    @asynccontextmanager
    async def guard(self, model: str) -> AsyncGenerator[None]:
        """Run a call of the model inside.

        Raises:
            BreakerOpen: Instead of running it.
        """
        breaker = await self._factory.get_breaker(model)
        try:
            async with breaker:
                yield
        except OpenedState as error:
            error.__traceback__ = (
                None  # it is one instance for as long as the circuit is open, and would collect frames
            )
            raise BreakerOpen(model) from None
