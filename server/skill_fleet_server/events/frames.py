"""The bytes of one server-sent event: LF only, one `data:` line, fields in the order id, event, retry, data."""

from dataclasses import dataclass
from typing import Final

from skill_fleet_common.events import Frame

MEDIA_TYPE: Final = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one log: everything up to and including `pos` has been seen."""

    epoch: str
    """The log's identity; changes only when history may have been lost."""
    pos: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.pos}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` wrote.

        Raises:
            ValueError: If it is not of the form `<epoch>.<pos>`.
        """
        epoch, dot, pos = text.strip().rpartition(".")
        if not dot or not epoch.isalnum() or not (pos.isascii() and pos.isdigit()) or len(text) > 64:
            raise ValueError("A cursor is written <epoch>.<position>, as the stream's `id` lines give it.")
        return cls(epoch, int(pos))


def encode(frame: Frame, *, cursor: Cursor | None = None, retry_ms: int | None = None) -> bytes:
    """The frame as bytes. Only a frame after which it is safe to resume takes a `cursor`."""
    return encode_json(frame.type, frame.model_dump_json(exclude_none=True), cursor=cursor, retry_ms=retry_ms)


def encode_json(kind: str, data: str, *, cursor: Cursor | None = None, retry_ms: int | None = None) -> bytes:
    """As `encode`, for JSON that is already text. JSON has no raw line breaks, so one line holds it."""
    lines = [] if cursor is None else [f"id: {cursor}"]
    lines.append(f"event: {kind}")
    if retry_ms is not None:
        lines.append(f"retry: {retry_ms}")
    lines.append(f"data: {data}\n\n")
    return "\n".join(lines).encode()


def data_of(frame: bytes) -> bytes:
    """The JSON in a frame's bytes."""
    return frame.rpartition(b"\ndata: ")[2].rstrip()
