"""One run of chaos: set up, use and break at the same time, let everything come to its end, and check every promise."""

import asyncio
import random
import re
import shutil
import tempfile
import time
import traceback
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from skills_ref import validate

from tests.chaos.bench import MODEL, Bench, Kind, set_up
from tests.chaos.faults import strikes
from tests.chaos.people import People
from tests.support.follower import Follower, following
from tests.support.invariants import Seen, broken
from tests.support.person import Person
from tests.support.promises import Given, broken_answers, broken_calls, broken_secrecy, broken_snapshots, broken_texts

_JOBS: Final[dict[Kind, int]] = {"sqlite": 4, "postgresql": 4}
_STRIKES: Final[dict[Kind, int]] = {"sqlite": 2, "postgresql": 3}
"""Of each of the two hands that strike at the same time."""

_WITHIN_S: Final = 150.0
"""By when every job must be over, on a machine that is busy with other things."""

_NEVER_LOGGED: Final = re.compile(r"never retrieved|background_task_failed|workflow_failed|relay_not_understood")
"""What no fault excuses."""

_FORGIVEN: Final = {"storage_unavailable"}
"""Codes with which a job may fail while the disk is full."""

Json = dict[str, Any]


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    kind: Kind
    broken: list[str] = field(default_factory=list)
    strikes: list[str] = field(default_factory=list)
    events: int = 0
    answers: int = 0
    connections: int = 0
    cuts: int = 0
    seconds: float = 0.0

    @property
    def line(self) -> str:
        """The run in one line."""
        verdict = "; ".join(self.broken) or "nothing lost, doubled or stuck"
        counts = f"{self.events} events, {self.connections} connections, {self.answers} answers, {self.cuts} cuts"
        return f"{self.kind} {self.seed}: {verdict} ({counts}, {self.seconds:.0f} s: {', '.join(self.strikes)})"


async def run(kind: Kind, seed: int, directory: Path) -> Outcome:
    """Run once. What the seed decides is what is done, in which order and to whom; the machine decides the rest."""
    outcome = Outcome(seed, kind)
    chance = random.Random(f"{kind} {seed}")
    began = time.monotonic()
    async with set_up(kind, directory, chance) as bench, AsyncExitStack() as stack:
        urls = [server.url for server in bench.servers]
        doors = [door.url for door in bench.doors]
        followers = [Follower(url, bench.headers, patience=10.0) for url in urls]
        followers += [Follower(doors, bench.headers, patience=10.0) for _ in range(2)]
        for follower in followers:
            await stack.enter_async_context(following(follower))
        stranger = Follower(doors, await _stranger(bench), patience=10.0)
        await stack.enter_async_context(following(stranger))
        people = await stack.enter_async_context(People(bench, chance))
        try:
            jobs = [await people.create(number) for number in range(_JOBS[kind])]
            async with asyncio.TaskGroup() as together:
                together.create_task(_break(bench, chance, outcome))
                over = together.create_task(people.see_through(jobs, _WITHIN_S))
            outcome.broken += await _check(bench, over.result(), followers, people.given, outcome)
            outcome.broken += broken_secrecy(stranger.frames, may_read=())
        except* AssertionError as errors:
            outcome.broken += [f"stuck: {error}" for error in errors.exceptions]
        outcome.answers = len(people.given)
        outcome.connections = sum(follower.connections for follower in followers)
        outcome.cuts = sum(proxy.cuts for proxy in bench.doors)
        outcome.broken += sorted({f"a process logged: {line}" for line in _never(bench.logs)})
    outcome.seconds = time.monotonic() - began
    return outcome


def run_alone(kind: Kind, seed: int, keep: Path | None) -> Outcome:
    """Run once, in a process that does nothing else; what was written is kept where something broke."""
    with tempfile.TemporaryDirectory(prefix="sf-chaos-", ignore_cleanup_errors=True) as directory:
        try:
            outcome = asyncio.run(run(kind, seed, Path(directory)))
        except Exception as error:  # whatever it was, the other runs go on
            outcome = Outcome(
                seed, kind, [f"the run itself ended: {''.join(traceback.format_exception(error))[-2000:]}"]
            )
        if outcome.broken and keep is not None:
            shutil.copytree(directory, keep / f"{kind}-{seed}", dirs_exist_ok=True)
    return outcome


async def _stranger(bench: Bench) -> dict[str, str]:
    """The headers of somebody who sees only jobs of its own, and has none."""
    async with bench.servers[0].client(trust_env=False) as client:
        wish = {"name": "stranger", "role": "viewer", "own_only": True}
        response = await Person(client).persisting(lambda: client.post("tokens", json=wish))
    return {"Authorization": f"Bearer {response.json()['token']}"}


async def _break(bench: Bench, chance: random.Random, outcome: Outcome) -> None:
    """Two hands strike at the same time; then all is left in peace."""
    hands = [strikes(bench, random.Random(chance.random()), _STRIKES[bench.kind]) for _ in range(2)]
    for done in await asyncio.gather(*hands):
        outcome.strikes += done
    await bench.clear_up()


async def _check(
    bench: Bench, over: dict[str, Json], followers: list[Follower], given: list[Given], outcome: Outcome
) -> list[str]:
    found = _broken_ends(bench, over, outcome.strikes)
    async with bench.servers[-1].client(trust_env=False) as client:
        person = Person(client)
        jobs = {job["job_id"]: await person.job(job["job_id"]) for job in await person.all_jobs()}
        logs = {job_id: await person.events(job_id) for job_id in jobs}
        if prompts := (await client.get("hitl")).json()["prompts"]:
            found.append(f"there are open prompts of jobs that are over: {[one['prompt_id'] for one in prompts]}")
    head = max(log[-1]["pos"] for log in logs.values())
    for follower in followers:
        await follower.until_at(head)
    outcome.events = sum(len(log) for log in logs.values())
    if jobs.keys() != over.keys():
        found.append(f"{len(over)} jobs were asked for, there are {len(jobs)}")
    found += broken(jobs, logs, [Seen(follower.events, follower.start) for follower in followers])
    found += broken_answers(given, logs)
    for follower in followers:
        found += broken_snapshots(follower.snapshots, logs)
        found += broken_texts(follower.frames, logs)
        found += [f"a client was told to begin anew: {frame.data}" for frame in follower.of("reset")]
    if len(epochs := set().union(*(follower.epochs for follower in followers))) != 1:
        found.append(f"the epoch changed: {epochs}")
    if bench.stub is not None:
        made = (await bench.stub.stats())["calls"]
        name = MODEL.partition("/")[2]
        found += broken_calls({job: made.get(f"{name}-{n}", 0) for n, job in enumerate(over)}, logs)
    return found


def _broken_ends(bench: Bench, over: dict[str, Json], struck: list[str]) -> list[str]:
    found: list[str] = []
    for job in over.values():
        excused = "disk full" in struck and job["error"] and job["error"]["code"] in _FORGIVEN
        if job["status"] == "failed" and not excused:
            found.append(f"{job['job_id']} failed: {job['error']}")
        if job["status"] == "completed":
            home = bench.directory / "shared" if bench.kind == "postgresql" else bench.servers[0].data_dir
            found += [f"{job['job_id']}: {problem}" for problem in validate(home / job["draft_path"])]
    return found


def _never(logs: str) -> list[str]:
    return [line[:300] for line in logs.splitlines() if _NEVER_LOGGED.search(line)]
