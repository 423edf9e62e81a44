"""The HTTP API over real services: what each endpoint answers, and how each mistake is told."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from skill_fleet_common import limits
from skill_fleet_common.actions import DEFAULT_KEYWORDS
from skill_fleet_common.jobs import JobView
from skill_fleet_server.api.passage import BODY_BYTES
from tests.support.api import Api, running_api
from tests.support.person import Person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """One server for the module: starting the services takes longer than any test here."""
    async with running_api(tmp_path_factory.mktemp("data")) as api:
        yield api


pytestmark = pytest.mark.asyncio(loop_scope="module")


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The response as the problem it has to be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    body = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    assert "/site-packages/" not in response.text
    return body


async def test_a_job_is_created_and_can_be_read(api: Api) -> None:
    response = await api.client.post("jobs", json={"task_description": " a skill for logging "})
    assert response.status_code == 201
    body = response.json()
    job_id = body["job"]["job_id"]
    assert response.headers["location"] == f"/api/v1/jobs/{job_id}"
    assert body["job"]["task_description"] == "a skill for logging"
    detail = await api.job(job_id)
    assert detail["as_of"] >= detail["pos"] >= body["position"]
    assert detail["cursor"] == f"{api.services.log.epoch}.{detail['as_of']}"
    assert JobView.model_validate(detail).job_id == job_id


async def test_the_same_key_creates_one_job_and_another_request_under_it_is_refused(api: Api) -> None:
    key = {"Idempotency-Key": "one-action"}
    first = await api.client.post("jobs", json={"task_description": "once"}, headers=key)
    again = await api.client.post("jobs", json={"task_description": "once"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["job"]["job_id"] == again.json()["job"]["job_id"]
    assert first.json()["position"] == again.json()["position"]
    other = await api.client.post("jobs", json={"task_description": "twice"}, headers=key)
    problem(other, 422, "idempotency_key_reuse")


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "task_description", "required"),
        ({"task_description": "  "}, "task_description", "Describe the skill"),
        ({"task_description": "x" * (limits.TASK_CHARACTERS + 1)}, "task_description", "10000"),
        ({"task_description": 3}, "task_description", "string"),
        ({"task_description": "x", "sources": [{"name": "a", "text": "\0"}]}, "sources.0.text", "binary"),
        ({"task_description": "x", "sources": [{"name": "a", "text": " "}]}, "sources.0.text", "empty"),
        ({"task_description": "x", "sources": [{"text": "t"}]}, "sources.0.name", "required"),
        ({"task_description": "x", "checkpoints": ["lunch"]}, "checkpoints.0", "clarify"),
        (["not", "an", "object"], "body", "JSON object"),
    ],
)
async def test_a_job_that_does_not_fit_is_told_where(api: Api, body: Any, field: str, says: str) -> None:
    found = problem(await api.client.post("jobs", json=body), 422, "invalid")
    assert [error["field"] for error in found["errors"]] == [field]
    assert says in found["errors"][0]["message"]


@pytest.mark.parametrize("body", [b"{", b'{"task_description": "x"', b"\xff\xfe", b"[" * 100_000])
async def test_a_body_that_is_not_json_is_told_so(api: Api, body: bytes) -> None:
    response = await api.client.post("jobs", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


async def test_text_that_is_no_unicode_is_refused(api: Api) -> None:
    body = rb'{"task_description": "\ud800"}'
    response = await api.client.post("jobs", content=body, headers={"Content-Type": "application/json"})
    problem(response, 422, "invalid")


async def test_a_body_over_the_limit_is_refused_announced_or_not(api: Api) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * (BODY_BYTES // 8)

    announced = await api.client.post("jobs", content=b" " * (BODY_BYTES + 1))
    problem(announced, 413, "too_large")
    json_type = {"Content-Type": "application/json"}
    problem(await api.client.post("jobs", content=pieces(), headers=json_type), 413, "too_large")


async def test_jobs_are_listed_newest_first_in_pages(api: Api) -> None:
    ids = [await api.create(f"paged number {i}") for i in range(5)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.client.get("jobs", params={"q": "paged number", "limit": 2, **cursor})).json()
        found += [job["job_id"] for job in page["jobs"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == ids[::-1]
    none = await api.client.get("jobs", params={"q": "paged number", "status": ["failed", "cancelled"]})
    assert none.json() == {"jobs": [], "next": None, "promoted": {}}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "asleep"}, "status.0"),
        ({"limit": 0}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"cursor": "x"}, "cursor"),
    ],
)
async def test_a_query_that_does_not_fit_is_told_where(api: Api, query: dict[str, Any], field: str) -> None:
    found = problem(await api.client.get("jobs", params=query), 422, "invalid")
    assert [error["field"] for error in found["errors"]] == [field]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "jobs/none"),
        ("POST", "jobs/none/cancel"),
        ("POST", "jobs/none/retry"),
        ("GET", "jobs/none/events"),
        ("GET", "jobs/none/files/SKILL.md"),
        ("GET", "events?job=none"),
        ("GET", "hitl/none/prompt"),
        ("GET", "no/such/address"),
    ],
)
async def test_what_does_not_exist_is_told_so(api: Api, method: str, path: str) -> None:
    problem(await api.client.request(method, path), 404, "not_found")


async def test_a_method_an_address_does_not_take_is_told_so(api: Api) -> None:
    response = await api.client.delete("jobs")
    problem(response, 405, "method_not_allowed")
    assert "allow" in response.headers


async def test_cancelling_is_accepted_then_done_and_may_be_repeated(api: Api) -> None:
    job_id = await api.create("cancel me")
    asked = await api.client.post(f"jobs/{job_id}/cancel")
    assert (asked.status_code, asked.json()) == (202, {"status": "cancelling"})
    await api.until_status(job_id, "cancelled")
    again = await api.client.post(f"jobs/{job_id}/cancel")
    assert (again.status_code, again.json()) == (200, {"status": "cancelled"})


async def test_a_job_that_has_not_failed_cannot_be_retried(api: Api) -> None:
    job_id = await api.create("retry me")
    problem(await api.client.post(f"jobs/{job_id}/retry"), 409, "job_state")


async def test_a_prompt_is_listed_read_and_answered(api: Api) -> None:
    job_id = await api.create("a skill for answering", checkpoints=["confirm"])
    job = await api.until_status(job_id, "pending_hitl")
    prompt = (await api.client.get(f"hitl/{job_id}/prompt")).json()
    assert prompt == job["prompt"]
    assert prompt in (await api.client.get("hitl")).json()["prompts"]
    answer = {"prompt_id": prompt["prompt_id"], "version": prompt["version"], "action": "proceed"}
    answer["answers"] = prompt["default"].get("answers", {})
    key = {"Idempotency-Key": f"answer-{job_id}"}
    first = await api.client.post(f"hitl/{job_id}/response", json=answer, headers=key)
    assert first.status_code == 200, first.text
    assert first.json()["replayed"] is False
    again = await api.client.post(f"hitl/{job_id}/response", json=answer, headers=key)
    assert again.json() == {**first.json(), "replayed": True}
    late = await api.client.post(f"hitl/{job_id}/response", json=answer)
    assert problem(late, 409, "already_answered")["answer"]
    await api.client.post(f"jobs/{job_id}/cancel")


async def test_an_answer_that_does_not_fit_is_told_where_and_the_prompt_stays_open(api: Api) -> None:
    job_id = await api.create("a skill for answering wrongly", checkpoints=["confirm"])
    prompt = (await api.until_status(job_id, "pending_hitl"))["prompt"]
    answer = {"prompt_id": prompt["prompt_id"], "version": prompt["version"], "action": "revise"}
    found = problem(await api.client.post(f"hitl/{job_id}/response", json=answer), 422, "invalid")
    assert [error["field"] for error in found["errors"]] == ["feedback"]
    body = json.dumps({**answer, "answers": {"q": "half"}}).replace("half", "\\ud800").encode()
    response = await api.client.post(
        f"hitl/{job_id}/response", content=body, headers={"Content-Type": "application/json"}
    )
    problem(response, 422, "invalid")
    assert (await api.client.get(f"hitl/{job_id}/prompt")).status_code == 200
    await api.client.post(f"jobs/{job_id}/cancel")


async def test_the_keywords_are_fetched_once_and_then_known(api: Api) -> None:
    first = await api.client.get("hitl/config")
    assert first.json() == DEFAULT_KEYWORDS.model_dump(mode="json")
    assert first.headers["cache-control"] == "max-age=3600"
    again = await api.client.get("hitl/config", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


async def test_a_jobs_events_are_paged_whole_and_in_order(api: Api) -> None:
    job_id = await api.create("events of this")
    await api.client.post(f"jobs/{job_id}/cancel")
    await api.until_status(job_id, "cancelled")
    found: list[dict[str, Any]] = []
    after, more = 0, True
    while more:
        page = (
            await api.client.get(
                f"jobs/{job_id}/events", params={"after": after, "limit": 2}, headers={"Accept": "application/json"}
            )
        ).json()
        found += page["events"]
        after, more = page["after"], page["more"]
    assert [event["seq"] for event in found] == list(range(1, len(found) + 1))
    assert found[0]["type"] == "job_created"
    assert found[-1]["type"] == "cancelled"


async def test_a_finished_skills_file_is_read_by_reference(api: Api) -> None:
    job_id = await api.create("a skill to read", auto_approve=True)
    job = await api.until_status(job_id, "completed", "pending_review", "failed")
    assert job["status"] != "failed", job["error"]
    response = await api.client.get(f"jobs/{job_id}/files/SKILL.md", params={"revision": job["revision"]})
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text.startswith("---\n")


@pytest.mark.parametrize(
    ("path", "status", "code", "says"),
    [
        ("..%2f..%2fetc/passwd", 404, "not_found", "has no file"),
        ("%2Fetc%2Fpasswd", 404, "not_found", "has no file"),
        ("SKILL.md%00.txt", 404, "not_found", "has no file"),
        ("%ff%fe", 404, "not_found", "has no file"),
        ("%1b%5d52;c;cHduZWQ=%07", 404, "not_found", "has no file"),
        ("", 404, "not_found", "has no file"),
        ("a" * 5_000, 404, "not_found", "has no file"),
        ("SKILL.md?revision=99", 404, "not_found", "no revision 99; its newest is"),
        ("SKILL.md?revision=0", 422, "invalid", "greater than or equal to 1"),
        ("SKILL.md?revision=-1", 422, "invalid", "greater than or equal to 1"),
        ("SKILL.md?revision=r2", 422, "invalid", "a valid integer"),
        ("SKILL.md?revision=99999999999999999999", 422, "invalid", "less than or equal"),
    ],
)
async def test_a_file_or_revision_that_is_not_there_is_told_so(
    api: Api, path: str, status: int, code: str, says: str
) -> None:
    job_id = await finished(api)
    found = problem(await api.client.get(f"jobs/{job_id}/files/{path}"), status, code)
    told = found["detail"] + "".join(error["message"] for error in found.get("errors", []))
    assert says in told


async def test_every_revision_of_a_file_stays_readable(api: Api) -> None:
    job_id = await api.create("a skill to revise", checkpoints=["preview"])
    job = await api.until_status(job_id, "pending_hitl", "failed")
    first = (await api.client.get(f"jobs/{job_id}/files/SKILL.md", params={"revision": 1})).text
    prompt = job["prompt"]
    edited = first + "\nOne line more.\n"
    answer = {"prompt_id": prompt["prompt_id"], "version": prompt["version"], "action": "proceed"}
    await api.client.post(f"hitl/{job_id}/response", json={**answer, "edits": {"SKILL.md": edited}})
    await api.until_status(job_id, "completed", "pending_review", "failed")
    second = (await api.client.get(f"jobs/{job_id}/files/SKILL.md", params={"revision": 2})).text
    assert (first in second, "One line more." in second) == (True, True)
    assert (await api.client.get(f"jobs/{job_id}/files/SKILL.md", params={"revision": 1})).text == first


async def test_a_source_is_read_by_its_name_which_is_never_a_path(api: Api) -> None:
    sources = [{"name": "../notes.md", "text": "Use hooks.\n"}]
    job_id = await api.create("a skill with a source", sources=sources, auto_approve=True)
    found = await api.client.get(f"jobs/{job_id}/sources", params={"name": "../notes.md"})
    assert (found.status_code, found.text) == (200, "Use hooks.\n")
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    missing = problem(await api.client.get(f"jobs/{job_id}/sources", params={"name": "/etc/passwd"}), 404, "not_found")
    assert "no source '/etc/passwd'" in missing["detail"]
    problem(await api.client.get("jobs/none/sources", params={"name": "x"}), 404, "not_found")
    problem(await api.client.get(f"jobs/{job_id}/sources"), 422, "invalid")


async def finished(api: Api) -> str:
    job_id = await api.create("a skill to read from", auto_approve=True)
    await api.until_status(job_id, "completed", "pending_review", "failed")
    return job_id


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "Bearer"),
        ("Bearer wrong", "not the server's token"),
        ("Basic YTpi", "Bearer"),
        ("Bearer \u00e9".encode("latin-1"), "not the server's token"),
    ],
)
@pytest.mark.parametrize("path", ["jobs", "events", "hitl", "hitl/config", "metrics", "jobs/x/events"])
async def test_without_the_token_there_is_nothing(api: Api, header: Any, detail: str, path: str) -> None:
    headers = {"Authorization": header} if header else {}
    transport = httpx.ASGITransport(api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api/v1/") as stranger:
        response = await stranger.get(path, headers=headers, params={"token": "a-token-for-tests"})
    assert detail in problem(response, 401, "unauthorized")["detail"]
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/healthz", "/api/v1/readyz"])
async def test_health_needs_no_token(api: Api, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api.app), base_url="http://localhost") as stranger:
        response = await stranger.get(path)
    assert response.status_code == 200
    assert response.json()["status"] == "ok"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8765", 200),
        ("localhost", 200),
        ("[::1]:8765", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example:8765", 400),
        ("", 400),
    ],
)
async def test_the_server_answers_to_its_own_names_only(api: Api, host: str, status: int) -> None:
    response = await api.client.get("jobs", headers={"Host": host})
    assert response.status_code == status
    if status == 400:
        problem(response, 400, "host_not_allowed")


async def test_no_page_of_another_origin_is_let_in(api: Api) -> None:
    response = await api.client.options(
        "jobs", headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert not [name for name in response.headers if name.startswith("access-control-")]


async def test_a_request_keeps_its_id_if_that_is_a_plain_word(api: Api) -> None:
    assert (await api.client.get("jobs", headers={"X-Request-Id": "my-id_1"})).headers["x-request-id"] == "my-id_1"
    strange = await api.client.get("jobs", headers={"X-Request-Id": "a b;c"})
    assert strange.headers["x-request-id"] != "a b;c"


async def test_metrics_count_what_happens(api: Api) -> None:
    text = (await api.client.get("metrics")).text
    assert f"skill_fleet_log_head {float(api.services.log.head)}" in text
    assert "skill_fleet_requests_total" in text
    assert 'skill_fleet_jobs{status="running"}' in text


async def test_the_openapi_document_describes_everything_and_refers_to_nothing_missing(api: Api) -> None:
    document = (await api.client.get("openapi.json", headers={"Authorization": ""})).json()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    references = set(_references(document))
    assert {reference.removeprefix("#/components/schemas/") for reference in references} <= set(schemas)
    operations = [(path, verb, op) for path, verbs in document["paths"].items() for verb, op in verbs.items()]
    assert len({op["operationId"] for _, _, op in operations}) == len(operations) >= 15
    for path, _, operation in operations:
        assert operation["summary"], path
        assert path.startswith("/api/v1/")
        if not path.endswith("z") and not path.endswith("metrics"):
            assert operation["security"], path
            assert "application/problem+json" in operation["responses"]["401"]["content"], path
    stream = document["paths"]["/api/v1/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert stream["schema"] == {"$ref": "#/components/schemas/Event"}
    described = {ref.rpartition("/")[2] for ref in _references(schemas["Event"])}
    assert {"JobCreated", "Token", "TokenSync", "Hello", "HitlPause", "UnknownEvent", "Bye"} <= described


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [ref for value in node.values() for ref in _references(value)]
    return [ref for value in node for ref in _references(value)] if isinstance(node, list) else []


async def test_metrics_tell_of_commits_modules_models_and_lag(api: Api) -> None:
    person = Person(api.client)
    await person.until_over(await person.create("a skill to be measured", auto_approve=True))
    text = (await api.client.get("metrics")).text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    for name in ("commit_units_count", "commit_seconds_count"):
        assert float(values[f"skill_fleet_{name}"]) > 0
    assert float(values['skill_fleet_model_tokens_total{direction="output",model="demo/offline"}']) > 0
    assert any(line.startswith("skill_fleet_step_seconds_count{") and 'outcome="ok"' in line for line in values)
    assert any(line.startswith("skill_fleet_model_seconds_count{") for line in values)
    assert values["skill_fleet_stream_lag_max"] == values["skill_fleet_stream_lag_sum"] == "0.0"
