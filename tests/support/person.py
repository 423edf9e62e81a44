"""A person who uses a server over HTTP: asks for jobs, answers what they ask, reads what happened."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from tests.support.server import eventually

OVER = frozenset({"completed", "pending_review", "failed", "cancelled"})
JOB_SECONDS = 60.0
"""Longest that anything a job does on the demo model may take on a busy machine."""


class Person:
    """Speaks to one server through a client whose paths are relative to `/api/v1/`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def create(self, task: str = "a skill for tests", **more: Any) -> str:
        """A new job's id."""
        response = await self.client.post("jobs", json={"task_description": task, **more})
        assert response.status_code == 201, response.text
        return response.json()["job"]["job_id"]

    async def job(self, job_id: str) -> dict[str, Any]:
        response = await self.client.get(f"jobs/{job_id}")
        assert response.status_code == 200, response.text
        return response.json()

    async def until(
        self, job_id: str, holds: Callable[[dict[str, Any]], Any], what: str = "what the job should become"
    ) -> dict[str, Any]:
        """The job, as soon as something holds for it. A job that ends without it is no reason to wait."""
        last: dict[str, Any] = {}

        async def found() -> bool:
            last.update(await self.job(job_id))
            return bool(holds(last)) or last["status"] in OVER

        await eventually(found, within=JOB_SECONDS, what=what)
        assert holds(last), f"{what}: {last['status']} {last['error']}"
        return last

    async def until_over(self, job_id: str) -> dict[str, Any]:
        return await self.until(job_id, lambda job: job["status"] in OVER, "the job's end")

    async def asked(self, job_id: str, kind: str = "", ordinal: int | None = None) -> dict[str, Any]:
        """The prompt that a job waits with, of this kind if one is named."""

        def asks(job: dict[str, Any]) -> bool:
            prompt = job["prompt"]
            return bool(
                prompt
                and (not kind or prompt["kind"] == kind)
                and (ordinal is None or prompt["prompt_id"].endswith(f".{ordinal}"))
            )

        return (await self.until(job_id, asks, f"a prompt {kind}"))["prompt"]

    async def waiting(self, kind: str = "confirm", task: str = "a skill for tests") -> dict[str, Any]:
        """The prompt of a new job that asks at this checkpoint alone."""
        return await self.asked(await self.create(task, checkpoints=[kind]), kind)

    async def respond(self, prompt: Mapping[str, Any], *, key: str | None = None, **answer: Any) -> httpx.Response:
        """Send an answer to a prompt; without an action or a text, the one that it proposes."""
        body = {"prompt_id": prompt["prompt_id"], "version": prompt["version"], **(answer or proposed(prompt))}
        headers = {"Idempotency-Key": key} if key else {}
        return await self.client.post(f"hitl/{prompt['job_id']}/response", json=body, headers=headers)

    async def answer(self, prompt: Mapping[str, Any], *, key: str | None = None, **answer: Any) -> dict[str, Any]:
        """Send an answer that has to be taken."""
        response = await self.respond(prompt, key=key, **answer)
        assert response.status_code == 200, response.text
        return response.json()

    async def agree_to_all(self, job_id: str) -> dict[str, Any]:
        """Answer whatever the job asks with what it proposes, until it is over; returns the job."""
        answered: set[str] = set()
        while True:
            job = await self.until(
                job_id,
                lambda job: job["status"] in OVER or (job["prompt"] and job["prompt"]["prompt_id"] not in answered),
                "the next prompt, or the end",
            )
            if job["status"] in OVER:
                return job
            answered.add(job["prompt"]["prompt_id"])
            await self.answer(job["prompt"])

    async def events(self, job_id: str, *kinds: str) -> list[dict[str, Any]]:
        """A job's whole log, or what of it is of these types."""
        found: list[dict[str, Any]] = []
        after, more = 0, True
        while more:
            response = await self.client.get(
                f"jobs/{job_id}/events",
                params={"after": after, "limit": 1000},
                headers={"Accept": "application/json"},
            )
            assert response.status_code == 200, response.text
            page = response.json()
            found += page["events"]
            after, more = page["after"], page["more"]
        return [event for event in found if not kinds or event["type"] in kinds]

    async def all_jobs(self) -> list[dict[str, Any]]:
        """Every job the server knows, newest first."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await self.client.get("jobs", params={"limit": 200, **cursor})).json()
            found += page["jobs"]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    async def persisting(
        self, request: Callable[[], Awaitable[httpx.Response]], within: float = 30.0
    ) -> httpx.Response:
        """Send a request until a server answers it, as a client with an idempotency key may. A server whose database
        is away says so, which is no answer."""
        answered: list[httpx.Response] = []

        async def sent() -> bool:
            try:
                answered.append(await request())
            except httpx.TransportError:
                return False
            return answered[-1].status_code != 503

        await eventually(sent, within=within, what="an answer of the server")
        return answered[-1]


def proposed(prompt: Mapping[str, Any]) -> dict[str, Any]:
    """The answer that a prompt proposes itself."""
    return {name: prompt["default"][name] for name in ("action", "answers", "edits")}


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem with which a server has to refuse a request."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert problem["detail"]
    return problem
