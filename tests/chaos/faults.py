"""What can go wrong, one thing after the other, as a seed decides."""

import asyncio
import random
import resource
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from typing import Final, Literal

import psycopg

from tests.chaos.bench import Bench, Kind
from tests.support import postgresql
from tests.support.proxy import End, FaultyProxy
from tests.support.server import ServerProcess

Strike = Callable[[Bench, random.Random], Awaitable[None]]

_FULL_BYTES: Final = 64 * 1024
"""With the disk full no file grows beyond this."""

_SILENCE_S: Final = 9.5
"""Longer than others wait before they take a member of a fleet for dead."""

_DATABASE: Final = -1
"""Its place among what somebody may be busy with."""

_PATIENT_STOP_S: Final = 20.0


async def strikes(bench: Bench, chance: random.Random, count: int) -> list[str]:
    """Do so many things to the installation, with pauses between; returns what was done."""
    done: list[str] = []
    impossible = {name for name, what in (("cut stub", bench.stub), ("clock jump", bench.clocks)) if not what}
    kinds = [fault for fault in FAULTS[bench.kind] if fault[0] not in impossible]
    for _ in range(count):
        name = chance.choices([name for name, _, _ in kinds], [weight for _, weight, _ in kinds])[0]
        strike = next(strike for known, _, strike in kinds if known == name)
        own = random.Random(chance.random())
        await asyncio.sleep(own.uniform(0.05, 1.2))  # when it strikes is what is random here
        done.append(name)
        await strike(bench, own)
    return done


async def _kill(bench: Bench, chance: random.Random) -> None:
    await _to_process(bench, chance, _killed)


async def _stop(bench: Bench, chance: random.Random) -> None:
    await _to_process(bench, chance, _stopped)


async def _pause(bench: Bench, chance: random.Random) -> None:
    seconds = chance.uniform(0.2, 2.5)
    await _to_process(bench, chance, lambda _bench, process: _paused(process, seconds))


async def _pause_beyond_the_limit(bench: Bench, chance: random.Random) -> None:
    await _to_process(bench, chance, lambda _bench, process: _paused(process, _SILENCE_S))


async def _to_process(
    bench: Bench, chance: random.Random, deed: Callable[[Bench, ServerProcess], Awaitable[None]]
) -> None:
    place = chance.randrange(len(bench.processes))
    async with bench.busy.setdefault(place, asyncio.Lock()):
        await deed(bench, bench.processes[place])


async def _killed(bench: Bench, process: ServerProcess) -> None:
    process.kill()
    await bench.bring_back(process)


async def _stopped(bench: Bench, process: ServerProcess) -> None:
    process.terminate()
    await process.wait(within=_PATIENT_STOP_S)
    await bench.bring_back(process)


async def _paused(process: ServerProcess, seconds: float) -> None:
    process.pause()
    try:
        await asyncio.sleep(seconds)
    finally:
        process.go_on()


async def _cut_doors(bench: Bench, chance: random.Random) -> None:
    for door in bench.doors:
        door.cut_some(chance.choice(list(End)), 0.7)


async def _cut_stub(bench: Bench, chance: random.Random) -> None:
    _cut(bench.to_stub, chance)


async def _cut_database(bench: Bench, chance: random.Random) -> None:
    _cut(bench.to_database, chance)


def _cut(proxy: FaultyProxy | None, chance: random.Random) -> None:
    if proxy is not None:
        proxy.cut_some(chance.choice(list(End)), chance.choice([0.3, 1.0]))


async def _set_clock(bench: Bench, chance: random.Random) -> None:
    """Somebody corrects a machine's time: by seconds, an hour, or a day; and it stays so."""
    chance.choice(bench.clocks).set(chance.choice([-1, 1]) * chance.choice([30, 3600, 86_400]))


async def _lock_file(bench: Bench, chance: random.Random) -> None:
    """Another program holds the database: `SQLITE_BUSY`."""
    path = bench.processes[0].data_dir / "fleet.sqlite"
    # The other hand may have stopped the server while that held it.
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)) as connection:
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        await asyncio.sleep(chance.uniform(0.2, 2.0))
        connection.execute("ROLLBACK")


async def _fill_disk(bench: Bench, chance: random.Random) -> None:
    """No file grows beyond a size: what SQLite is told is an error of writing, as on a full disk."""
    async with bench.busy.setdefault(0, asyncio.Lock()):
        process = bench.processes[0].process
        assert process is not None
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (_FULL_BYTES, before[1]))
        try:
            await asyncio.sleep(chance.uniform(0.2, 1.5))
        finally:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


async def _restart_database(bench: Bench, chance: random.Random) -> None:
    async with bench.busy.setdefault(_DATABASE, asyncio.Lock()):
        if postgresql.is_own():
            how: Literal["fast", "immediate"] = "fast" if chance.random() < 0.5 else "immediate"
            restarting = asyncio.create_task(asyncio.to_thread(postgresql.restart, how))
            try:
                await asyncio.shield(restarting)
            finally:
                # A run that is given up meanwhile clears up in a database that is there.
                await restarting


async def _end_sessions(bench: Bench, chance: random.Random) -> None:
    """`pg_terminate_backend` for some of the sessions, the listeners' and the writers' among them."""
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < %s"
    )
    with suppress(psycopg.OperationalError):  # the other hand may have taken the database away
        async with await psycopg.AsyncConnection.connect(bench.database_url, autocommit=True) as administrator:
            await administrator.execute(query, (chance.choice([0.3, 1.0]),))


async def _idle_in_transaction(bench: Bench, chance: random.Random) -> None:
    """Somebody has begun a transaction and gone to lunch."""
    with suppress(psycopg.OperationalError):
        async with await psycopg.AsyncConnection.connect(bench.database_url) as idle:
            await idle.execute("SELECT pg_current_xact_id(), count(*) FROM event")
            await asyncio.sleep(chance.uniform(0.5, 3.0))
            await idle.rollback()


FAULTS: Final[dict[Kind, list[tuple[str, int, Strike]]]] = {
    "sqlite": [
        ("kill", 4, _kill),
        ("stop", 2, _stop),
        ("pause", 2, _pause),
        ("cut doors", 2, _cut_doors),
        ("cut stub", 2, _cut_stub),
        ("busy", 1, _lock_file),
        ("disk full", 1, _fill_disk),
        ("clock jump", 6, _set_clock),
    ],
    "postgresql": [
        ("kill", 5, _kill),
        ("stop", 2, _stop),
        ("pause", 2, _pause),
        ("long pause", 1, _pause_beyond_the_limit),
        ("cut doors", 1, _cut_doors),
        ("cut stub", 1, _cut_stub),
        ("cut database", 3, _cut_database),
        ("restart database", 1, _restart_database),
        ("end sessions", 2, _end_sessions),
        ("idle in transaction", 1, _idle_in_transaction),
        ("clock jump", 8, _set_clock),
    ],
}
