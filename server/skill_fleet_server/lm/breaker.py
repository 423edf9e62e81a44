"""Leaves a failing model alone for a while, so that jobs go to its fallback at once instead of waiting for it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from purgatory import AsyncCircuitBreakerFactory, AsyncInMemoryUnitOfWork
from purgatory.domain.model import OpenedState
from purgatory.service._async.repository import AsyncInMemoryRepository


class BreakerOpen(Exception):
    """The model has failed too often in a row; it was not called."""


class Breakers:
    """A circuit breaker per model: closed, open after failures in a row, half-open again after a while."""

    def __init__(self, failures: int, open_s: float, counts: Callable[[Exception], bool]) -> None:
        """Args say after how many failures, for how many seconds, and which errors count as the model's failure."""
        kept = AsyncInMemoryUnitOfWork()
        assert isinstance(kept.contexts, AsyncInMemoryRepository)
        self._repository = kept.contexts
        self._factory = AsyncCircuitBreakerFactory(
            uow=kept,
            default_threshold=failures,
            default_ttl=open_s,
            # Excluded: a cancelled job, and errors that say nothing about the model's health.
            exclude=[asyncio.CancelledError, (Exception, lambda error: not counts(error))],
        )

    def states(self) -> dict[str, str]:
        """By model that was called: `closed`, `opened` or `half-opened`."""
        return {name: kept.state for name, kept in self._repository.breakers.items()}

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
