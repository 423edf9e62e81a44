"""How a process of a fleet takes jobs from the queue, on a real PostgreSQL."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from dbos._dbos import _get_dbos_instance
from sqlalchemy.exc import OperationalError

from tests.support import postgresql
from tests.support.api import running_api

_REFUSALS = 7
_WITHIN_SECONDS = 15.0
"""What the fleet promises for a job that waits for a live worker."""

_REFUSE_AT_FIRST = f"""
    SET search_path TO skill_fleet_checkpoints;
    CREATE SEQUENCE refusals;
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('skill_fleet_checkpoints.refusals') <= {_REFUSALS} THEN
            RAISE EXCEPTION 'could not serialize access due to concurrent update' USING ERRCODE = '40001';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER overtaken BEFORE UPDATE ON workflow_status FOR EACH ROW
        WHEN (OLD.status = 'ENQUEUED' AND NEW.status = 'PENDING') EXECUTE FUNCTION refuse();
"""
"""What PostgreSQL says to whoever takes a job when another has just taken it. Sequences are not rolled back."""


@pytest.fixture
def url() -> Generator[str]:
    with postgresql.database() as url:
        yield url


async def test_a_process_that_is_overtaken_again_and_again_looks_no_less_often(tmp_path: Path, url: str) -> None:
    async with running_api(tmp_path, database_url=url, jobs_at_once=2, jobs_per_worker=1) as api:
        refused_by = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(refused_by, autocommit=True) as connection:
            await connection.execute(_REFUSE_AT_FIRST)
            job = await api.create(auto_approve=True)
            async with asyncio.timeout(_WITHIN_SECONDS):
                await api.until_status(job, "completed")
            told = await connection.execute("SELECT last_value FROM skill_fleet_checkpoints.refusals")
            assert await told.fetchone() == (_REFUSALS + 1,)


async def test_a_job_is_not_lost_with_the_answer_to_the_commit_that_took_it(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_api(tmp_path, database_url=url) as api:
        system = _get_dbos_instance()._sys_db
        take, lost = system.start_queued_workflows, []

        def take_and_break(*given: Any, **named: Any) -> Any:
            taken = take(*given, **named)
            if taken[0] and not lost:
                lost.extend(taken[0])
                raise OperationalError("COMMIT", {}, psycopg.OperationalError("server closed the connection"))
            return taken

        monkeypatch.setattr(system, "start_queued_workflows", take_and_break)
        job = await api.create(auto_approve=True)
        async with asyncio.timeout(_WITHIN_SECONDS):
            await api.until_status(job, "completed")
        assert lost == [job]
