"""The demo model as an engine pair in DSPy's normal path, and the pace at which it streams."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import dspy
from dspy.adapters.base import Adapter
from dspy.lm15 import (
    Message,
    Request,
    Response,
    ServerError,
    StreamDeltaEvent,
    StreamEndEvent,
    StreamStartEvent,
    TextDelta,
    TextPart,
    Usage,
)
from dspy.utils.callback import BaseCallback
from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from skill_fleet_server.lm.config import DEMO_MODEL, Price
from skill_fleet_server.lm.demo import generation, understanding, validation
from skill_fleet_server.lm.demo.request import fails_at
from skill_fleet_server.lm.demo.schema import fill
from skill_fleet_server.lm.metered import MeteredLM

HANDLERS: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    handler.__name__: handler
    for handler in (
        understanding.gather_requirements,
        understanding.analyze_intent,
        understanding.find_taxonomy_path,
        understanding.analyze_dependencies,
        understanding.synthesize_plan,
        generation.write_skill,
        generation.write_resource,
        generation.attribute_sources,
        validation.generate_test_cases,
        validation.assess_quality,
        validation.refine_skill,
    )
}
"""Plausible content, by program name. Any other signature is filled from its schema."""

StreamEvent = StreamStartEvent | StreamDeltaEvent | StreamEndEvent

_PIECE = 400
"""Characters per piece of text when there is no delay to read by."""
_TICK_S = 0.02
"""Shortest sleep between pieces: several words at once below it, so that a fast demo does not burn the loop."""
_FAILS_AFTER = 0.4
"""Share of the text that is streamed before a failure that was asked for."""
_CHARACTERS_PER_TOKEN = 4
_SOURCES = frozenset({"excerpts", "went_wrong", "existing"})
"""Inputs that hold what others wrote: what they mention asks for nothing."""


@dataclass(frozen=True)
class _Call:
    adapter: Adapter
    signature: type[dspy.Signature]
    inputs: dict[str, Any]


_current: ContextVar[_Call | None] = ContextVar("demo_call", default=None)


class SignatureTap(BaseCallback):
    """Hands the typed call over to the engine, which DSPy only gives the rendered prompt."""

    def on_adapter_format_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """Called once per adapter class in the hierarchy; only the innermost call has named arguments."""
        if "signature" in inputs:
            _current.set(_Call(instance, inputs["signature"], inputs["inputs"]))


@dataclass(frozen=True)
class _Reply:
    text: str
    failing: bool
    """Whether the call is to break off in the middle of it."""
    prose: bool
    """Whether it is mostly text to read, and so worth a readable pace throughout."""

    @property
    def sent(self) -> str:
        return self.text[: int(len(self.text) * _FAILS_AFTER)] if self.failing else self.text


class DemoEngine:
    """Answers at once."""

    def complete(self, request: Request) -> Response:
        """The whole reply."""
        reply = _reply(request)
        if reply.failing:
            raise _failure()
        message = Message.assistant([TextPart(reply.text)])
        return Response(
            id=None, model=request.model, message=message, finish_reason="stop", usage=_usage(request, reply.text)
        )

    def stream(self, request: Request) -> Iterator[StreamEvent]:
        """The reply in pieces."""
        reply = _reply(request)
        yield StreamStartEvent(id=None, model=request.model)
        for start in range(0, len(reply.sent), _PIECE):
            yield StreamDeltaEvent(TextDelta(text=reply.sent[start : start + _PIECE]))
        if reply.failing:
            raise _failure()
        yield StreamEndEvent(finish_reason="stop", usage=_usage(request, reply.text))


class AsyncDemoEngine:
    """Answers at reading pace, `delay` seconds per word; at once when that is 0."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._immediate = DemoEngine()

    async def complete(self, request: Request) -> Response:
        """The whole reply."""
        return self._immediate.complete(request)

    async def stream(self, request: Request) -> AsyncIterator[StreamEvent]:
        """The reply in pieces."""
        if not self._delay:
            for event in self._immediate.stream(request):
                yield event
            return
        reply = _reply(request)
        yield StreamStartEvent(id=None, model=request.model)
        for piece, pause in _paced(reply, self._delay):
            await asyncio.sleep(pause)
            yield StreamDeltaEvent(TextDelta(text=piece))
        if reply.failing:
            raise _failure()
        yield StreamEndEvent(finish_reason="stop", usage=_usage(request, reply.text))


def demo_lm(delay: float) -> MeteredLM:
    """The demo model.

    Args:
        delay: Seconds per word of what it streams.
    """
    lm = MeteredLM(DEMO_MODEL, engine=DemoEngine(), async_engine=AsyncDemoEngine(delay), cache=False, num_retries=0)
    lm.taps = (SignatureTap(),)
    lm.price = Price(input=0, output=0)
    return lm


def _reply(request: Request) -> _Reply:
    call = _current.get()
    if call is None:
        return _Reply(f"The demo model has nothing to say to: {(request.messages[-1].text or '')[:200]}", False, True)
    module = dspy.settings.get("program") or ""
    inputs = to_jsonable_python(call.inputs)
    values = _values(call, inputs | {"candidate": dspy.settings.get("candidate") or 0}, module)
    text = call.adapter.format_assistant_message_content(call.signature, values)
    failing = module in fails_at(_asked(inputs)) and not dspy.settings.get("retried")
    return _Reply(text, failing, "body" in values or "content" in values)


def _values(call: _Call, inputs: dict[str, Any], module: str) -> dict[str, Any]:
    known = HANDLERS[module](inputs) if module in HANDLERS else {}
    about = " ".join(str(next((value for value in inputs.values() if isinstance(value, str)), "")).split())[:120]
    values = {}
    for name, field in call.signature.output_fields.items():
        adapter, schema = _describe(field.annotation)
        values[name] = adapter.validate_python(known[name] if name in known else fill(schema, about))
    return values


@lru_cache(maxsize=256)
def _describe(annotation: Any) -> tuple[TypeAdapter[Any], dict[str, Any]]:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    return adapter, adapter.json_schema()


def _asked(inputs: dict[str, Any]) -> str:
    """Everything the person said or that was made of it, without the sources."""
    return json.dumps({name: value for name, value in inputs.items() if name not in _SOURCES}, default=str)


def _paced(reply: _Reply, delay: float) -> Iterator[tuple[str, float]]:
    """Pieces with the pause before each. Structured fields after the reasoning come at once: nobody reads them."""
    words = re.findall(r"\s*\S+|\s+$", reply.sent)
    step = max(1, round(_TICK_S / delay))
    structured = False
    for start in range(0, len(words), step):
        piece = "".join(words[start : start + step])
        structured = structured or (not reply.prose and re.search(r"## (?!reasoning)\w+ ## \]\]", piece) is not None)
        if structured:
            yield "".join(words[start:]), delay
            return
        yield piece, step * delay


def _usage(request: Request, text: str) -> Usage:
    read = sum(len(message.text or "") for message in request.messages)
    read += len(request.system) if isinstance(request.system, str) else 0
    tokens_in, tokens_out = read // _CHARACTERS_PER_TOKEN, len(text) // _CHARACTERS_PER_TOKEN
    return Usage(input_tokens=tokens_in, output_tokens=tokens_out, total_tokens=tokens_in + tokens_out)


def _failure() -> ServerError:
    return ServerError("The request asked the demo model to fail here.", provider="demo")
