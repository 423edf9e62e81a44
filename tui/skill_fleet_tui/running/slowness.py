"""Says that an answer is slow to come, while it is waited for. Knows no screen."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

SLOW_SECONDS: Final = 3.0
"""After this long a person should know that it is not their terminal that stands still."""


@asynccontextmanager
async def said_when_slow(
    say: Callable[[], None], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncGenerator[None]:
    """Call `say` once if the body takes longer than `SLOW_SECONDS`."""

    async def wait() -> None:
        await sleep(SLOW_SECONDS)
        say()

    waiting = asyncio.create_task(wait(), name="slowness")
    try:
        yield
    finally:
        waiting.cancel()
