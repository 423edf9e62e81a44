"""Jobs as people ask for them: over HTTP on real processes, from the first request to the last job's last event."""

import asyncio
import time
from collections import Counter

from tests.benchmarks.stream_clients import connected, delivered
from tests.support.person import Person
from tests.support.server import ServerProcess

_TASK = "Python logging the way our team does it: structlog, request ids, never a secret."


async def seconds_for(server: ServerProcess, count: int) -> float:
    """How long it takes until so many jobs, that ask nobody and are asked for at once, are completed."""
    [watch] = await connected(1, server.port, "/api/v1/events?deltas=none", server.token, kind="completed")
    async with server.client() as client:
        person, began = Person(client), time.monotonic()
        try:
            await asyncio.gather(*(person.create(_TASK, auto_approve=True) for _ in range(count)))
            await delivered([watch], count)
        except AssertionError as error:
            states = Counter(job["status"] for job in await person.all_jobs())
            raise AssertionError(f"{error}; jobs: {dict(states)}") from error
        finally:
            watch.leave()
    return watch.arrivals[-1] - began
