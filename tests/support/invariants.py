"""What must always hold of a log, whatever was killed, cut or sent twice meanwhile: one checker for all tests."""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skill_fleet_common.events import TERMINAL_TYPES, DurableEvent, parse_event
from skill_fleet_common.fold import fold
from skill_fleet_common.jobs import JobView
from tests.support.follower import Follower
from tests.support.person import OVER, Person

Json = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What one client was sent, in the order it came."""

    events: Sequence[Json]
    start: int = 0
    """The position of the snapshot it began with: it was sent everything after that."""


def broken(jobs: Mapping[str, Json], logs: Mapping[str, Sequence[Json]], seen: Iterable[Seen] = ()) -> list[str]:
    """Every rule that is broken, in words; nothing, if all is well.

    Args:
        jobs: What `GET /jobs/{id}` says, by id.
        logs: Each job's events, as the server pages them.
        seen: What clients were sent.
    """
    found: list[str] = []
    for job_id, job in jobs.items():
        found += [f"{job_id}: {rule}" for rule in _broken_in_job(job, logs.get(job_id, []))]
    whole = sorted((event for log in logs.values() for event in log), key=lambda event: event["pos"])
    found += _not_rising("the log", whole)
    for number, client in enumerate(seen, 1):
        found += _broken_in_what_was_seen(f"client {number}", client, whole)
    return found


async def assert_lawful(person: Person, *followers: Follower) -> None:
    """Check every job of a server, and what these followers were sent, against each other.

    Nothing may be going on in the server meanwhile.
    """
    jobs = {job["job_id"]: await person.job(job["job_id"]) for job in await person.all_jobs()}
    logs = {job_id: await person.events(job_id) for job_id in jobs}
    head = max((log[-1]["pos"] for log in logs.values()), default=0)
    for follower in followers:
        if head > follower.start:
            await follower.until_at(head)
    rules = broken(jobs, logs, [Seen(follower.events, follower.start) for follower in followers])
    assert not rules, "\n".join(rules)
    epochs = {job["cursor"].partition(".")[0] for job in jobs.values()}.union(*(f.epochs for f in followers))
    assert len(epochs) == 1, f"the epoch changed: {epochs}"
    assert not [frame for follower in followers for frame in follower.of("reset")]


def _broken_in_job(job: Json, log: Sequence[Json]) -> list[str]:
    found: list[str] = []
    if strangers := [event for event in log if event["job_id"] != job["job_id"]]:
        found.append(f"its log holds events of others: {_places(strangers)}")
    seqs = [event["seq"] for event in log]
    if seqs != list(range(1, len(log) + 1)):
        found.append(f"seq is not contiguous from 1: {_gaps(seqs)}")
    found += _not_rising("its log", log)
    kinds = [event["type"] for event in log]
    if kinds[:1] != ["job_created"] or kinds.count("job_created") != 1:
        found.append("it does not begin with its one job_created")
    ends = [index for index, kind in enumerate(kinds) if kind in TERMINAL_TYPES]
    if len(ends) > 1:
        found.append(f"it ended {len(ends)} times")
    if ends and ends[0] != len(log) - 1:
        found.append("something happened after its end")
    if bool(ends) != (job["status"] in OVER):
        found.append(f"its status is {job['status']}, its last event {kinds[-1] if kinds else 'none'}")
    return found + _broken_prompts(log) + _broken_modules(log) + _broken_view(job, log)


def _broken_prompts(log: Sequence[Json]) -> list[str]:
    asked = Counter(event["data"]["prompt"]["prompt_id"] for event in log if event["type"] == "hitl_pause")
    resolved = Counter(event["data"]["prompt_id"] for event in log if event["type"] == "hitl_resolved")
    answered_alone = {
        event["data"]["prompt_id"]
        for event in log
        if event["type"] == "hitl_resolved" and event["data"]["outcome"] == "auto"
    }
    found = [f"{prompt_id} was asked {times} times" for prompt_id, times in asked.items() if times > 1]
    found += [f"{prompt_id} was resolved {times} times" for prompt_id, times in resolved.items() if times > 1]
    never = resolved.keys() - asked.keys() - answered_alone
    return found + [f"{prompt_id} was resolved and never asked" for prompt_id in sorted(never)]


def _broken_modules(log: Sequence[Json]) -> list[str]:
    ended = Counter(event["data"]["step"] for event in log if event["type"] == "module_end")
    started = Counter(event["data"]["step"] for event in log if event["type"] == "module_start")
    found = [f"{step} ended {times} times" for step, times in ended.items() if times > 1]
    found += [f"{step} started {times} times" for step, times in started.items() if times > 1]
    return found + [f"{step} ended and never started" for step in sorted(ended.keys() - started.keys())]


def _broken_view(job: Json, log: Sequence[Json]) -> list[str]:
    events = [parsed for event in log if isinstance(parsed := parse_event(json.dumps(event)), DurableEvent)]
    try:
        folded = fold(None, events).model_dump(mode="json")
    except ValueError as error:
        return [f"its log does not fold: {error}"]
    shown = JobView.model_validate(job).model_dump(mode="json")
    differing = [name for name in folded if folded[name] != shown[name]]
    return [f"the fold of its log differs from the job in {', '.join(differing)}"] if differing else []


def _broken_in_what_was_seen(who: str, seen: Seen, whole: Sequence[Json]) -> list[str]:
    found = _not_rising(f"what {who} was sent", seen.events)
    times = Counter(event["pos"] for event in seen.events)
    kept = {event["pos"]: event for event in whole}
    if doubled := [pos for pos, count in times.items() if count > 1]:
        found.append(f"{who} was sent twice: {doubled}")
    if foreign := [event for event in seen.events if kept.get(event["pos"]) != event]:
        found.append(f"{who} was sent what the log does not hold: {_places(foreign)}")
    if missed := [event for event in whole if event["pos"] > seen.start and event["pos"] not in times]:
        found.append(f"{who} was never sent: {_places(missed)}")
    return found


def _not_rising(what: str, events: Sequence[Json]) -> list[str]:
    positions = [event["pos"] for event in events]
    falls = [after for before, after in itertools.pairwise(positions) if after <= before]
    return [f"{what} is not in rising order at {falls}"] if falls else []


def _places(events: Sequence[Json]) -> str:
    return ", ".join(f"{event['type']} at {event['pos']}" for event in events)


def _gaps(seqs: Sequence[int]) -> str:
    expected = Counter(range(1, max(seqs, default=0) + 1))
    missing, extra = sorted(expected - Counter(seqs)), sorted(Counter(seqs) - expected)
    return f"missing {missing}, too many {extra}" if missing or extra else "out of order"
