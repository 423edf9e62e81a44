"""Who uses an installation while it falls apart: asks for jobs, and answers each prompt three times at once."""

import asyncio
import itertools
import random
import time
from typing import Any, Final

import httpx

from tests.chaos.bench import MODEL, Bench
from tests.support.person import OVER, Person, proposed
from tests.support.promises import Given

_PATIENCE: Final = httpx.Timeout(4.0)
_WITHIN_S: Final = 90.0
"""Longest that a request is repeated."""

_CANCELLED: Final = 0.1
"""Share of jobs that somebody cancels."""

Json = dict[str, Any]


class People:
    """Everybody, each request through the next of the doors."""

    def __init__(self, bench: Bench, chance: random.Random) -> None:
        self.given: list[Given] = []
        self._bench = bench
        self._chance = chance
        self._persons: list[Person] = []
        self._turn = itertools.count()
        self._answered: set[str] = set()

    async def __aenter__(self) -> "People":
        for door in self._bench.doors:
            base = f"{door.url}/api/v1/"
            client = httpx.AsyncClient(base_url=base, headers=self._bench.headers, timeout=_PATIENCE, trust_env=False)
            self._persons.append(Person(client))
        return self

    async def __aexit__(self, *_: object) -> None:
        for person in self._persons:
            await person.client.aclose()

    async def create(self, number: int) -> str:
        """A job, asked for until it is told to exist. With a provider each job calls a model of its own name."""
        body: Json = {"task_description": f"a skill number {number} for surviving" + " demo:structure" * (number % 2)}
        if self._bench.stub is not None:
            body["model"] = f"{MODEL}-{number}"
        response = await self._ask("POST", "jobs", json=body, headers={"Idempotency-Key": f"job-{number}"})
        assert response.status_code in (200, 201), response.text
        return response.json()["job"]["job_id"]

    async def see_through(self, jobs: list[str], within: float) -> dict[str, Json]:
        """Answer whatever is asked until every job is over; returns the jobs."""
        doomed = [job for job in jobs if self._chance.random() < _CANCELLED]
        deadline = time.monotonic() + within
        while True:
            page = await self._ask("GET", "jobs", params={"limit": 200})
            known = {job["job_id"]: job for job in page.json()["jobs"]}
            if all(job in known and known[job]["status"] in OVER for job in jobs):
                return {job: known[job] for job in jobs}
            if time.monotonic() > deadline:
                stuck = [f"{job} is {known[job]['status'] if job in known else 'unknown'}" for job in jobs]
                raise AssertionError(f"not over after {within:.0f} s: {', '.join(stuck)}")
            prompts = (await self._ask("GET", "hitl")).json()["prompts"]
            await asyncio.gather(*(self._answer(prompt) for prompt in prompts))
            if doomed and self._chance.random() < 0.2:
                await self._ask("POST", f"jobs/{doomed.pop()}/cancel")
            await asyncio.sleep(0.05)

    async def _answer(self, prompt: Json) -> None:
        """Two send the same under one key, a third something else under another."""
        prompt_id = prompt["prompt_id"]
        if prompt_id in self._answered:
            return
        answer = proposed(prompt)
        other = dict(answer)
        if "revise" in prompt["actions"] and prompt_id.endswith(".1"):
            other = {"action": "revise", "feedback": "Say it again."}
        if self._chance.random() < 0.3:
            answer, other = other, answer
        await asyncio.gather(
            self._send(prompt, f"{prompt_id}-a", answer),
            self._send(prompt, f"{prompt_id}-a", answer),
            self._send(prompt, f"{prompt_id}-b", other),
        )
        self._answered.add(prompt_id)

    async def _send(self, prompt: Json, key: str, answer: Json) -> None:
        body = {"prompt_id": prompt["prompt_id"], "version": prompt["version"], **answer}
        path = f"hitl/{prompt['job_id']}/response"
        response = await self._ask("POST", path, json=body, headers={"Idempotency-Key": key})
        self.given.append(Given(prompt["prompt_id"], key, answer["action"], response.status_code, response.json()))

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        def request() -> Any:
            person = self._persons[next(self._turn) % len(self._persons)]
            return person.client.request(method, path, **more)

        return await self._persons[0].persisting(request, _WITHIN_S)
