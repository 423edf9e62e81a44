"""What a real server says to bad input, and what it says instead of starting on bad ground."""

import shutil
import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from skill_fleet_common import limits
from tests.support.follower import Follower, following
from tests.support.invariants import assert_lawful
from tests.support.person import Person, refused
from tests.support.server import ServerProcess, running_server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[ServerProcess]:
    """One server for the module, which no refusal changes."""
    async with running_server(tmp_path_factory.mktemp("refusals") / "data") as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(server: ServerProcess) -> AsyncGenerator[Person]:
    async with server.client() as client:
        yield Person(client)


pytestmark = pytest.mark.asyncio(loop_scope="module")


def source(text: str = "text", name: str = "a.md") -> dict[str, str]:
    return {"name": name, "text": text}


def large(characters: int) -> str:
    return "word " * (characters // 5)


@pytest.mark.parametrize(
    ("request_", "field", "says"),
    [
        ({"task_description": " \n\t "}, "task_description", "sentence"),
        ({"task_description": "x" * (limits.TASK_CHARACTERS + 1)}, "task_description", "10000"),
        ({"sources": [source("\0\1\2")]}, "sources.0.text", "binary"),
        ({"sources": [source(), source(" \n", "b.md")]}, "sources.1.text", "empty"),
        ({"sources": [source(), source("other")]}, "sources", "twice: a.md"),
        ({"sources": [source(name=f"{n}.md") for n in range(limits.SOURCES + 1)]}, "sources", "40"),
        ({"sources": [source(large(limits.SOURCE_CHARACTERS) + "too much")]}, "sources.0.text", "200000"),
        ({"sources": [source(large(200_000), f"{n}.md") for n in range(6)]}, "sources", "1,000,000"),
        ({"sources": [source(name="n" * 256)]}, "sources.0.name", "255"),
        ({"sources": "a.md"}, "sources", "list"),
        ({"checkpoints": ["confirm", "lunch"]}, "checkpoints.1", "preview"),
        ({"auto_approve": "perhaps"}, "auto_approve", "bool"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
async def test_a_request_that_does_not_fit_is_told_the_field_and_makes_no_job(
    person: Person, request_: dict[str, Any], field: str, says: str
) -> None:
    before = len(await person.all_jobs())
    response = await person.client.post("jobs", json={"task_description": "a skill", **request_})
    [error] = refused(response, 422, "invalid")["errors"]
    assert error["field"] == field
    assert says in error["message"]
    assert len(await person.all_jobs()) == before


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("gpt-5-mini", "provider/model"),
        ("nobody/anything", "no provider"),
        ("openai/gpt-5-mini", "OPENAI_API_KEY"),
        ("anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
    ],
)
async def test_a_model_that_is_not_configured_is_told_what_to_do(person: Person, model: str, says: str) -> None:
    response = await person.client.post("jobs", json={"task_description": "a skill", "model": model})
    problem = refused(response, 422, "model_not_configured")
    assert says in problem["detail"]
    assert not await person.all_jobs() or model not in {job["model"] for job in await person.all_jobs()}


async def test_bodies_that_are_no_json_or_too_large_are_told_so(person: Person) -> None:
    json_type = {"Content-Type": "application/json"}
    refused(await person.client.post("jobs", content=b"{nonsense", headers=json_type), 400, "malformed_json")
    refused(await person.client.post("jobs", content=b" " * 9_000_000, headers=json_type), 413, "too_large")


async def test_whoever_has_no_or_another_token_is_told_to_bring_one(server: ServerProcess) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong-token"}):
        async with server.client() as stranger:
            stranger.headers.pop("Authorization")
            for path in ("jobs", "events", "hitl"):
                problem = refused(await stranger.get(path, headers=headers), 401, "unauthorized")
                assert "oken" in problem["detail"]


@pytest.mark.parametrize("cursor", ["nonsense", "epoch.", ".5", "epoch.-1", "epoch.5.6"])
async def test_a_malformed_cursor_is_refused_not_ignored(person: Person, cursor: str) -> None:
    for path in ("events", f"jobs/{(await person.waiting())['job_id']}/events"):
        response = await person.client.get(path, headers={"Last-Event-ID": cursor})
        refused(response, 400, "bad_request")


async def test_after_all_that_the_server_does_its_work(person: Person, server: ServerProcess) -> None:
    async with following(Follower(server.url, server.headers)) as follower:
        job_id = await person.create("a skill", sources=[source()], auto_approve=True)
        assert (await person.until_over(job_id))["status"] == "completed"
        for job in await person.all_jobs():
            if job["status"] not in ("completed", "cancelled"):
                await person.agree_to_all(job["job_id"])
        await assert_lawful(person, follower)
    assert "Traceback" not in server.log


async def cannot_start(server: ServerProcess) -> str:
    """The one line in which a server says why it does not start."""
    server.launch()
    assert await server.wait(within=40) not in (0, None)
    said = server.log
    assert said.count("\n") == 1, said
    assert said.startswith("skill-fleet: ")
    return said


@pytest.mark.parametrize("file", ["fleet.sqlite", "checkpoints.sqlite"])
async def test_a_directory_where_the_database_should_be_is_told(tmp_path: Path, file: str) -> None:
    (tmp_path / "data" / file).mkdir(parents=True)
    assert "data directory" in await cannot_start(ServerProcess(tmp_path / "data"))


async def test_a_database_of_a_later_version_is_told(tmp_path: Path, server: ServerProcess) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(server.data_dir / "fleet.sqlite", tmp_path / "data")
    shutil.copy(server.data_dir / "fleet.sqlite-wal", tmp_path / "data")
    with sqlite3.connect(tmp_path / "data" / "fleet.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_later'")
    assert "newer version" in await cannot_start(ServerProcess(tmp_path / "data"))


async def test_a_token_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "data" / "token").mkdir(parents=True)
    assert "token" in await cannot_start(ServerProcess(tmp_path / "data"))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ('[server]\nprot = 1\n', "line 2"),
        ('[models]\ndefault = "gpt-5-mini"\n', "provider/model"),
        ("[server\n", "cannot be read"),
    ],
)  # fmt: skip
async def test_a_settings_file_that_does_not_fit_is_told(tmp_path: Path, settings: str, says: str) -> None:
    (tmp_path / "settings.toml").write_text(settings)
    assert says in await cannot_start(ServerProcess(tmp_path / "data", "--config", str(tmp_path / "settings.toml")))
