"""Follows a log that other processes write to as well.

A notification says that something was committed; a slow look behind it finds what a lost one would have
told. Neither carries anything: the table is the truth. After a look there is a rest, in which what else is told
gathers, so what the following costs has a bound, however much all processes together commit.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Final

import psycopg
import structlog

from skill_fleet_server.database.postgresql import CHANNEL, PostgreSQL
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.relay import CHANNEL as TEXT_CHANNEL
from skill_fleet_server.events.relay import Relay

_LOOK_S: Final = 1.0
"""Between two looks at the table when nothing is told."""

REST_S: Final = 0.02
"""Least time between two looks. A job is some sixty commits and every process is told of each: with a look for each, a
fleet spends its time on looking."""

_AGAIN_S: Final = 0.5
"""Before a database that refused is asked again."""

_log = structlog.get_logger(__name__)


async def follow(log: EventLog, backend: PostgreSQL, relay: Relay) -> None:
    """Keep the log caught up, and pass on what is said of text in flight, until cancelled."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(backend.dsn, autocommit=True) as listener:
                await listener.execute(f"LISTEN {CHANNEL}")
                await listener.execute(f"LISTEN {TEXT_CHANNEL}")
                relay.listening()
                grown = asyncio.Event()
                await _until_one_ends(_listen(listener, grown, relay), _catch_up(log, grown))
        except (psycopg.Error, StorageUnavailable) as error:
            _log.warning("tail_interrupted", detail=backend.advice(error) or type(error).__name__)
        await asyncio.sleep(_AGAIN_S)


async def _until_one_ends(*works: Coroutine[None, None, None]) -> None:
    """Do all of it at once until one fails or ends; then none goes on.

    Not a task group: before Python 3.13 one in which something fails forgets that it was cancelled at that moment.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(listener: psycopg.AsyncConnection, grown: asyncio.Event, relay: Relay) -> None:
    async for said in listener.notifies():
        if said.channel == CHANNEL:
            grown.set()
        else:
            relay.hear(said.payload)


async def _catch_up(log: EventLog, grown: asyncio.Event) -> None:
    while True:
        await log.catch_up()
        await asyncio.sleep(REST_S)
        await told_or_due(grown)


async def told_or_due(grown: asyncio.Event) -> None:
    """Wait until the log is said to have grown, or it is time to look anyway."""
    # Not `wait_for`, which before Python 3.12 loses a cancellation that comes together with what it waits for.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LOOK_S):
            await grown.wait()
    grown.clear()
