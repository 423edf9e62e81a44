"""Bytes to events: however they are cut, whatever else stands between them."""

import json
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.events import JobStarted, Progress, ProgressData, Token, TokenData, UnknownEvent
from skill_fleet_server.events.frames import Cursor, encode
from skill_fleet_tui.client.errors import NotUnderstood
from skill_fleet_tui.client.sse import StreamFrame, frames

EVENTS = [
    Progress(pos=7, job_id="j", seq=1, data=ProgressData(text="naïve — 日本 \u2028 line\nbreaks\r\n")),
    Token(job_id="j", module="m", attempt=1, data=TokenData(step="m", gen=1, field="f", off=0, text="a\x1b[1mb")),
    JobStarted(pos=8, job_id="j", seq=2),
]
BYTES = (
    encode(EVENTS[0], cursor=Cursor("e", 7))
    + b": ping\n\n"
    + encode(EVENTS[1])
    + encode(EVENTS[2], cursor=Cursor("e", 8))
)


class Chunks(httpx.AsyncByteStream):
    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


async def read(*chunks: bytes, content_type: str = "text/event-stream; charset=utf-8") -> list[StreamFrame]:
    response = httpx.Response(200, headers={"Content-Type": content_type}, stream=Chunks(chunks))
    return [frame async for frame in frames(response)]


@given(st.lists(st.integers(0, len(BYTES)), max_size=12))
async def test_arbitrary_chunking_gives_the_same_events(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(BYTES)]
    chunks = [BYTES[start:end] for start, end in pairwise(edges) if end > start]

    assert await read(*chunks) == await read(BYTES)


async def test_byte_by_byte_is_the_same_too() -> None:
    assert await read(*(bytes([byte]) for byte in BYTES)) == await read(BYTES)


async def test_a_comment_after_an_id_is_no_event() -> None:
    assert [frame.event.type for frame in await read(BYTES)] == ["progress", "token", "job_started"]


async def test_ids_say_where_to_resume() -> None:
    assert [frame.id for frame in await read(BYTES)] == ["e.7", "e.7", "e.8"]


async def test_a_byte_order_mark_and_a_wrong_charset_do_no_harm() -> None:
    [first, *_] = await read(b"\xef\xbb\xbf" + BYTES, content_type="text/event-stream; charset=latin-1")

    assert isinstance(first.event, Progress)
    assert first.event.data.text.startswith("naïve — 日本")


async def test_text_is_clean_and_text_in_flight_keeps_its_offsets() -> None:
    progress, token, _ = await read(BYTES)

    assert isinstance(progress.event, Progress)
    assert progress.event.data.text == "naïve — 日本 \ufffd line\nbreaks\n"
    assert isinstance(token.event, Token)
    assert token.event.data.text == "a\ufffd[1mb"


async def test_an_event_cut_off_at_the_end_is_none() -> None:
    assert [frame.event.type for frame in await read(BYTES[:-1])] == ["progress", "token"]


async def test_a_new_type_and_an_odd_known_one_still_move_the_cursor() -> None:
    newer = {"v": 1, "type": "sang_a_song", "pos": 3, "job_id": "j", "seq": 4, "data": {"title": "\x1b[1mla"}}
    odd = {"v": 1, "type": "progress", "pos": 5, "job_id": "j", "seq": 5, "data": {"fraction": "half"}}
    body = "".join(f"id: e.{each['pos']}\ndata: {json.dumps(each)}\n\n" for each in (newer, odd))

    song, half = await read(body.encode())

    assert isinstance(song.event, UnknownEvent)
    assert song.event.data == {"title": "la"}
    assert (half.event.type, half.id, isinstance(half.event, UnknownEvent)) == ("progress", "e.5", True)


@pytest.mark.parametrize("data", ["not json", "[]", "1", '"text"', "[" * 20_000])
async def test_what_is_no_event_is_an_error(data: str) -> None:
    with pytest.raises(NotUnderstood):
        await read(f"data: {data}\n\n".encode())


async def test_a_web_page_is_no_stream() -> None:
    with pytest.raises(NotUnderstood, match="text/html"):
        await read(b"<html>", content_type="text/html")
