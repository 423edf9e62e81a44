"""Bytes of a stream to frames: each an event, parsed and cleaned, and the id it moves the cursor to.

httpx-sse decodes. What its 0.4.3 gets wrong is set right here: blocks without data are no events, the
text is UTF-8 whatever the header says, and a byte order mark is not part of the first field's name.
"""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError
from pydantic import ValidationError

from skill_fleet_common.events import EVENT, Event, UnknownEvent, parse_event
from skill_fleet_tui.client.errors import NotUnderstood
from skill_fleet_tui.text.clean import clean, clean_json, is_clean_json, mask


@dataclass(frozen=True, slots=True)
class StreamFrame:
    """One event as it arrived."""

    event: Event
    id: str
    """The last id seen on this connection: where to resume after this frame. Empty before the first."""
    retry_ms: int | None = None


async def frames(response: httpx.Response) -> AsyncGenerator[StreamFrame, None]:
    """The frames of a response, in order, until it ends.

    Raises:
        NotUnderstood: If it is not an event stream, or a frame is not JSON.
        httpx.HTTPError: If the connection is cut.
    """
    response.encoding = "utf-8-sig"
    source = EventSource(response).aiter_sse()
    try:
        async for block in source:
            if block.data:
                yield _frame(block)
    except SSEError as error:
        raise NotUnderstood(f"The server did not send an event stream: {error}") from error
    finally:
        await source.aclose()


def read_event(data: str) -> Event:
    """Parse and clean one frame's JSON. A known type with data that does not fit becomes an unknown one.

    Raises:
        NotUnderstood: If it is not the JSON of a frame at all.
    """
    try:
        if is_clean_json(data):
            return parse_event(data)
        return EVENT.validate_python(_cleaned(json.loads(data)))
    except ValidationError:
        return _unknown(data)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("The server sent something that is not an event.") from error


def _frame(block: ServerSentEvent) -> StreamFrame:
    retry = block.retry if block.retry is not None and block.retry >= 0 else None
    return StreamFrame(read_event(block.data), block.id, retry)


def _cleaned(value: Any) -> Any:
    # Offsets count the characters the model wrote, so text in flight keeps its length.
    in_flight = isinstance(value, dict) and value.get("type") in ("token", "token_sync")
    return clean_json(value, mask if in_flight else clean)


def _unknown(data: str) -> UnknownEvent:
    try:
        return UnknownEvent.model_validate(clean_json(json.loads(data)))
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("The server sent something that is not an event.") from error
