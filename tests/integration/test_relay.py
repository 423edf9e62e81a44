"""Text in flight between the processes of a fleet, through a real PostgreSQL: here as several relays in one process."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import psycopg
import pytest

from skill_fleet_common.jobs import Phase
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.postgresql import PostgreSQL
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.events.live import LiveStep, LiveText
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.events.relay import Relay
from skill_fleet_server.events.tail import follow
from tests.support import postgresql
from tests.support.server import eventually


@pytest.fixture
def url() -> Generator[str]:
    with postgresql.database() as url:
        database = Database(url)
        upgrade(database)
        database.close()
        yield url


@asynccontextmanager
async def process(url: str, name: str) -> AsyncGenerator[LiveText]:
    """One process's text in flight."""
    database = Database(url)
    assert isinstance(database.backend, PostgreSQL)
    log = await EventLog.open(database)
    live = LiveText()
    log.heeded_by(live.heed)
    relay = Relay(live, name, database.backend.dsn)
    tasks = [asyncio.create_task(follow(log, database.backend, relay)), asyncio.create_task(relay.run())]
    try:
        await eventually(lambda: _listens(url), what="the listener")
        yield live
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await log.close()
        database.close()


def _listens(url: str) -> bool:
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%text'"
        return connection.execute(query).fetchone() != (0,)


def begin(live: LiveText, *, attempt: int = 1) -> LiveStep:
    return live.begin(job_id="j", phase=Phase.GENERATION, module="write", step="write", attempt=attempt, after=0)


def text(live: LiveText) -> str:
    """What is in flight of the job, of one field."""
    return "".join(sync.data.text for sync in live.in_flight("j"))


async def test_what_is_written_there_is_read_here_whole_and_ends_here_too(url: str) -> None:
    async with process(url, "worker") as there, process(url, "server") as here:
        step = begin(there)
        written = ""
        for number in range(40):
            piece = f"{number} ✓ \u0001\n" * 5
            step.write(1, "text", piece)
            written += piece
            await asyncio.sleep(0)
        await eventually(lambda: text(here) == written, what="the text")
        step.end()
        await eventually(lambda: not here.in_flight("j"), what="the end")


async def test_a_reply_of_a_megabyte_arrives_whole(url: str) -> None:
    async with process(url, "worker") as there, process(url, "server") as here:
        step = begin(there)
        written = "ä\n" * 500_000
        step.write(1, "text", written)
        step.flush()
        await eventually(lambda: text(here) == written, within=20, what="the text", every=0.2)


async def test_who_comes_in_the_middle_asks_for_what_was_written_before(url: str) -> None:
    async with process(url, "worker") as there:
        step = begin(there)
        step.write(1, "text", "written before anybody listened")
        step.flush()
        async with process(url, "late") as here:
            await eventually(lambda: text(here) == "written before anybody listened", what="the whole text")


async def test_a_piece_that_was_missed_is_asked_for_with_all_before_it(url: str) -> None:
    async with process(url, "worker") as there, process(url, "server") as here:
        step = begin(there)
        step.write(1, "text", "the beginning ")
        await eventually(lambda: text(here) == "the beginning ", what="the beginning")
        assert isinstance(there.relay, Relay)
        step.write(1, "text", "lost on the way ")
        step.flush()
        there.relay._outgoing.clear()  # as when its connection breaks
        step.write(1, "text", "and the end")
        await eventually(lambda: text(here) == "the beginning lost on the way and the end", what="the whole text")


async def test_another_reply_or_another_attempt_voids_what_was_heard(url: str) -> None:
    async with process(url, "worker") as there, process(url, "server") as here:
        step = begin(there)
        step.write(1, "text", "a first reply")
        step.write(2, "text", "a second")
        await eventually(lambda: text(here) == "a second", what="the second reply")
        # As after a crash: the first attempt's process never says that it ended.
        async with process(url, "another worker") as elsewhere:
            begin(elsewhere, attempt=2).write(1, "text", "another attempt")
            await eventually(lambda: text(here) == "another attempt", what="the other attempt")


async def test_text_goes_on_after_the_connections_were_ended(url: str) -> None:
    async with process(url, "worker") as there, process(url, "server") as here:
        step = begin(there)
        step.write(1, "text", "before ")
        await eventually(lambda: text(here) == "before ", what="the text before")
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        step.write(1, "text", "during ")

        def goes_on() -> bool:
            step.write(1, "text", "x")
            return text(here).startswith("before during x")

        await eventually(goes_on, what="the text after", every=0.1)


@pytest.mark.alone
async def test_the_median_piece_arrives_within_300_ms(url: str) -> None:
    async with process(url, "worker") as there, process(url, "server") as here:
        step = begin(there)
        delays = []
        length = 0
        for number in range(30):
            piece = f"token {number} "
            length += len(piece)
            began = time.monotonic()
            step.write(1, "text", piece)
            await eventually(lambda length=length: len(text(here)) == length, what="the piece", every=0.005)
            delays.append(time.monotonic() - began)
        assert statistics.median(delays) < 0.3
