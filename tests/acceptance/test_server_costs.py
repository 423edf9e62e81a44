"""What a client costs a server: one answer is one request, and waiting is none."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from skill_fleet_common.actions import Action
from skill_fleet_common.api import CreateJob
from skill_fleet_common.events import DurableEvent, HitlPause
from skill_fleet_common.jobs import JobStatus
from skill_fleet_common.prompts import AnswerRequest, Checkpoint, PreviewPrompt, Prompt
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.stream import EventStream
from tests.support.server import ServerProcess, eventually, running_server


class Counting:
    """The server's own count of requests, without those that read it."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._own = 0

    async def requests(self) -> int:
        self._own += 1
        async with self._server.client() as client:
            text = (await client.get("metrics")).text
        [found] = re.findall(r"^skill_fleet_requests_total (\S+)$", text, re.MULTILINE)
        return int(float(found)) - self._own


@contextlib.asynccontextmanager
async def streaming(api: ApiClient, job_id: str) -> AsyncGenerator[list[Any]]:
    """What the client library's stream tells of a job."""
    told: list[Any] = []
    task = asyncio.create_task(EventStream(api, job=job_id).run(told.append, lambda _state: None))
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def prompts(told: list[Any]) -> list[Prompt]:
    return [event.data.prompt for event in told if isinstance(event, HitlPause)]


async def until(holds: Callable[[], Any], what: str) -> None:
    await eventually(holds, within=30, what=what)


async def test_an_answer_costs_one_request_and_waiting_for_what_comes_next_none(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server, ApiClient(server.url, server.token) as api:
        counting = Counting(server)
        job = CreateJob(task_description="a skill for counting", checkpoints=[Checkpoint.CONFIRM, Checkpoint.PREVIEW])
        accepted = await api.create_job(job, idempotency_key="count")
        async with streaming(api, accepted.job.job_id) as told:
            await until(lambda: prompts(told) or [e for e in told if e.type == "snapshot" and e.data.job.prompt], "ask")
            first = prompts(told)[0] if prompts(told) else told[1].data.job.prompt
            before = await counting.requests()

            # Two keepalives pass: time in which a client that polls would have asked.
            await until(lambda: len([e for e in told if e.type == "keepalive"]) >= 2, "two keepalives")
            assert await counting.requests() == before

            answer = AnswerRequest(prompt_id=first.prompt_id, version=first.version, action=Action.PROCEED)
            await api.answer(accepted.job.job_id, answer, idempotency_key="answer")
            await until(lambda: [p for p in prompts(told) if p.kind is Checkpoint.PREVIEW], "the next prompt, whole")
            assert await counting.requests() == before + 1

            second = prompts(told)[-1]
            assert isinstance(second, PreviewPrompt)
            assert second.files[0].text
            answer = AnswerRequest(prompt_id=second.prompt_id, version=second.version, text="looks good")
            await api.answer(accepted.job.job_id, answer, idempotency_key="second-answer")
            await until(lambda: told[-1].type == "bye", "the job's end")
            assert await counting.requests() == before + 2

            durable = [event for event in told if isinstance(event, DurableEvent)]
            assert durable[-1].type == "completed"
            assert durable[-1].data.status is JobStatus.COMPLETED
