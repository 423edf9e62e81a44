"""Whole jobs through DSPy's real provider path, against a stub of a provider in another process."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.follower import Follower, following
from tests.support.invariants import assert_lawful
from tests.support.person import OVER, Person
from tests.support.server import ServerProcess, eventually, running_server
from tests.support.stub_llm import StubLLM, running_stub_llm

KEY = "sk-a-key-that-nobody-may-read"
SETTINGS = """
[models]
default = "openai/stub"
api_base = "{api_base}"
backoff_s = 0.01
timeout_s = 20

[models.modules.analyze_intent]
model = "openai/stub-429x1-intent"

[models.modules.find_taxonomy_path]
model = "openai/stub-garbagex1-taxonomy"

[models.modules.analyze_dependencies]
model = "openai/stub-500-dependencies"
fallbacks = ["openai/stub-fallback"]

[models.modules.generate_test_cases]
model = "openai/stub-cutx1-cases"

[models.modules.assess_quality]
model = "openai/stub-think-quality"
"""


@dataclass
class Story:
    """A server that writes with a stub, the stub, and who uses it."""

    server: ServerProcess
    stub: StubLLM
    person: Person
    follower: Follower

    async def until_aborted(self, model: str) -> None:
        async def aborted() -> bool:
            return model in (await self.stub.stats())["aborted"]

        await eventually(aborted, within=2, what=f"the end of the request to {model}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Story]:
    async with _story(tmp_path_factory.mktemp("provider")) as story:
        yield story


@asynccontextmanager
async def _story(directory: Path) -> AsyncGenerator[Story]:
    async with running_stub_llm() as stub:
        settings = directory / "settings.toml"
        settings.write_text(SETTINGS.format(api_base=stub.api_base))
        environment = {"SKILL_FLEET_CONFIG": str(settings), "OPENAI_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
        async with running_server(directory / "data", environment=environment) as server, server.client() as client:
            follower = Follower(server.url, server.headers)
            async with following(follower):
                yield Story(server, stub, Person(client), follower)


pytestmark = pytest.mark.asyncio(loop_scope="module")


def written(follower: Follower, job_id: str) -> dict[tuple[str, str], str]:
    """What the client holds of each field's text: a new reply voids the last, an offset says where it goes."""
    texts: dict[tuple[str, str], str] = {}
    replies: defaultdict[str, int] = defaultdict(int)
    for frame in follower.of("token", "token_sync", job=job_id):
        data = frame.data
        field = (data["step"], data["field"])
        if data["gen"] > replies[data["step"]]:
            replies[data["step"]] = data["gen"]
            texts = {known: text for known, text in texts.items() if known[0] != data["step"]}
        if frame.event == "token_sync":
            texts[field] = data["text"]
        else:
            assert data["off"] == len(texts.get(field, "")), f"a hole in {field}"
            texts[field] = texts.get(field, "") + data["text"]
    return texts


async def test_a_job_is_written_by_a_provider_through_all_that_providers_do(story: Story) -> None:
    person, follower = story.person, story.follower
    job_id = await person.create("a skill that a provider writes", auto_approve=True)
    job = await person.until_over(job_id)
    assert job["status"] == "completed", job["error"]
    assert not job["demo"]

    events = await person.events(job_id)
    ends = {event["data"]["step"]: event["data"] for event in events if event["type"] == "module_end"}
    texts = written(follower, job_id)
    assert texts["write_skill", "body"].strip() == ends["write_skill"]["outputs"]["body"].strip()
    assert texts["write_skill", "body"].startswith("# Stub skill")

    retries = {e["module"]: e["data"] for e in events if e["type"] == "module_retry"}
    assert {module: retry["code"] for module, retry in retries.items()} == {
        "analyze_intent": "rate_limit",
        "find_taxonomy_path": "malformed",
        "analyze_dependencies": retries["analyze_dependencies"]["code"],
        "generate_test_cases": retries["generate_test_cases"]["code"],
    }
    assert all(retry["message"] for retry in retries.values())
    assert ends["analyze_dependencies"]["model"] == "openai/stub-fallback"
    assert ends["analyze_dependencies"]["degraded"]
    assert not ends["analyze_intent"]["degraded"]
    thoughts = [e["data"]["text"] for e in events if e["type"] == "reasoning" and e["module"] == "assess_quality"]
    assert thoughts[0].startswith("let me think about it")
    assert len(thoughts) == 1
    assert job["usage"]["calls"] >= 9
    assert job["usage"]["input_tokens"] > 0
    assert ends["write_skill"]["usage"]["output_tokens"] == 20


