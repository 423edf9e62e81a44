"""A model whose every call is metered. May import DSPy; imported by `lm.table` and the demo model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dspy
from dspy.utils.callback import BaseCallback

from skill_fleet_common.jobs import Usage
from skill_fleet_server.lm.config import Price


@dataclass(frozen=True)
class CallRecord:
    """A completed call of a model."""

    usage: Usage
    finish_reason: str | None
    """Why the model stopped: `stop`, `length`, `content_filter`, …"""


Meter = Callable[[CallRecord], None]
"""Takes the record of one call. Set with `dspy.context(meter=…)`, which also reaches DSPy's worker threads."""


class MeteredLM(dspy.LM):
    """A DSPy model that reports each completed call to the current meter, and keeps no history."""

    taps: Sequence[BaseCallback] = ()
    """Callbacks that must be active while it is called."""
    price: Price | None = None
    """The configured price, where DSPy knows none."""

    def update_history(self, entry: Mapping[str, Any]) -> None:
        """DSPy's one hook per completed call, streamed or not. Not passed on: histories only grow."""
        meter: Meter | None = dspy.settings.get("meter")
        if meter is not None:
            meter(CallRecord(self._usage(entry), _finish_reason(entry.get("response"))))

    def _usage(self, entry: Mapping[str, Any]) -> Usage:
        tokens = entry.get("usage") or {}
        inputs, outputs = int(tokens.get("prompt_tokens") or 0), int(tokens.get("completion_tokens") or 0)
        cost = entry.get("cost")
        if self.price is not None:
            cost = (inputs * self.price.input + outputs * self.price.output) / 1_000_000
        return Usage(
            calls=1,
            input_tokens=inputs,
            output_tokens=outputs,
            cost=float(cost or 0.0),
            unpriced_calls=int(cost is None),
        )


def _finish_reason(response: Any) -> str | None:
    """From DSPy's own response, or from LiteLLM's."""
    choices = getattr(response, "choices", None)
    return getattr(choices[0] if choices else response, "finish_reason", None)
