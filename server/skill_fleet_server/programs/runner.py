"""Runs any program with any model of its chain: the one place where a model is called.

Returns plain data or raises `StepFailed`; in between, time-outs, retries, fallbacks, the breaker, the
semaphore, usage and the text in flight. Cancelling the task aborts the request.
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import dspy
import structlog
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from skill_fleet_common.jobs import Usage
from skill_fleet_server.lm.breaker import BreakerOpen, Breakers
from skill_fleet_server.lm.config import DEMO_MODEL
from skill_fleet_server.lm.metered import CallRecord, MeteredLM
from skill_fleet_server.lm.table import ModelTable
from skill_fleet_server.observing import observed_call
from skill_fleet_server.programs.adapter import MemoisingChatAdapter
from skill_fleet_server.programs.failures import (
    EXPECTED,
    AttemptFailure,
    Malformed,
    Next,
    StepFailed,
    Verdict,
    is_unhealthy,
    judge,
)
from skill_fleet_server.programs.program import REASONING, Program
from skill_fleet_server.programs.sink import FieldSink

_log = structlog.get_logger(__name__)

LONGEST_WAIT_S: Final = 60.0
"""Cap of a wait between attempts, also of one the provider asks for."""

_CALLS_PER_ATTEMPT_BITS: Final = 8

_TEMPERATURES: Final = (1.0, 0.7, 0.85, 0.55, 0.95, 0.8, 0.6)
"""Of the second candidate, the third, …. 1.0 comes first because models that reason take no other."""


@dataclass(frozen=True)
class AttemptStart:
    """An attempt is about to begin."""

    number: int
    model: str
    failure: AttemptFailure | None
    """What ended the attempt before; `None` for the first of a run."""
    delay_s: float
    """How long the runner waits before it."""


class StepObserver(Protocol):
    """Told what happens in a run."""

    async def attempt_started(self, start: AttemptStart) -> None:
        """Awaited before each attempt; what was streamed in the last one is void."""

    def text(self, attempt: int, gen: int, field: str, text: str) -> None:
        """New text of a field, as it arrives; `reasoning` is the field of what the model thinks. Must not block.

        Args:
            attempt: The attempt's number.
            gen: Names one reply of a model; rises within a run and from attempt to attempt.
            field: The output field.
            text: What is new.
        """


@dataclass(frozen=True)
class StepResult:
    """What a run produced."""

    outputs: dict[str, Any]
    """By field, JSON-ready, as the program's outputs model has them."""
    reasoning: str
    model: str
    attempt: int
    """The one that succeeded."""
    usage: Usage
    """Of all attempts."""
    duration_s: float
    degraded: bool
    """A fallback model did it."""


@dataclass(frozen=True)
class _Attempt:
    number: int
    lm: MeteredLM
    failure: AttemptFailure | None = None
    delay_s: float = 0.0
    as_json: bool = False


@dataclass
class _Run:
    program: Program
    inputs: dict[str, Any]
    observer: StepObserver
    retried: bool
    candidate: int
    chain: list[MeteredLM]
    """The current model, and those that may follow it."""
    usage: Usage = field(default_factory=Usage)
    tries: int = 0
    """Attempts with the current model."""


