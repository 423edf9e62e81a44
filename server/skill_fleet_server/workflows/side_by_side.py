"""Running what does not depend on each other at the same time, and ending all of it when one part fails."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


@asynccontextmanager
async def side_by_side() -> AsyncGenerator[asyncio.TaskGroup]:
    """A group of tasks that start in the order in which they are made.

    When one fails, the others are cancelled, because nobody would read what they still cost, and its error is raised
    as if it had been awaited alone.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
