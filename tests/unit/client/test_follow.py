"""A follower hears each event once, whenever it came and however often it was cut off."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from skill_fleet_common.events import (
    Completed,
    CompletedData,
    DurableEvent,
    Hello,
    HelloData,
    JobCreated,
    JobCreatedData,
    Progress,
    ProgressData,
    Snapshot,
    SnapshotData,
    SnapshotEnd,
    SnapshotEndData,
)
from skill_fleet_common.fold import fold
from skill_fleet_server.events.frames import Cursor, encode
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import Refused
from skill_fleet_tui.client.follow import Follower, JobNews


def log_of(job_id: str) -> list[DurableEvent]:
    """A whole job: created, three lines, completed."""
    stamp: dict[str, Any] = {"job_id": job_id, "ts": "2026-01-01T12:00:00Z"}
    lines = [Progress(**stamp, pos=seq * 10, seq=seq, data=ProgressData(text=f"line {seq}")) for seq in (2, 3, 4)]
    end = CompletedData(draft_path="drafts/x", name="x", description="d")
    created = JobCreated(**stamp, pos=10, seq=1, data=JobCreatedData(task_description="a skill"))
    return [created, *lines, Completed(**stamp, pos=50, seq=5, data=end)]


class Server:
    """A log that grows: each connection to the stream brings it some events further."""

    def __init__(self, *connections: tuple[int, int], trimmed: int = 0) -> None:
        """Each connection: how many events there are when it opens, and when it ends."""
        self._connections = list(connections)
        self._events = log_of("j")
        self._trimmed = trimmed
        self._there = connections[0][0]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/api/v1/events":
            return self._stream()
        view = fold(None, self._events[: self._there]).model_dump(mode="json")
        if path == "/api/v1/jobs/j":
            return httpx.Response(200, json={**view, "as_of": view["pos"], "cursor": f"e.{view['pos']}"})
        if path == "/api/v1/jobs/j/events":
            after = int(request.url.params["after"])
            kept = self._events[self._trimmed : self._there]
            page = [json.loads(event.model_dump_json()) for event in kept if event.pos > after]
            return httpx.Response(
                200, json={"events": page[:2], "after": page[:2][-1]["pos"] if page else after, "more": len(page) > 2}
            )
        return httpx.Response(404, json={"title": "Not found", "status": 404})

    def _stream(self) -> httpx.Response:
        start, end = self._connections.pop(0)
        view = fold(None, self._events[:start])
        data = HelloData(epoch="e", head=view.pos, oldest=0, resume="snapshot", keepalive_s=3)
        parts = [
            encode(Hello(data=data), retry_ms=1),
            encode(Snapshot(job_id="j", seq=view.seq, data=SnapshotData(job=view))),
        ]
        parts.append(encode(SnapshotEnd(pos=view.pos, data=SnapshotEndData(jobs=1)), cursor=Cursor("e", view.pos)))
        parts += [encode(event, cursor=Cursor("e", event.pos)) for event in self._events[start:end]]
        self._there = max(end, self._connections[0][0] if self._connections else end)
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=b"".join(parts))


async def heard(server: Server, follower: Follower) -> list[JobNews]:
    """All news of a job until it is over."""
    news: list[JobNews] = []
    async with (
        ApiClient("http://127.0.0.1:1", transport=httpx.MockTransport(server)) as api,
        asyncio.timeout(5),
        aclosing(follower.follow(api)) as following,
    ):
        async for each in following:
            if isinstance(each, JobNews):
                news.append(each)
                if each.view.status.is_terminal:
                    break
    return news


def seqs(news: list[JobNews]) -> list[int | None]:
    return [each.event.seq if each.event else None for each in news]


@pytest.mark.parametrize(
    "connections", [[(1, 5)], [(5, 5)], [(3, 4), (4, 5)], [(2, 3), (5, 5)], [(1, 2), (3, 4), (5, 5)]]
)
async def test_of_a_named_job_every_event_once(connections: list[tuple[int, int]]) -> None:
    news = await heard(Server(*connections), Follower(["j"]))

    assert seqs(news) == [1, 2, 3, 4, 5]
    assert [each.view.seq for each in news] == [1, 2, 3, 4, 5]


async def test_of_all_jobs_what_comes() -> None:
    news = await heard(Server((3, 5)), Follower())

    assert seqs(news) == [None, 4, 5]
    assert news[0].view.progress_text == "line 3"


async def test_going_on_repeats_nothing() -> None:
    follower = Follower(["j"])
    follower.views["j"] = fold(None, log_of("j")[:3])

    assert seqs(await heard(Server((4, 5)), follower)) == [4, 5]


async def test_where_the_log_is_trimmed_the_view_stands_for_it() -> None:
    news = await heard(Server((5, 5), trimmed=5), Follower(["j"]))

    assert seqs(news) == [None]
    assert news[0].view.status.is_terminal


async def test_a_job_that_does_not_exist() -> None:
    with pytest.raises(Refused):
        await heard(Server((1, 5)), Follower(["other"]))
