"""Appending to a log on PostgreSQL, with the lock that orders its commits and without it.

The same writer, alone and in four processes at once; each appends to a job of its own, one event after the other.
Without the lock there is no row for the log's end either, and positions come from a sequence: they are unique, but
no longer in the order of commits, so a reader that follows them would miss what is committed late. The difference
is what that order costs.
"""

import asyncio
from contextlib import AsyncExitStack

from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.benchmarks.told import Told, telling
from tests.support import postgresql

TITLE = "Fleet: appending under the lock, PostgreSQL"

_WRITERS = 4
_APPENDS = 300
_ROUNDS = 4
_ALONE = "one after the other"
_COMMANDS = {_ALONE: "append", "at once": "together"}
"""What a writer is told, by how it appends."""


def measure(say: Say) -> list[Comparison]:
    """With and without, alternately."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    async with AsyncExitStack() as stack:
        kinds = []
        for kind in ("locked", "unlocked"):
            url = stack.enter_context(postgresql.database())
            kinds.append([
                await stack.enter_async_context(telling("log_writer", kind, url)) for _ in range(_WRITERS)
            ])  # fmt: skip
        locked, unlocked = kinds
        for writers in (locked, unlocked):
            await _per_append(writers, _ALONE)
        return [
            await _compared(locked[:writers], unlocked[:writers], how, say)
            for writers in (1, _WRITERS)
            for how in _COMMANDS
        ]


async def _compared(locked: list[Told], unlocked: list[Told], how: str, say: Say) -> Comparison:
    who = "1 writer" if len(locked) == 1 else f"{len(locked)} writers"
    say(f"{_ROUNDS} rounds of {_APPENDS} appends {how}, {who}")
    values = await alternate_async(_ROUNDS, lambda: _per_append(locked, how), lambda: _per_append(unlocked, how))
    return Comparison(f"{who}, {how}", "the same without the lock", "ms", *values)


async def _per_append(writers: list[Told], how: str) -> float:
    """Milliseconds from one commit's end to the next's, over all writers together."""
    took = await asyncio.gather(*(writer.ask(_COMMANDS[how], _APPENDS) for writer in writers))
    return max(each["seconds"] for each in took) / (_APPENDS * len(writers)) * 1000
