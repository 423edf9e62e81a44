"""Streams over HTTP: a real server process, real sockets, and every way a client reads them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from skill_fleet_common.events import EVENT, Snapshot, parse_event
from skill_fleet_common.fold import fold
from skill_fleet_common.jobs import JobView
from tests.support.frames import FrameReader, Received
from tests.support.server import ServerProcess, eventually, running_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    async with running_server(tmp_path_factory.mktemp("stream") / "data") as server:
        yield server


async def create(client: httpx.AsyncClient, **request: Any) -> str:
    response = await client.post("jobs", json={"task_description": "a skill for streams", **request})
    assert response.status_code == 201, response.text
    return response.json()["job"]["job_id"]


async def finished_job(client: httpx.AsyncClient) -> str:
    job_id = await create(client, auto_approve=True)
    frames = await read(client, f"jobs/{job_id}/events")
    assert frames[-1].data["reason"] == "complete"
    return job_id


async def read(client: httpx.AsyncClient, path: str, **options: Any) -> list[Received]:
    """A stream's frames, to its end."""
    reader, frames = FrameReader(), []
    async with client.stream("GET", path, **options) as response:
        assert response.status_code == 200
        async for chunk in response.aiter_raw():
            frames += reader.feed(chunk)
    assert reader.is_between_frames
    return frames


async def read_until(client: httpx.AsyncClient, path: str, *kinds: str, **options: Any) -> list[Received]:
    """A stream's frames up to the first of these types; then the client goes away."""
    reader, frames = FrameReader(), []
    async with client.stream("GET", path, **options) as response:
        async for chunk in response.aiter_raw():
            frames += reader.feed(chunk)
            if any(frame.event in kinds for frame in frames):
                return frames
    raise AssertionError(f"the stream ended without {kinds}")


def durable(frames: list[Received]) -> list[Received]:
    return [frame for frame in frames if frame.id and frame.event not in ("snapshot_end", "keepalive")]