async def test_a_provider_that_always_fails_ends_the_job_with_a_reason_and_no_key(story: Story) -> None:
    person = story.person
    job_id = await person.create("a skill nobody can write", auto_approve=True, model="openai/stub-401-always")
    job = await person.until_over(job_id)
    assert job["status"] == "failed"
    error = job["error"]
    assert error["step"] == "gather_requirements"
    assert error["code"] == "auth"
    assert error["message"].endswith(".")
    assert error["hint"]

    again = await person.client.post(f"jobs/{job_id}/retry")
    assert again.status_code == 201
    assert (await person.until_over(again.json()["job"]["job_id"]))["status"] == "failed"


async def test_a_cancel_in_the_middle_of_a_call_ends_the_providers_request(story: Story) -> None:
    person = story.person
    for behaviour in ("drip", "hang"):
        model = f"stub-{behaviour}-cancelled"
        job_id = await person.create("a skill to cancel", auto_approve=True, model=f"openai/{model}")

        async def called(model: str = model) -> bool:
            return model in (await story.stub.stats())["calls"]

        await eventually(called, within=10, what="the call")
        if behaviour == "drip":
            await story.follower.until(lambda seen, job_id=job_id: seen.of("token", job=job_id), "text in flight")
        response = await person.client.post(f"jobs/{job_id}/cancel")
        assert response.status_code == 202

        async def over(job_id: str = job_id) -> bool:
            return (await person.job(job_id))["status"] == "cancelled"

        await eventually(over, within=1, what="the job's end")
        await story.until_aborted(model)
    assert (await story.stub.stats())["in_flight"] == 0


async def test_what_ran_beside_a_failed_module_ends_with_it(story: Story) -> None:
    """Three modules run side by side; when one cannot be done, the others are not paid for any longer."""
    person = story.person
    settings = story.server.data_dir.parent / "settings.toml"
    kept = settings.read_text()
    failing = kept.replace("stub-429x1-intent", "stub-beside-intent").replace(
        "stub-garbagex1-taxonomy", "stub-hang-beside"
    )
    settings.write_text(failing)
    try:
        await story.server.restart()
        job = await person.until_over(await person.create("a skill that fails beside another", auto_approve=True))
        assert (job["status"], job["error"]["step"]) == ("failed", "analyze_intent")
        await story.until_aborted("stub-hang-beside")
    finally:
        settings.write_text(kept)
        await story.server.restart()
    retried = await person.client.post(f"jobs/{job['job_id']}/retry")
    again = await person.until_over(retried.json()["job"]["job_id"])
    assert again["status"] == "completed", again["error"]


async def test_a_job_in_the_middle_of_a_call_goes_on_when_the_server_is_stopped_and_started(story: Story) -> None:
    person = story.person
    job_id = await person.create("a skill to interrupt", auto_approve=True, model="openai/stub-slowx1-interrupted")
    await story.follower.until(lambda seen: seen.of("module_start", job=job_id), "the call")
    assert await story.server.stop() == 0
    await story.server.restart()
    job = await person.until_over(job_id)
    assert job["status"] == "completed", job["error"]
    retries = await person.events(job_id, "module_retry")
    assert [event["data"]["code"] for event in retries] == ["restarted"]
    assert "Traceback" not in story.server.log


async def test_no_key_is_anywhere_and_the_log_is_lawful(story: Story) -> None:
    for job in await story.person.all_jobs():
        assert job["status"] in OVER
    await assert_lawful(story.person, story.follower)
    secrets = [KEY.encode(), b"sk-secret-1234567890"]
    places: dict[str, bytes] = {
        str(path): path.read_bytes() for path in story.server.data_dir.rglob("*") if path.is_file()
    }
    places["the server's log"] = story.server.log.encode()
    places["events"] = repr([frame.json for frame in story.follower.frames]).encode()
    found: list[Any] = [(place, secret) for place, held in places.items() for secret in secrets if secret in held]
    assert not found
    assert len(places) > 5
