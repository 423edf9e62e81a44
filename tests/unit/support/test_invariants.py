"""The checker of logs: it is silent about a lawful log, and catches each way in which a log can be wrong."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from skill_fleet_common.events import HitlPause, HitlPauseData
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.schema import upgrade
from skill_fleet_server.database.sqlite import sqlite_url
from skill_fleet_server.events.log import EventLog
from skill_fleet_server.jobs.jobs import Jobs
from tests.support.events import clarify_prompt, created, endings, job_row, one_of_each
from tests.support.invariants import Json, Seen, broken

Logs = dict[str, list[Json]]


@pytest.fixture
async def lawful(tmp_path: Path) -> tuple[dict[str, Json], Logs]:
    """Two jobs that are over, as a real log tells of them."""
    database = Database(sqlite_url(tmp_path / "fleet.sqlite"))
    upgrade(database)
    log = await EventLog.open(database)
    for job_id in ("one", "two"):
        await log.transact(lambda tx, job_id=job_id: tx.create(job_row(job_id), created(job_id)))
        for event in [*one_of_each(job_id), endings(job_id)[0]]:
            await log.transact(lambda tx, event=event: tx.append(event))
    jobs = Jobs(database, log, None, None, limit=1)  # ty: ignore[invalid-argument-type] - reading needs neither
    views = {job_id: (await jobs.get(job_id))[0].model_dump(mode="json") for job_id in ("one", "two")}
    logs = {job_id: (await jobs.events(job_id, after=0, limit=100)).events for job_id in ("one", "two")}
    await log.close()
    database.close()
    return views, logs


def all_of(logs: Logs) -> list[Json]:
    return [event for log in logs.values() for event in log]


def test_a_lawful_log_breaks_no_rule(lawful: tuple[dict[str, Json], Logs]) -> None:
    jobs, logs = lawful
    late = all_of(logs)[5:]
    assert broken(jobs, logs, [Seen(all_of(logs)), Seen(late, start=late[0]["pos"] - 1)]) == []


def test_a_job_that_goes_on_breaks_no_rule(lawful: tuple[dict[str, Json], Logs]) -> None:
    jobs, logs = lawful
    ended = broken({"two": jobs["two"]}, {"two": logs["two"][:-1]})
    assert any("its status is completed" in rule for rule in ended)


def dropped(events: list[Json]) -> list[Json]:
    return events[:4] + events[5:]


def doubled(events: list[Json]) -> list[Json]:
    return [*events[:5], events[4], *events[5:]]


def reordered(events: list[Json]) -> list[Json]:
    return [*events[:4], events[5], events[4], *events[6:]]


def foreign(events: list[Json]) -> list[Json]:
    return [*events[:5], {**events[5], "job_id": "nobody"}, *events[6:]]


Damage = Callable[[list[Json]], list[Json]]
DAMAGES = [
    (dropped, ["missing [5]"], ["never sent"]),
    (doubled, ["too many [5]", "rising"], ["sent twice"]),
    (reordered, ["out of order", "rising"], ["rising"]),
    (foreign, ["events of others"], ["the log does not hold"]),
]


@pytest.mark.parametrize(("damage", "says", "_seen"), DAMAGES)
def test_a_damaged_log_is_caught(
    lawful: tuple[dict[str, Json], Logs], damage: Damage, says: list[str], _seen: list[str]
) -> None:
    jobs, logs = lawful
    found = "\n".join(broken(jobs, {**logs, "one": damage(logs["one"])}))
    for part in says:
        assert part in found


@pytest.mark.parametrize(("damage", "_log", "says"), DAMAGES)
def test_a_client_that_was_sent_something_else_is_caught(
    lawful: tuple[dict[str, Json], Logs], damage: Damage, _log: list[str], says: list[str]
) -> None:
    jobs, logs = lawful
    found = "\n".join(broken(jobs, logs, [Seen(damage(all_of(logs)))]))
    for part in says:
        assert part in found


def changed(log: list[Json], kind: str, **to: Any) -> list[Json]:
    return [{**event, **to} if event["type"] == kind else event for event in log]


def ended_twice(log: list[Json]) -> list[Json]:
    last = log[-1]
    return [*log, {**last, "seq": last["seq"] + 1, "pos": last["pos"] + 1000}]


def asked_twice(log: list[Json]) -> list[Json]:
    data = HitlPauseData(prompt=clarify_prompt("one"))
    pause = HitlPause(job_id="one", data=data).model_dump(mode="json")
    return [*log[:-1], {**log[-1], **pause, "seq": log[-1]["seq"], "pos": log[-1]["pos"]}]


def without_an_end(log: list[Json]) -> list[Json]:
    return log[:-1]


def with_another_story(log: list[Json]) -> list[Json]:
    return changed(log, "progress", data={"text": "something else", "fraction": 0.1})


def resolved_unasked(log: list[Json]) -> list[Json]:
    return changed(log, "hitl_pause", type="a_later_version")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (ended_twice, "ended 2 times"),
        (asked_twice, "asked 2 times"),
        (without_an_end, "its status is completed"),
        (with_another_story, "differs from the job in progress_text"),
        (resolved_unasked, "never asked"),
        (lambda log: log[1:], "does not begin with"),
    ],
)
def test_a_story_that_cannot_be_is_caught(lawful: tuple[Mapping[str, Json], Logs], damage: Damage, says: str) -> None:
    jobs, logs = lawful
    assert says in "\n".join(broken(jobs, {**logs, "one": damage(logs["one"])}))
