"""The stream's state machine, over a scripted server and a clock that nobody waits for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from skill_fleet_common.events import (
    Bye,
    ByeData,
    Event,
    Hello,
    HelloData,
    Keepalive,
    Progress,
    ProgressData,
    Snapshot,
    SnapshotData,
    SnapshotEnd,
    SnapshotEndData,
)
from skill_fleet_common.jobs import JobView
from skill_fleet_server.events.frames import Cursor, encode
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import Unauthorized, Unreachable
from skill_fleet_tui.client.states import Connecting, ConnectionState, Live, Stopped, Waiting
from skill_fleet_tui.client.stream import BACKOFF_LIMIT_SECONDS, EventStream

NOON = "2026-01-01T12:00:00Z"


def hello(resume: str = "snapshot", keepalive: float = 3.0) -> bytes:
    data = HelloData.model_validate({"epoch": "e", "head": 9, "oldest": 0, "resume": resume, "keepalive_s": keepalive})
    return encode(Hello(data=data))


def snapshot(seq: int, pos: int) -> bytes:
    view = JobView.model_validate({"job_id": "j", "created_at": NOON, "updated_at": NOON, "seq": seq})
    whole = encode(SnapshotEnd(pos=pos, data=SnapshotEndData(jobs=1)), cursor=Cursor("e", pos))
    return encode(Snapshot(job_id="j", seq=seq, data=SnapshotData(job=view))) + whole


def event(pos: int, seq: int) -> bytes:
    frame = Progress(pos=pos, job_id="j", seq=seq, data=ProgressData(text=f"event {seq}"))
    return encode(frame, cursor=Cursor("e", pos))


def bye(reason: str, retry_ms: int = 0) -> bytes:
    return encode(Bye(data=ByeData.model_validate({"reason": reason, "retry_ms": retry_ms})))


class Silence:
    """In a script: no byte comes any more, and the connection stays open."""


class Cut:
    """In a script: the connection breaks."""


class Body(httpx.AsyncByteStream):
    def __init__(self, parts: Sequence[bytes | type]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if part is Silence:
                await asyncio.Event().wait()
            elif part is Cut:
                raise httpx.ReadError("reset by peer")
            elif isinstance(part, bytes):
                yield part


def stream_of(*parts: bytes | type) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Body(parts))


def refusal(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"title": "No", "status": status, "detail": "Not now."}, headers=headers)


UNAUTHORIZED = refusal(401)


@dataclass
class Played:
    """A stream played against a script: one reply per connection, and 401 at the end to stop it."""

    replies: list[httpx.Response | Exception]
    requests: list[httpx.Request] = field(default_factory=list)
    frames: list[Event] = field(default_factory=list)
    states: list[ConnectionState] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    stream: EventStream = field(init=False)
    now: float = 0.0
    on_frame: Callable[[Event], None] = lambda _: None

    async def play(self, **options: Any) -> "Played":
        self.replies.append(UNAUTHORIZED)
        async with ApiClient("http://127.0.0.1:1", "t", transport=httpx.MockTransport(self._reply)) as api:
            options.setdefault("chance", lambda: 1.0)
            self.stream = EventStream(api, clock=lambda: self.now, sleep=self._sleep, **options)
            async with asyncio.timeout(5):
                await self.stream.run(self._take, self.states.append)
        return self

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _take(self, event: Event) -> None:
        self.frames.append(event)
        self.on_frame(event)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.frames if isinstance(frame, Progress)]

    @property
    def cursors(self) -> list[str | None]:
        return [request.headers.get("Last-Event-ID") for request in self.requests]


async def test_from_the_first_try_to_live() -> None:
    played = await Played([stream_of(hello(), snapshot(4, 9), event(10, 5), Cut)]).play()

    assert played.states[:2] == [Connecting(1), Live(0.0)]
    assert [frame.type for frame in played.frames] == ["hello", "snapshot", "snapshot_end", "progress"]


async def test_the_first_connect_is_retried_with_growing_pauses_up_to_a_limit() -> None:
    refused: list[httpx.Response | Exception] = [httpx.ConnectError("refused") for _ in range(7)]
    played = await Played(refused).play()

    assert played.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert max(played.slept) == BACKOFF_LIMIT_SECONDS
    waits = [state for state in played.states if isinstance(state, Waiting)]
    assert [wait.attempt for wait in waits] == [2, 3, 4, 5, 6, 7, 8]
    assert waits[0].retry_at == 0.25
    assert "refused" in waits[0].reason


async def test_pauses_are_full_jitter() -> None:
    played = await Played([httpx.ConnectError("x"), httpx.ConnectError("x")]).play(chance=lambda: 0.5)

    assert played.slept == [0.125, 0.25]


async def test_only_an_event_makes_the_pauses_short_again() -> None:
    failure = httpx.ConnectError("refused")
    played = await Played([failure, failure, stream_of(hello()), stream_of(hello(), event(1, 1)), failure]).play()

    assert played.slept == [0.25, 0.5, 1.0, 0.25, 0.5]


async def test_the_cursor_moves_with_events_and_outlives_failed_attempts() -> None:
    connections: list[httpx.Response | Exception] = [
        stream_of(hello(), snapshot(4, 9)),
        httpx.ConnectError("x"),
        stream_of(hello("resumed"), event(10, 5), Cut),
    ]
    played = await Played(connections).play()

    assert played.cursors == [None, "e.9", "e.9", "e.10"]


async def test_a_snapshot_cut_in_two_is_asked_for_again() -> None:
    half = snapshot(4, 9).partition(b"id: e.9")[0]
    played = await Played([stream_of(hello(), half, Cut)]).play()

    assert played.cursors == [None, None]


async def test_a_keepalive_moves_the_cursor() -> None:
    keepalive = encode(Keepalive(pos=42), cursor=Cursor("e", 42))
    played = await Played([stream_of(hello(), keepalive)]).play()

    assert played.cursors == [None, "e.42"]


async def test_an_end_without_a_word_is_a_reconnect() -> None:
    played = await Played([stream_of(hello(), event(1, 1)), stream_of(hello("resumed"), event(2, 2))]).play()

    assert played.seqs == [1, 2]


async def test_silence_for_three_keepalives_is_a_dead_connection() -> None:
    played = await Played([stream_of(hello(keepalive=0.01), event(1, 1), Silence)]).play()

    assert any(isinstance(state, Waiting) and "silent" in state.reason for state in played.states)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refusal_that_will_not_change_stops_it(status: int) -> None:
    played = await Played([refusal(status)]).play()

    assert len(played.requests) == 1
    stopped = played.states[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.error is not None
    assert isinstance(stopped.error, Unauthorized) == (status != 404)


async def test_a_busy_server_is_left_alone_for_as_long_as_it_says() -> None:
    played = await Played([refusal(503, **{"Retry-After": "7"}), refusal(429, **{"Retry-After": "2"})]).play()

    assert played.slept == [7.25, 2.5]


async def test_bye_says_when_to_come_back() -> None:
    played = await Played([stream_of(hello(), event(1, 1), bye("shutdown", 400))]).play()

    assert played.slept == [0.65]


async def test_retry_sets_the_first_pause() -> None:
    field = b"retry: 1000\n"
    played = await Played([stream_of(field + hello(), event(1, 1))]).play()

    assert played.slept == [1.0]


async def test_the_end_of_the_one_job_ends_its_stream() -> None:
    played = await Played([stream_of(hello(), event(1, 1), bye("complete"))]).play(job="j")

    assert played.states[-1] == Stopped("The job is over.", None)
    assert played.requests[0].url.path == "/api/v1/jobs/j/events"


async def test_a_missing_event_is_noticed_and_everything_read_again() -> None:
    gap = stream_of(hello(), snapshot(4, 9), event(10, 5), event(12, 7), event(13, 8))
    played = await Played([gap, stream_of(hello(), snapshot(8, 13), event(14, 9), Cut)]).play()

    assert played.cursors[:2] == [None, None]
    assert played.seqs == [5, 9]


async def test_an_event_that_was_delivered_is_not_delivered_again() -> None:
    played = await Played(
        [stream_of(hello(), event(1, 1), Cut), stream_of(hello("resumed"), event(1, 1), event(2, 2))]
    ).play()

    assert played.seqs == [1, 2]


async def test_a_cursor_the_server_cannot_read_is_dropped() -> None:
    played = await Played([refusal(400), stream_of(hello(), event(1, 1))]).play(cursor="nonsense")

    assert played.cursors[:2] == ["nonsense", None]


async def test_following_another_job_renews_the_connection_unseen() -> None:
    played = Played([stream_of(hello(), event(1, 1), Silence), stream_of(hello("resumed"), event(2, 2), Cut)])
    played.on_frame = lambda frame: played.stream.follow("j") if frame.type == "progress" else None
    await played.play()

    assert [request.url.params["deltas"] for request in played.requests[:2]] == ["none", "j"]
    assert played.cursors[:2] == [None, "e.1"]
    assert [type(state) for state in played.states[:3]] == [Connecting, Live, Waiting]
    assert played.seqs == [1, 2]


async def test_retry_now_ends_the_wait() -> None:
    played = Played([httpx.ConnectError("x"), stream_of(hello(), event(1, 1), Cut)])
    endless = asyncio.Event()
    waits = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            asyncio.get_running_loop().call_soon(stream.retry_now)
            await endless.wait()

    async with ApiClient("http://127.0.0.1:1", transport=httpx.MockTransport(played._reply)) as api:
        played.replies.append(UNAUTHORIZED)
        stream = EventStream(api, sleep=sleep)
        async with asyncio.timeout(5):
            await stream.run(played.frames.append, played.states.append)

    assert [frame.type for frame in played.frames] == ["hello", "progress"]


async def test_a_lost_server_is_located_before_the_next_try() -> None:
    located = []

    async def locate() -> None:
        located.append(True)
        if len(located) == 1:
            raise Unreachable("It does not start.")

    played = await Played([httpx.ConnectError("x"), stream_of(hello(), event(1, 1))]).play(locate=locate)

    assert len(located) >= 2
    assert any(isinstance(state, Waiting) and "does not start" in state.reason for state in played.states)


async def test_jobs_are_named_to_the_server() -> None:
    played = await Played([]).play(jobs=["a", "b"])

    assert played.requests[0].url.params.get_list("job") == ["a", "b"]
