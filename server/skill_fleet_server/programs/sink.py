"""Takes the text of each field out of a model's reply while it streams. May import DSPy; used by the runner.

DSPy's own `streamify` is not used: leaving its generator cancels the consuming task, its status messages
can dead-lock the event loop, and its listeners lose text. This sink is put in `send_stream` instead.
"""

import re
from collections.abc import Callable
from typing import Any

import dspy

from skill_fleet_server.programs.program import REASONING

_MARKER = re.compile(r"\[\[ ## (\w+) ## \]\]")
_PARTIAL_MARKER = re.compile(r"\[(?:\[(?: (?:#(?:#(?: (?:\w+(?: (?:#(?:#(?: (?:\])?)?)?)?)?)?)?)?)?)?)?$")


class ReplySplitter:
    """Reads one reply in DSPy's chat format, piece by piece, as `ChatAdapter.parse` reads it whole.

    A marker counts at the start of a line only, a field's first occurrence only, and the white space
    around a field's text belongs to nobody. So the deltas of a field, put together, are its parsed text.
    """

    def __init__(self) -> None:
        self._pending = ""
        """Text that may yet turn out to be part of a marker."""
        self._field: str | None = None
        self._seen: set[str] = set()
        self._started = False
        self._space = ""
        """White space that is only the field's if more text follows."""
        self._at_line_start = True

    def feed(self, text: str, *, final: bool = False) -> list[tuple[str, str]]:
        """Take a piece of the reply.

        Args:
            text: The piece.
            final: Whether it was the last.

        Returns:
            Pairs of a field's name and new text of it.
        """
        self._pending += text
        deltas: list[tuple[str, str]] = []
        while match := self._next_marker():
            self._emit(self._pending[: match.start()], deltas)
            self._enter(match[1])
            self._pending = self._pending[match.end() :]
        cut = len(self._pending)
        if not final and (partial := _PARTIAL_MARKER.search(self._pending)):
            cut = partial.start()
        self._emit(self._pending[:cut], deltas)
        self._pending = self._pending[cut:]
        return deltas

    def _next_marker(self) -> re.Match[str] | None:
        for match in _MARKER.finditer(self._pending):
            before = self._pending[: match.start()]
            line = before.splitlines(keepends=True)[-1] if before else ""
            if before and line.splitlines()[0] != line:
                return match  # the line before is complete
            alone = not line.strip()
            if alone and (self._at_line_start or len(line) < len(before)):
                return match
        return None

    def _enter(self, field: str) -> None:
        self._field = None if field in self._seen else field
        self._seen.add(field)
        self._started = False
        self._space = ""
        self._at_line_start = False

    def _emit(self, text: str, deltas: list[tuple[str, str]]) -> None:
        if not text:
            return
        *_, last = text.splitlines(keepends=True)
        whole_lines = last.splitlines()[0] != last
        self._at_line_start = whole_lines or (not last.strip() and (self._at_line_start or last != text))
        if self._field is None:
            return
        if not self._started:
            text = text.lstrip()
        body = text.rstrip()
        if body:
            deltas.append((self._field, self._space + body))
            self._space, self._started = text[len(body) :], True
        elif self._started:
            self._space += text


class FieldSink:
    """What DSPy streams into: `dspy.context(send_stream=FieldSink(emit), stream_listeners=[])`.

    Passes on the text fields of the signature and the model's reasoning; structured fields arrive whole.
    """

    def __init__(self, emit: Callable[[int, str, str], None]) -> None:
        """`emit(call, field, text)` is called for each piece, with the ordinal of the model call; it must not block."""
        self._emit = emit
        self._calls: dict[Any, tuple[int, ReplySplitter]] = {}
        self.reasoning = ""
        """All reasoning so far, whether the provider or a field of the reply had it."""
        self.finish_reason: str | None = None
        """Of the last call that ended."""
        self.streamed = False
        """Whether anything was passed on."""

    async def send(self, chunk: Any) -> None:
        """Take a chunk of DSPy's. Never waits: that would hold up the model call."""
        choices = getattr(chunk, "choices", None)
        if not choices:
            return
        delta, finish = choices[0].delta, choices[0].finish_reason
        call, splitter = self._calls.setdefault(
            (getattr(chunk, "predict_id", None), chunk.id), (len(self._calls), ReplySplitter())
        )
        if thought := getattr(delta, "reasoning_content", None):
            self._pass_on(call, REASONING, thought)
        fields = _text_fields()
        for field, text in splitter.feed(getattr(delta, "content", None) or "", final=finish is not None):
            if field in fields:
                self._pass_on(call, field, text)
        if finish is not None:
            self.finish_reason = finish

    def _pass_on(self, call: int, field: str, text: str) -> None:
        if field == REASONING:
            self.reasoning += text
        self.streamed = True
        self._emit(call, field, text)


def _text_fields() -> set[str]:
    predictor = dspy.settings.caller_predict
    outputs = predictor.signature.output_fields if predictor is not None else {}
    return {name for name, field in outputs.items() if field.annotation is str}
