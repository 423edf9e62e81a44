"""Follows a log that other processes write to as well.

A notification says that something was committed; a slow look behind it finds what a lost one would have
told. Neither carries anything: the table is the truth.
"""

import asyncio
from typing import Final

import psycopg
import structlog

from skill_fleet_server.database.postgresql import CHANNEL, PostgreSQL
from skill_fleet_server.errors import StorageUnavailable
from skill_fleet_server.events.log import EventLog

_LOOK_S: Final = 1.0
"""Between two looks at the table when nothing is told."""

_AGAIN_S: Final = 0.5
"""Before a database that refused is asked again."""

_log = structlog.get_logger(__name__)


async def follow(log: EventLog, backend: PostgreSQL) -> None:
    """Keep the log caught up until cancelled."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(backend.dsn, autocommit=True) as listener:
                await listener.execute(f"LISTEN {CHANNEL}")
                while True:
                    await log.catch_up()
                    async for _ in listener.notifies(timeout=_LOOK_S, stop_after=1):
                        pass
        except (psycopg.Error, StorageUnavailable) as error:
            _log.warning("tail_interrupted", detail=backend.advice(error) or type(error).__name__)
            await asyncio.sleep(_AGAIN_S)
