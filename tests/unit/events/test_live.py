"""Text in flight: exact for whoever keeps up, whole for whoever does not, gone when it is void."""

import asyncio
import json
import random
from pathlib import Path

import pytest

from skill_fleet_common.events import DurableEvent, ModuleEnd, ModuleEndData, ModuleStart, ModuleStartData
from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_server.events.frames import Cursor
from skill_fleet_server.events.live import LiveStep, LiveText
from skill_fleet_server.events.live_reader import LiveReader
from skill_fleet_server.events.stream import Stream
from skill_fleet_server.events.subscription import Subscription
from tests.support.events import endings
from tests.support.server import eventually
from tests.support.streams import open_bench


def begin(live: LiveText, *, job_id: str = "job-1", after: int = 0, step: str = "write_skill") -> LiveStep:
    return live.begin(job_id=job_id, phase=None, module="write_skill", step=step, attempt=1, after=after)


class Held:
    """What a client by the letter of the protocol holds of the text in flight."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], tuple[int, str]] = {}

    def take(self, frames: list[bytes]) -> None:
        for frame in frames:
            self.take_one(json.loads(frame.split(b"data: ", 1)[1]))

    def take_one(self, frame: dict) -> None:
        data = frame["data"]
        key = (data["step"], data["field"])
        gen, text = self.texts.get(key, (0, ""))
        if frame["type"] == "token_sync":
            assert data["off"] == 0
            text = ""
        elif data["gen"] != gen:
            text = ""
        assert data["off"] == len(text), "a gap"
        self.texts[key] = (data["gen"], text + data["text"])

    def text(self, field: str = "draft", step: str = "write_skill") -> str:
        return self.texts[step, field][1]


async def test_whoever_keeps_up_gets_each_piece_once_and_the_bytes_are_shared() -> None:
    live = LiveText()
    first, second = LiveReader(live, "all"), LiveReader(live, "all")
    step = begin(live)
    held, sent = Held(), []
    for piece in ("Use ", "when ", "é😀 tests."):
        step.write(1, "draft", piece)
        step.flush()
        frames = first.read(0)
        assert all(a is b for a, b in zip(frames, second.read(0), strict=True))
        sent += frames
        held.take(frames)
    assert len(sent) == 3
    assert sent[1].startswith(b"event: token\ndata: ")
    assert held.text() == "Use when é😀 tests."
    assert first.read(0) == []


async def test_a_burst_is_few_frames_and_a_full_one_does_not_wait() -> None:
    live = LiveText()
    reader = LiveReader(live, "all")
    step = begin(live)
    for _ in range(50):
        step.write(1, "draft", "word ")
    assert len(reader.read(0)) == 1, "the first piece goes at once, the others wait for their frame"
    step.write(1, "draft", "x" * 1024)
    assert len(reader.read(0)) == 1
    step.write(1, "draft", "rest")
    assert reader.read(0) == []
    wake = live.wake()
    await asyncio.wait_for(wake.wait(), 1)
    assert len(reader.read(0)) == 1


async def test_who_comes_later_gets_the_whole_text_and_then_each_piece() -> None:
    live = LiveText()
    step = begin(live)
    step.write(1, "draft", "so far")
    late, held = LiveReader(live, "all"), Held()
    (sync,) = late.read(0)
    assert sync.startswith(b"event: token_sync\n")
    held.take([sync])
    step.write(1, "draft", " so good")
    step.flush()
    (token,) = late.read(0)
    assert token.startswith(b"event: token\n")
    held.take([token])
    assert held.text() == "so far so good"


async def test_who_is_far_behind_gets_one_frame_with_the_whole_text() -> None:
    live = LiveText()
    reader, held = LiveReader(live, "all"), Held()
    step = begin(live)
    step.write(1, "draft", "begin ")
    held.take(reader.read(0))
    for i in range(200):
        step.write(1, "draft", f"{i} ")
        step.flush()
    frames = reader.read(0)
    assert len(frames) == 1
    held.take(frames)
    assert held.text() == "begin " + "".join(f"{i} " for i in range(200))


async def test_a_new_reply_voids_the_text_of_the_last() -> None:
    live = LiveText()
    reader, held = LiveReader(live, "all"), Held()
    step = begin(live)
    step.write(1, "draft", "a first try that is longer")
    held.take(reader.read(0))
    step.write(1, "draft", " and waits for its frame")
    step.write(2, "draft", "second")
    step.write(1, "draft", "late words of the first")
    step.flush()
    held.take(reader.read(0))
    assert held.texts["write_skill", "draft"] == (2, "second")
    assert [sync.data.text for sync in live.in_flight("job-1")] == ["second"]


@pytest.mark.parametrize("text", ["x" * 300_000, "\x01" * 100_000, "😀" * 50_000])
async def test_no_frame_is_larger_than_a_frame_may_be(text: str) -> None:
    live = LiveText()
    early, held_early = LiveReader(live, "all"), Held()
    step = begin(live)
    step.write(1, "draft", text)
    late, held_late = LiveReader(live, "all"), Held()
    for reader, held in ((early, held_early), (late, held_late)):
        frames = reader.read(0)
        assert max(map(len, frames)) <= FRAME_BYTES
        held.take(frames)
        assert held.text() == text


async def test_half_a_surrogate_pair_breaks_no_frame() -> None:
    live = LiveText()
    reader, held = LiveReader(live, "all"), Held()
    begin(live).write(1, "draft", "a\ud83db")
    held.take(reader.read(0))
    assert held.text() == "a?b"


async def test_text_waits_until_the_connection_has_the_event_that_began_it() -> None:
    live = LiveText()
    reader = LiveReader(live, "all")
    step = begin(live, after=7)
    step.write(1, "draft", "early")
    assert reader.read(6) == []
    assert len(reader.read(7)) == 1


def steps_of(reader: LiveReader) -> set[str]:
    return {json.loads(frame.split(b"data: ", 1)[1])["job_id"] for frame in reader.read(0)}


async def test_a_connection_chooses_whose_text_it_gets() -> None:
    live = LiveText()
    readers = {
        "all": LiveReader(live, "all"),
        "none": LiveReader(live, "none"),
        "one": LiveReader(live, frozenset({"job-2"})),
        "filtered": LiveReader(live, "all", frozenset({"job-1"})),
        "apart": LiveReader(live, frozenset({"job-2"}), frozenset({"job-1"})),
    }
    for job_id in ("job-1", "job-2"):
        begin(live, job_id=job_id).write(1, "draft", "text")
    assert {name: steps_of(reader) for name, reader in readers.items()} == {
        "all": {"job-1", "job-2"},
        "none": set(),
        "one": {"job-2"},
        "filtered": {"job-1"},
        "apart": set(),
    }


async def test_an_ended_step_gives_its_rest_to_followers_and_nothing_to_others() -> None:
    live = LiveText()
    follower, held = LiveReader(live, "all"), Held()
    step = begin(live)
    step.write(1, "draft", "first ")
    held.take(follower.read(0))
    step.write(1, "draft", "last")
    step.end()
    step.end()
    step.write(1, "draft", "too late")
    held.take(follower.read(0))
    assert held.text() == "first last"
    assert LiveReader(live, "all").read(0) == []
    assert live.in_flight("job-1") == []


async def test_on_a_stream_all_text_of_a_step_is_between_its_beginning_and_its_end(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        words = [f"word{i} " for i in range(300)]
        async with bench.watching() as early, bench.watching(cursor=Cursor(bench.log.epoch, 0)) as other:
            await early.until("snapshot_end")
            after = await bench.append(
                ModuleStart(job_id="job-1", module="write_skill", attempt=1, data=ModuleStartData(step="write_skill"))
            )
            step = begin(bench.live, after=after)
            for word in words:
                step.write(1, "draft", word)
                if random.random() < 0.2:
                    await asyncio.sleep(0.002)
            step.end()
            head = await bench.append(
                ModuleEnd(job_id="job-1", module="write_skill", attempt=1, data=ModuleEndData(step="write_skill"))
            )
            for client in (early, other):
                await client.until_at(head)
                told = [frame.event for frame in client.frames if frame.json.get("module") == "write_skill"]
                assert told[0] == "module_start"
                assert told[-1] == "module_end"
                held = Held()
                for frame in client.of("token", "token_sync"):
                    held.take_one(frame.json)
                assert held.text() == "".join(words)


@pytest.mark.parametrize(
    "end",
    [
        ModuleEnd(job_id="job-1", module="write_skill", attempt=1, data=ModuleEndData(step="write_skill")),
        endings("job-1")[2],
    ],
    ids=lambda event: event.type,
)
async def test_nobody_gets_text_of_what_the_log_says_is_over(tmp_path: Path, end: DurableEvent) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1", "job-2")
        start = ModuleStart(job_id="job-1", module="write_skill", attempt=1, data=ModuleStartData(step="write_skill"))
        async with bench.watching() as early:
            await early.until("snapshot_end")
            after = await bench.append(start)
            step = begin(bench.live, after=after)
            step.write(1, "draft", "all but ")
            await early.until("token")
            step.write(1, "draft", "the last")
            head = await bench.append(end)
            # What the step or a relay does from here on comes too late, for those who follow and for who comes now.
            step.write(1, "draft", " words")
            step.flush()
            late = begin(bench.live, after=after)
            late.write(1, "draft", "heard late")
            late.flush()
            begin(bench.live, job_id="job-2", after=2).write(1, "draft", "others go on")
            async with bench.watching(cursor=Cursor(bench.log.epoch, 0)) as other:
                held = Held()
                for client in (early, other):
                    await client.until_at(head)
                    await eventually(lambda of=client: of.frames[-1].json["job_id"] == "job-2", what="the other's text")
                    assert client.frames[-2].event == end.type
                for frame in early.of("token")[:-1]:
                    held.take_one(frame.json)
                assert held.text() == "all but the last"
                assert {frame.json["job_id"] for frame in other.of("token", "token_sync")} == {"job-2"}
        assert bench.live.in_flight("job-1") == []


async def test_a_client_that_comes_back_is_told_the_whole_text_even_if_it_is_short(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        begin(bench.live, after=1).write(1, "draft", "one piece")
        async with bench.watching(cursor=Cursor(bench.log.epoch, 1)) as client:
            (sync,) = await client.until("token_sync")
            assert sync.id is None
            assert sync.data == {"step": "write_skill", "gen": 1, "field": "draft", "off": 0, "text": "one piece"}


async def test_a_stalled_client_gets_few_bytes_of_a_long_text_it_missed(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.create("job-1")
        async with bench.watching(cursor=Cursor(bench.log.epoch, 1)) as quick:
            await quick.until("hello")
            stalled = Stream(bench.streams, Subscription(cursor=Cursor(bench.log.epoch, 1))).chunks()
            await anext(stalled)
            step = begin(bench.live, after=1)
            for i in range(500):
                step.write(1, "draft", f"{i:09d} ")
                step.flush()
                await asyncio.sleep(0)
            await eventually(lambda: sum(len(f.data["text"]) for f in quick.of("token", "token_sync")) >= 5000)
            chunk = await anext(stalled)
            assert chunk.startswith(b"event: token_sync\n")
            assert chunk.count(b"event: ") == 1
            await stalled.aclose()