class StepRunner:
    """Runs programs for all jobs of a process, in one event loop."""

    def __init__(self, table: ModelTable) -> None:
        """The table says which models to use and how patient to be. `aclose` closes it."""
        self._table = table
        self._config = table.config
        self._slots = asyncio.Semaphore(table.config.concurrency)
        self._breakers = Breakers(table.config.breaker_failures, table.config.breaker_s, is_unhealthy)
        self._chat = MemoisingChatAdapter()
        self._json = dspy.JSONAdapter()

    async def run(
        self,
        program: Program,
        inputs: dict[str, Any],
        observer: StepObserver,
        *,
        model: str | None = None,
        first_attempt: int = 1,
        retried: bool = False,
        candidate: int = 0,
    ) -> StepResult:
        """Run a program until a model of its chain has done it.

        Args:
            program: One of `registry.PROGRAMS`.
            inputs: Every input field, as typed values or as JSON has them.
            observer: Told about attempts and text.
            model: A job's own model instead of the configured ones.
            first_attempt: The number of the first attempt, when earlier ones were cut short.
            retried: Whether a person had the job tried again, for the demo model.
            candidate: Which of several texts for the same inputs this is. The first is written as the settings say;
                each further one at a temperature of its own, so that they really differ.

        Raises:
            StepFailed: If no model could do it.
            TypeError: If the inputs do not fit the program.
        """
        started = time.monotonic()
        try:
            chain = self._table.chain(program.name, program.role, model)
        except EXPECTED as error:
            raise _failed(judge(error, model or self._table.default, self._config.timeout_s), 1, Usage()) from None
        run = _Run(program, program.check_inputs(inputs), observer, retried, candidate, chain)
        attempt = _Attempt(first_attempt, chain[0])
        while True:
            await self._begin(run, attempt)
            sink = self._sink(observer, attempt.number)
            try:
                outputs, reasoning = await self._attempt(run, attempt, sink)
            except EXPECTED as error:
                verdict = judge(error, attempt.lm.model, self._config.timeout_s)
                _log.info("attempt failed", module=program.name, code=verdict.failure.code, error=type(error).__name__)
            else:
                return StepResult(
                    outputs,
                    reasoning,
                    model=attempt.lm.model,
                    attempt=attempt.number,
                    usage=run.usage,
                    duration_s=time.monotonic() - started,
                    degraded=attempt.lm.model != self._table.chosen(program.name, program.role, model),
                )
            following = self._following(run, attempt, verdict)
            if following is None:
                raise _failed(verdict, run.tries, run.usage) from None
            attempt = following

    def breakers(self) -> dict[str, str]:
        """The state of each model's circuit breaker, by model."""
        return self._breakers.states()

    @property
    def candidates(self) -> int:
        """How many texts are written for the best to be chosen from."""
        return self._config.candidates

    async def aclose(self) -> None:
        """Close the models' connections. Runs in progress must have ended or been cancelled."""
        await self._table.aclose()

    async def _begin(self, run: _Run, attempt: _Attempt) -> None:
        run.tries += 1
        await run.observer.attempt_started(
            AttemptStart(attempt.number, attempt.lm.model, attempt.failure, attempt.delay_s)
        )
        if attempt.delay_s:
            await asyncio.sleep(attempt.delay_s)

    def _following(self, run: _Run, attempt: _Attempt, verdict: Verdict) -> _Attempt | None:
        """The attempt that follows a failed one; `None` when there is nothing left to try."""
        number, failure = attempt.number + 1, verdict.failure
        if verdict.then is Next.REFORMAT and not attempt.as_json:
            return _Attempt(number, attempt.lm, failure, as_json=True)
        if verdict.then is Next.RETRY and run.tries < self._config.attempts:
            return _Attempt(number, attempt.lm, failure, self._wait(verdict, run.tries), attempt.as_json)
        run.chain.pop(0)
        run.tries = 0 if run.chain else run.tries
        return _Attempt(number, run.chain[0], failure) if run.chain else None

    def _wait(self, verdict: Verdict, tries: int) -> float:
        backoff = self._config.backoff_s * 2 ** (tries - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
        return round(min(max(backoff, verdict.retry_after_s or 0.0), LONGEST_WAIT_S), 3)

    def _sink(self, observer: StepObserver, attempt: int) -> FieldSink:
        def emit(call: int, field: str, text: str) -> None:
            observer.text(attempt, (attempt << _CALLS_PER_ATTEMPT_BITS) + call, field, text)

        return FieldSink(emit)

    async def _attempt(self, run: _Run, attempt: _Attempt, sink: FieldSink) -> tuple[dict[str, Any], str]:
        records: list[CallRecord] = []
        context = {
            "lm": attempt.lm,
            "adapter": self._json if attempt.as_json else self._chat,
            "send_stream": None if attempt.as_json else sink,
            "stream_listeners": [],
            "callbacks": list(attempt.lm.taps),
            "trace": [],
            "max_trace_size": 0,
            "warn_on_type_mismatch": False,
            "meter": records.append,
            "program": run.program.name,
            "retried": run.retried,
            "candidate": run.candidate,
        }
        try:
            # The semaphore is outside the time limit: waiting for one's turn is not the model's fault.
            async with self._slots:
                with observed_call(attempt.lm.model, run.program.name, attempt.number, lambda: _usages(records)):
                    prediction = await self._call(run, attempt, context)
        except dspy.AdapterParseError:
            raise Malformed(_finish_reason(records)) from None
        except BreakerOpen:
            raise
        except Exception as error:
            if not records:  # what an interrupted reply costs is not known
                run.usage += Usage(calls=1, unpriced_calls=int(sink.streamed or isinstance(error, TimeoutError)))
            raise
        finally:
            run.usage = sum(_usages(records), run.usage)
        return _outputs(run.program, prediction, records), sink.reasoning or str(prediction.get(REASONING) or "")

    async def _call(self, run: _Run, attempt: _Attempt, context: dict[str, Any]) -> dspy.Prediction:
        if attempt.lm.model == DEMO_MODEL:
            # It fails only where a job asks it to, which is no reason to keep it from other jobs; nor does it hang.
            with dspy.context(**context):
                return await run.program.module.acall(**run.inputs, **_sampling(run.candidate))
        async with self._breakers.guard(attempt.lm.model), asyncio.timeout(self._config.timeout_s):
            with dspy.context(**context):
                return await run.program.module.acall(**run.inputs, **_sampling(run.candidate))


def _usages(records: list[CallRecord]) -> list[Usage]:
    return [record.usage for record in records]


def _sampling(candidate: int) -> dict[str, Any]:
    """What makes a candidate differ from the first: another temperature, and another rollout where one is cached."""
    if not candidate:
        return {}
    temperature = _TEMPERATURES[(candidate - 1) % len(_TEMPERATURES)]
    return {"config": {"temperature": temperature, "rollout_id": candidate}}


def _outputs(program: Program, prediction: dspy.Prediction, records: list[CallRecord]) -> dict[str, Any]:
    """The outputs as JSON has them, if the reply is whole and fits: a text cut off in the middle parses, too."""
    reason = _finish_reason(records)
    if reason in ("length", "content_filter"):
        raise Malformed(reason)
    fields = {name: prediction[name] for name in program.outputs.model_fields if name in prediction}
    try:
        # Through JSON text, which also refuses what is not valid Unicode.
        return json.loads(program.outputs.model_validate(fields).model_dump_json())
    except (ValidationError, PydanticSerializationError):
        raise Malformed(reason) from None


def _finish_reason(records: list[CallRecord]) -> str | None:
    return records[-1].finish_reason if records else None


def _failed(verdict: Verdict, tries: int, usage: Usage) -> StepFailed:
    failure = verdict.failure
    message = failure.message if tries == 1 else f"{failure.message.rstrip('.')}, {_times(tries)}."
    return StepFailed(failure.code, message, verdict.hint, failure.model, verdict.retryable, usage)


def _times(count: int) -> str:
    return {2: "twice", 3: "three times"}.get(count, f"{count} times")