async def test_the_headers_let_nothing_between_hold_the_stream_back(server: ServerProcess) -> None:
    async with (
        server.client() as client,
        client.stream("GET", "events", headers={"Accept-Encoding": "gzip, br"}) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in response.headers


async def test_a_whole_job_is_told_from_its_creation_to_its_end(server: ServerProcess) -> None:
    async with server.client() as client:
        job_id = await finished_job(client)
        epoch = (await client.get(f"jobs/{job_id}")).json()["cursor"].partition(".")[0]
        frames = await read(client, f"jobs/{job_id}/events", params={"from": f"{epoch}.0"})
        told = durable(frames)
        assert frames[0].event == "hello"
        assert [frame.json["seq"] for frame in told] == list(range(1, len(told) + 1))
        assert told[0].event == "job_created"
        assert told[-1].event in ("completed", "failed")
        assert frames[-1].event == "bye"
        for frame in frames:
            EVENT.validate_python(frame.json)
        view = fold(None, [_event(frame) for frame in told])
        detail = (await client.get(f"jobs/{job_id}")).json()
        assert view.model_dump(mode="json") == JobView.model_validate(detail).model_dump(mode="json")


async def test_resuming_from_every_position_gives_exactly_the_rest(server: ServerProcess) -> None:
    async with server.client() as client:
        job_id = await finished_job(client)
        cursor = (await client.get(f"jobs/{job_id}")).json()["cursor"]
        epoch = cursor.partition(".")[0]
        whole = durable(await read(client, f"jobs/{job_id}/events", headers={"Last-Event-ID": f"{epoch}.0"}))
        for i, last in enumerate(whole):
            rest = await read(
                client,
                f"jobs/{job_id}/events",
                headers={"Last-Event-ID": str(last.id)},
                params={"from": f"{epoch}.0"},
            )
            assert durable(rest) == whole[i + 1 :], "and Last-Event-ID goes before from"


async def test_a_snapshot_and_what_follows_give_the_view_that_reading_gives(server: ServerProcess) -> None:
    async with server.client() as client:
        job_id = await create(client, auto_approve=True)
        frames = await read(client, f"jobs/{job_id}/events")
        (snapshot,) = [frame for frame in frames if frame.event == "snapshot"]
        first = _event(snapshot)
        assert isinstance(first, Snapshot)
        view = fold(first.data.job, [_event(frame) for frame in durable(frames)])
        detail = (await client.get(f"jobs/{job_id}")).json()
        assert view.model_dump(mode="json") == JobView.model_validate(detail).model_dump(mode="json")


@pytest.mark.parametrize("cursor", ["nonsense", "abc.", ".5", "abc.-1", "abc.1e3", "abc.٣", "a b.1", "x" * 70 + ".1"])
async def test_a_malformed_cursor_is_refused_before_the_stream_begins(server: ServerProcess, cursor: str) -> None:
    async with server.client() as client:
        for response in [
            await client.get("events", params={"from": cursor}),
            await client.get("events", headers=[(b"Last-Event-ID", cursor.encode())]),
        ]:
            assert response.status_code == 400
            assert response.headers["content-type"] == "application/problem+json"
            assert "<epoch>.<position>" in response.json()["detail"]


@pytest.mark.parametrize(("cursor", "reason"), [("foreign.1", "epoch"), ("{epoch}.999999999", "ahead")])
async def test_a_cursor_of_another_log_or_of_the_future_resets(server: ServerProcess, cursor: str, reason: str) -> None:
    async with server.client() as client:
        job_id = await create(client)
        epoch = (await client.get(f"jobs/{job_id}")).json()["cursor"].partition(".")[0]
        frames = await read_until(
            client, "events", "snapshot_end", headers={"Last-Event-ID": cursor.format(epoch=epoch)}
        )
        assert [frame.event for frame in frames[:2]] == ["hello", "reset"]
        assert frames[1].data["reason"] == reason
        assert job_id in {frame.json["job_id"] for frame in frames if frame.event == "snapshot"}
        await client.post(f"jobs/{job_id}/cancel")


async def test_three_clients_of_everything_and_one_of_a_single_job_all_get_theirs(server: ServerProcess) -> None:
    async with server.client() as client:
        other = await create(client, checkpoints=["confirm"])
        start = (await client.get(f"jobs/{other}")).json()["cursor"]
        mine = await create(client, auto_approve=True)

        async def watch(path: str) -> list[Received]:
            return await read_until(client, path, "completed", "failed", headers={"Last-Event-ID": start})

        *everything, filtered = await asyncio.gather(
            *(watch("events") for _ in range(3)), watch(f"events?job={mine}&deltas=none")
        )
        for frames in everything:
            assert durable(frames)[: len(durable(everything[0]))] == durable(everything[0])[: len(durable(frames))]
            positions = [frame.json["pos"] for frame in durable(frames)]
            assert positions == list(range(positions[0], positions[0] + len(positions)))
        assert {frame.json["job_id"] for frame in durable(filtered)} == {mine}
        assert [f for f in durable(everything[0]) if f.json["job_id"] == mine] == durable(filtered)
        assert "token" not in {frame.event for frame in filtered}
        await client.post(f"jobs/{other}/cancel")


async def test_tokens_are_exact_and_end_before_their_module_does(server: ServerProcess) -> None:
    async with server.client() as client:
        job_id = await create(client, auto_approve=True)
        epoch = (await client.get(f"jobs/{job_id}")).json()["cursor"].partition(".")[0]
        held: dict[tuple[str, int, int, str], str] = {}
        over: set[tuple[str, int]] = set()
        frames = await read(client, f"jobs/{job_id}/events", params={"from": f"{epoch}.0"})
        for frame in frames:
            if frame.event in ("token", "token_sync"):
                data = frame.data
                assert (data["step"], frame.json["attempt"]) not in over
                key = (data["step"], frame.json["attempt"], data["gen"], data["field"])
                text = "" if frame.event == "token_sync" else held.get(key, "")
                assert data["off"] == len(text)
                held[key] = text + data["text"]
            elif frame.event == "module_end":
                over.add((frame.data["step"], frame.json["attempt"]))
        assert held, "the demo model's text was seen"


async def test_an_idle_stream_is_never_silent_for_long(server: ServerProcess) -> None:
    async with server.client(timeout=httpx.Timeout(10, read=4.5)) as client:
        frames = await read_until(client, "events", "keepalive", params={"deltas": "none", "job": await create(client)})
        assert frames[0].data["keepalive_s"] == 3.0
        assert frames[-1].id


async def test_a_client_that_goes_away_changes_nothing_and_is_noticed(server: ServerProcess) -> None:
    async with server.client() as client:
        job_id = await create(client, auto_approve=True)
        await read_until(client, "events", "hello")

        async def nobody() -> bool:
            return "skill_fleet_streams 0.0" in (await client.get("metrics")).text

        await eventually(nobody, what="no open stream")
        frames = await read(client, f"jobs/{job_id}/events")
        assert frames[-1].data["reason"] == "complete"


def _event(frame: Received) -> Any:
    return parse_event(json.dumps(frame.json))
