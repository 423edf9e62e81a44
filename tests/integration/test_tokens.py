"""More than one principal: what each may do, and what it never gets to see."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from skill_fleet_common.access import Role
from tests.support.follower import Follower, following
from tests.support.frames import Received, read_frames
from tests.support.person import Person
from tests.support.server import ServerProcess, eventually, running_server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """One server for the module; each test makes tokens of its own."""
    environment = {
        "SKILL_FLEET_DEMO_DELAY": "0.001", "SKILL_FLEET_STREAMS_PER_PRINCIPAL": "2", "SKILL_FLEET_UNFINISHED_JOBS": "9"
    }  # fmt: skip
    async with running_server(tmp_path_factory.mktemp("fleet") / "data", environment=environment) as server:
        yield server


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def make(server: ServerProcess, name: str, **wish: Any) -> dict[str, str]:
    """The headers of a new principal."""
    async with server.client() as client:
        response = await client.post("tokens", json={"name": name, **wish})
    assert response.status_code == 201, response.text
    return {"Authorization": f"Bearer {response.json()['token']}"}


def as_(server: ServerProcess, headers: dict[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"{server.url}/api/v1/", headers=headers, timeout=30, trust_env=False)


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_do_what_it_says_and_no_more(server: ServerProcess, role: Role) -> None:
    headers = await make(server, f"a-{role}", role=role)
    async with server.client() as root, as_(server, headers) as client:
        prompt = await Person(root).waiting("confirm")
        job = f"jobs/{prompt['job_id']}"
        body = {"prompt_id": prompt["prompt_id"], "version": prompt["version"], "action": "proceed"}
        requests = {
            Role.VIEWER: [client.get(job), client.get("jobs"), client.get("hitl"), client.get("skills")],
            Role.ANSWERER: [client.post(f"hitl/{prompt['job_id']}/response", json=body)],
            Role.OWNER: [
                client.post("jobs", json={"task_description": "x", "auto_approve": True}),
                client.post(f"{job}/cancel"),
                client.post(f"{job}/fork", json={}),
                client.delete("skills/not-there"),
                client.post("taxonomy/categories", json={}),
            ],
            Role.ADMIN: [client.get("tokens"), client.delete("tokens/not-there")],
        }
        for needed, sent in requests.items():
            for request in sent:
                response = await request
                assert (response.status_code == 403) == (not role.may(needed)), (needed, response.text)
        await root.post(f"{job}/cancel")


async def test_a_refusal_says_which_role_it_takes(server: ServerProcess) -> None:
    headers = await make(server, "a-reader", role="viewer")
    async with as_(server, headers) as client:
        problem = (await client.post("jobs", json={"task_description": "x"})).json()
    assert problem["code"] == "forbidden"
    assert "a-reader has the role viewer; this takes the role owner" in problem["detail"]


async def test_who_answered_what_is_in_the_log(server: ServerProcess) -> None:
    headers = await make(server, "mara", role="answerer")
    async with server.client() as root, as_(server, headers) as client:
        prompt = await Person(root).waiting("confirm")
        await Person(client).answer(prompt)
        assert (await Person(root).until_over(prompt["job_id"]))["created_by"] == "owner"
        resolved = [event["data"] for event in await Person(root).events(prompt["job_id"], "hitl_resolved")]
        assert [data["by"] for data in resolved if data["outcome"] == "answered"] == ["mara"]


async def test_who_sees_only_its_own_learns_nothing_of_other_jobs(server: ServerProcess) -> None:
    headers = await make(server, "alone", role="owner", own_only=True)
    everybody, alone = Follower(server.url, server.headers), Follower(server.url, headers, cut_after=5)
    async with server.client() as root, as_(server, headers) as client, following(everybody), following(alone):
        theirs = await Person(root).waiting("confirm")
        mine = await Person(client).waiting("confirm")
        for path in ("", "/events?after=0", "/files/SKILL.md"):
            response = await client.get(f"jobs/{theirs['job_id']}{path}", headers={"Accept": "application/json"})
            assert response.status_code == 404, path
        for path, body in (("cancel", None), ("fork", {}), ("retry", None)):
            assert (await client.post(f"jobs/{theirs['job_id']}/{path}", json=body)).status_code == 404
        assert (await client.get(f"events?job={theirs['job_id']}")).status_code == 404
        assert (await client.get(f"hitl/{theirs['job_id']}/prompt")).status_code == 404
        assert (await Person(client).respond(theirs)).status_code == 404
        assert [job["job_id"] for job in (await client.get("jobs")).json()["jobs"]] == [mine["job_id"]]
        assert [each["job_id"] for each in (await client.get("hitl")).json()["prompts"]] == [mine["job_id"]]
        await Person(root).answer(theirs)
        await Person(client).answer(mine)
        over = [await Person(root).until_over(prompt["job_id"]) for prompt in (theirs, mine)]
        await everybody.until_at(max(job["pos"] for job in over))
        await alone.until_at(over[1]["pos"])
    assert {event["job_id"] for event in everybody.events} >= {theirs["job_id"], mine["job_id"]}
    told = [frame.json for frame in alone.frames if frame.json.get("job_id")]
    assert {data["job_id"] for data in told} == {mine["job_id"]}
    assert any(data["type"] in ("token", "token_sync") for data in told)
    assert [event["seq"] for event in alone.events] == list(range(1, over[1]["seq"] + 1))


async def last_frame(server: ServerProcess, headers: dict[str, str]) -> Received:
    """What the server says last on a stream."""
    async with as_(server, headers) as client:
        return read_frames((await client.get("events")).content)[-1]


async def open_streams(root: httpx.AsyncClient, number: int) -> bool:
    return f"skill_fleet_streams {number}.0" in (await root.get("metrics")).text


async def test_a_token_that_is_taken_back_or_expired_ends_its_streams_and_opens_nothing(server: ServerProcess) -> None:
    removed, expiring = await make(server, "leaver"), await make(server, "guest", days=4 / 86_400)
    async with server.client() as root:
        ended = [asyncio.create_task(last_frame(server, headers)) for headers in (removed, expiring)]
        await eventually(lambda: open_streams(root, 2), what="both streams")
        assert (await root.delete("tokens/leaver")).status_code == 204
        for frame in await asyncio.wait_for(asyncio.gather(*ended), 15):
            assert (frame.event, frame.data["reason"]) == ("bye", "auth")
        for headers, says in ((removed, "nor one that is known here"), (expiring, "The token guest has expired")):
            async with as_(server, headers) as client:
                response = await client.get("jobs")
                assert response.status_code == 401
                assert says in response.json()["detail"]
                assert "skill-fleet tokens add" in response.json()["detail"]


async def test_a_name_is_taken_once_and_a_token_is_shown_once(server: ServerProcess) -> None:
    headers = await make(server, "twice")
    secret = headers["Authorization"].removeprefix("Bearer ")
    async with server.client() as root:
        assert (await root.post("tokens", json={"name": "twice"})).status_code == 409
        assert (await root.post("tokens", json={"name": "owner"})).status_code == 409
        assert (await root.post("tokens", json={"name": "No Spaces"})).status_code == 422
        listed = await root.get("tokens")
        assert "twice" in [token["name"] for token in listed.json()["tokens"]]
        assert secret not in listed.text
        assert (await root.delete("tokens/never-made")).status_code == 404
    for file in server.data_dir.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes()
    assert secret not in server.log


async def test_one_token_opens_only_so_many_streams(server: ServerProcess) -> None:
    headers = await make(server, "greedy")
    async with as_(server, headers) as client, client.stream("GET", "events"), client.stream("GET", "events"):
        refused = await client.get("events")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert "2 streams" in refused.json()["detail"]
    async with as_(server, headers) as client:

        async def opens() -> bool:
            async with client.stream("GET", "events") as response:
                return response.status_code == 200

        await eventually(opens, what="a stream after the others were closed")


async def test_too_many_unfinished_jobs_are_refused_until_some_are_over(server: ServerProcess) -> None:
    async with server.client() as root:
        person = Person(root)
        made = []
        while (
            response := await root.post("jobs", json={"task_description": "x", "checkpoints": ["confirm"]})
        ).is_success:
            made.append(response.json()["job"]["job_id"])
        assert (response.status_code, response.json()["code"]) == (429, "too_many")
        assert "SKILL_FLEET_UNFINISHED_JOBS" in response.json()["detail"]
        assert int(response.headers["Retry-After"]) > 0
        await asyncio.gather(*(root.post(f"jobs/{job_id}/cancel") for job_id in made))
        for job_id in made:
            await person.until_over(job_id)
        job_id = await person.create("x", auto_approve=True)
        await person.until_over(job_id)
