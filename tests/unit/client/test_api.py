"""Requests: what is repeated and what is not, what comes back, and what an error says."""

import json

import httpx
import pytest

from skill_fleet_common.api import CreateJob
from skill_fleet_common.prompts import AnswerRequest
from skill_fleet_tui.client import api as module
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import ClientError, NotUnderstood, Refused, Unauthorized, Unreachable

NOON = "2026-01-01T12:00:00Z"
JOB = {"job_id": "j", "created_at": NOON, "updated_at": NOON, "task_description": "a \x1b[31mred\x1b[0m skill"}
ACCEPTED = {"job": JOB, "position": 3}


class Server:
    """Replies in turn, and remembers what it was asked."""

    def __init__(self, *replies: httpx.Response | Exception) -> None:
        self._replies = list(replies)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def client(self) -> ApiClient:
        return ApiClient("http://127.0.0.1:1/", "secret", transport=httpx.MockTransport(self))


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)


def problem(status: int, **members: object) -> httpx.Response:
    return httpx.Response(status, json={"title": "No", "status": status, **members})


async def test_the_token_goes_into_the_header_and_nowhere_else() -> None:
    server = Server(httpx.Response(200, json={"jobs": []}))
    async with server.client() as api:
        await api.jobs(q="x")

    assert server.asked[0].headers["Authorization"] == "Bearer secret"
    assert "secret" not in str(server.asked[0].url)


async def test_creating_is_repeated_under_the_same_key_when_the_connection_is_cut() -> None:
    server = Server(httpx.ReadError("cut"), httpx.ConnectError("down"), httpx.Response(201, json=ACCEPTED))
    async with server.client() as api:
        accepted = await api.create_job(CreateJob(task_description="x"), idempotency_key="k1")

    assert accepted.job.job_id == "j"
    assert [request.headers["Idempotency-Key"] for request in server.asked] == ["k1"] * 3
    assert len({request.content for request in server.asked}) == 1


async def test_an_answer_costs_one_request() -> None:
    server = Server(httpx.Response(200, json={"position": 4}))
    async with server.client() as api:
        await api.answer("j", AnswerRequest(prompt_id="p", version=1, text="yes"), idempotency_key="k")

    assert len(server.asked) == 1
    assert json.loads(server.asked[0].content)["text"] == "yes"


async def test_after_three_tries_nobody_is_there() -> None:
    server = Server(*[httpx.ConnectError("refused") for _ in range(3)])
    async with server.client() as api:
        with pytest.raises(Unreachable, match=r"No server answers at http://127\.0\.0\.1:1"):
            await api.jobs()

    assert len(server.asked) == 3


async def test_a_refusal_is_not_repeated_and_says_what_the_server_said() -> None:
    refusal = problem(422, detail="Does not fit.\x1b[2J", errors=[{"field": "answers.q", "message": "Choose one."}])
    server = Server(refusal)
    async with server.client() as api:
        with pytest.raises(Refused) as raised:
            await api.create_job(CreateJob(task_description="x"), idempotency_key="k")

    assert str(raised.value) == "Does not fit.\nanswers.q: Choose one."
    assert len(server.asked) == 1


async def test_a_wrong_token_is_told_from_other_refusals() -> None:
    async with Server(problem(401)).client() as api:
        with pytest.raises(Unauthorized) as raised:
            await api.jobs()

    assert "SKILL_FLEET_TOKEN" in raised.value.hint


async def test_what_is_no_skill_fleet_server_is_not_understood() -> None:
    async with Server(httpx.Response(200, text="<html>")).client() as api:
        with pytest.raises(NotUnderstood):
            await api.health()


async def test_a_refusal_without_a_problem_is_one_all_the_same() -> None:
    async with Server(httpx.Response(502, text="bad gateway")).client() as api:
        with pytest.raises(Refused, match="502"):
            await api.job("j")


async def test_what_is_decoded_is_clean() -> None:
    async with Server(httpx.Response(201, json=ACCEPTED)).client() as api:
        accepted = await api.create_job(CreateJob(task_description="x"), idempotency_key="k")

    assert accepted.job.task_description == "a red skill"


async def test_a_file_is_clean_to_show_and_whole_to_write() -> None:
    body = "one\r\n\x1b[31mtwo"
    server = Server(httpx.Response(200, text=body), httpx.Response(200, text=body))
    async with server.client() as api:
        assert await api.file("j", "references/a b.md", 2) == "one\ntwo"
        assert await api.file_raw("j", "references/a b.md", 2) == body

    assert server.asked[0].url.raw_path == b"/api/v1/jobs/j/files/references/a%20b.md?revision=2"


async def test_no_open_prompt_is_none() -> None:
    async with Server(problem(404)).client() as api:
        assert await api.prompt("j") is None


async def test_events_are_read_page_by_page() -> None:
    def page(pos: int, *, more: bool) -> httpx.Response:
        frame = {"v": 1, "type": "job_started", "pos": pos, "job_id": "j", "seq": pos}
        return httpx.Response(200, json={"events": [frame], "after": pos, "more": more})

    server = Server(page(1, more=True), page(2, more=False))
    async with server.client() as api:
        types = [event.type async for event in api.all_events("j")]

    assert types == ["job_started", "job_started"]
    assert [request.url.params["after"] for request in server.asked] == ["0", "1"]


@pytest.mark.parametrize("url", ["127.0.0.1:8765", "ftp://x", "http://", "http://host:port", "nonsense"])
async def test_what_is_no_address_is_said_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ClientError, match="address"):
        ApiClient(url)


async def test_a_server_that_came_back_elsewhere_is_asked_there() -> None:
    server = Server(httpx.Response(200, json={"jobs": []}))
    async with server.client() as api:
        api.point_at("http://127.0.0.1:2", "new")
        await api.jobs()

    assert (server.asked[0].url.port, server.asked[0].headers["Authorization"]) == (2, "Bearer new")
