"""Reading a stream's bytes in tests, by the letter of the specification and nothing more lenient."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Received:
    """One server-sent event."""

    id: str | None
    event: str
    retry: int | None
    json: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        return self.json["data"]


class FrameReader:
    """Cuts bytes, however they come in pieces, into events."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, chunk: bytes) -> list[Received]:
        self._buffer += chunk
        *blocks, self._buffer = self._buffer.split(b"\n\n")
        return [_read(block.decode()) for block in blocks]

    @property
    def is_between_frames(self) -> bool:
        return not self._buffer


def read_frames(stream: bytes) -> list[Received]:
    """All events of whole frames."""
    reader = FrameReader()
    frames = reader.feed(stream)
    assert reader.is_between_frames
    return frames


def _read(block: str) -> Received:
    assert "\r" not in block
    lines = [line.split(": ", 1) for line in block.split("\n")]
    names = [name for name, _ in lines]
    assert names == [name for name in ("id", "event", "retry", "data") if name in names], names
    fields = dict(lines)
    retry = fields.get("retry")
    parsed = json.loads(fields["data"])
    assert parsed["type"] == fields["event"]
    return Received(fields.get("id"), fields["event"], int(retry) if retry else None, parsed)
