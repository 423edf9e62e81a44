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
_PARTIAL_MARKER = re.compile(r"(?:\[(?:\[(?: (?:#(?:#(?: (?:\w+(?: (?:#(?:#(?: (?:\])?)?)?)?)?)?)?)?)?)?)?)?")
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_BREAK = re.compile(rf"\r\n|[{_BREAKS}]")
_INDENT = re.compile(rf"[^\S{_BREAKS}]*")


class ReplySplitter:
    """Reads one reply in DSPy's chat format, piece by piece, as `ChatAdapter.parse` reads it whole.

    A marker counts at the start of a line only, a field's first occurrence only, every line break is a newline, and
    the white space around a field's text belongs to nobody. So a field's deltas, put together, are its parsed text.
    """

    def __init__(self) -> None:
        self._pending = ""
        self._at_line_start = True
        self._on_marker_line = False
        self._field: str | None = None
        self._seen: set[str] = set()
        self._started = False
        self._space = ""
        """White space that is the field's only if more text follows."""

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
        while self._pending:
            if self._at_line_start and not self._settle_line_start(final):
                break
            end = _BREAK.search(self._pending)
            if end is None:
                self._emit(self._pending, deltas)
                self._pending = ""
                break
            self._emit(self._pending[: end.start()], deltas)
            if end[0] == "\r" and end.end() == len(self._pending) and not final:
                self._pending = "\r"  # the first half of a line break, perhaps
                break
            self._end_line()
            self._pending = self._pending[end.end() :]
        return deltas

    def _settle_line_start(self, final: bool) -> bool:
        """Find out how the line begins, and take a marker away; `False` while more text has to tell."""
        rest = _INDENT.sub("", self._pending, count=1)
        if marker := _MARKER.match(rest):
            self._enter(marker[1])
            # Not of `rest`: before an indented marker DSPy counts so, and the text is to be what it parses.
            self._pending = self._pending[marker.end() :]
        elif not final and _PARTIAL_MARKER.fullmatch(rest):
            return False
        self._at_line_start = False
        return True

    def _enter(self, field: str) -> None:
        self._field = None if field in self._seen else field
        self._seen.add(field)
        self._started, self._space, self._on_marker_line = False, "", True

    def _emit(self, text: str, deltas: list[tuple[str, str]]) -> None:
        if self._field is None:
            return
        if not self._started:
            text = text.lstrip()
        body = text.rstrip()
        if not body:
            self._space += text if self._started else ""
            return
        new = self._space + body
        self._space, self._started = text[len(body) :], True
        if deltas and deltas[-1][0] == self._field:
            new = deltas.pop()[1] + new
        deltas.append((self._field, new))

    def _end_line(self) -> None:
        if self._on_marker_line:
            self._space = ""
        if self._started:
            self._space += "\n"
        self._at_line_start, self._on_marker_line = True, False


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

    def _pass_on(self, call: int, field: str, text: str) -> None:
        if field == REASONING:
            self.reasoning += text
        self.streamed = True
        self._emit(call, field, text)


def _text_fields() -> set[str]:
    predictor = dspy.settings.caller_predict
    outputs = predictor.signature.output_fields if predictor is not None else {}
    return {name for name, field in outputs.items() if field.annotation is str}
