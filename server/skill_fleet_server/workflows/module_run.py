"""One run of one module: the step runner below, the log and the text in flight above."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from skill_fleet_common import limits
from skill_fleet_common.events import (
    ModuleEnd,
    ModuleEndData,
    ModuleRetry,
    ModuleRetryData,
    ModuleStart,
    ModuleStartData,
    Reasoning,
    ReasoningData,
)
from skill_fleet_common.jobs import JobError, Phase, Usage
from skill_fleet_server.errors import SkillFleetError
from skill_fleet_server.events.live import LiveStep, LiveText
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.observing import observed_step
from skill_fleet_server.programs.program import Program
from skill_fleet_server.programs.runner import AttemptStart, StepFailed, StepRunner
from skill_fleet_server.workflows.journal import Journal

_OUTPUT_BYTES = limits.FRAME_BYTES // 2
"""Largest outputs that travel in the event itself."""
_REASONING_CHARACTERS = 12_000


class Outcome(BaseModel):
    """What a checkpoint keeps of a module's run. JSON-ready, so that a later version can read it."""

    outputs: dict[str, Any] = {}
    reasoning: str = ""
    model: str = ""
    attempt: int = 1
    usage: Usage = Usage()
    duration_s: float = 0.0
    degraded: bool = False
    error: JobError | None = None


class ModuleRun:
    """Runs a program as the step `step` of a job, and reports it. Observes the step runner."""

    def __init__(
        self,
        journal: Journal,
        live: LiveText,
        *,
        phase: Phase | None,
        module: str,
        step: str,
        label: str,
        interrupted: int,
    ) -> None:
        """`interrupted` is the attempt that another process had begun when it stopped; 0 if none had."""
        self._journal = journal
        self._live = live
        self._phase = phase
        self._module = module
        self._step = step
        self._label = label
        self._text: LiveStep | None = None
        self._interrupted = interrupted
        self._executed = False
        self._attempt = 1

    async def execute(
        self,
        runner: StepRunner,
        program: Program,
        inputs: dict[str, Any],
        *,
        model: str | None,
        retried: bool,
        candidate: int = 0,
    ) -> Outcome:
        """Run the program; a failure is an outcome too, so that it is checkpointed and can be told."""
        self._executed = True
        try:
            with observed_step(self._journal.job_id, program.name, self._step) as ended:
                try:
                    result = await runner.run(
                        program,
                        inputs,
                        self,
                        model=model,
                        first_attempt=self._interrupted + 1,
                        retried=retried,
                        candidate=candidate,
                    )
                except StepFailed as failure:
                    ended(failure.code)
                    raise
                ended("ok")
        except StepFailed as failure:
            error = JobError(
                code=failure.code,
                message=failure.message,
                hint=failure.hint,
                step=self._step,
                retryable=failure.retryable,
            )
            return Outcome(error=error, model=failure.model, usage=failure.usage, attempt=self._attempt)
        return Outcome(
            outputs=result.outputs,
            reasoning=result.reasoning,
            model=result.model,
            attempt=result.attempt,
            usage=result.usage,
            duration_s=result.duration_s,
            degraded=result.degraded,
        )

    async def execute_mechanical(self, work: Callable[[], BaseModel]) -> Outcome:
        """Run something that needs no model, in a thread."""
        self._executed = True
        began = time.monotonic()
        await self._journal.transact(lambda tx: self._start(tx, AttemptStart(self._interrupted + 1, "", None, 0.0)))
        try:
            outputs = (await asyncio.to_thread(work)).model_dump(mode="json")
        except SkillFleetError as error:
            said = JobError(code=error.code, message=str(error), hint="Mend that, then retry the job.", step=self._step)
            return Outcome(error=said, duration_s=time.monotonic() - began)
        return Outcome(outputs=outputs, duration_s=time.monotonic() - began)

    async def attempt_started(self, start: AttemptStart) -> None:
        """Tell the log, and open a place for the attempt's text. Awaited before the model is called."""
        self._attempt = start.number
        pos = await self._journal.transact(lambda tx: self._start(tx, start))
        self._forget_text()
        self._text = self._live.begin(
            job_id=self._journal.job_id,
            phase=self._phase,
            module=self._module,
            step=self._step,
            attempt=start.number,
            after=pos,
        )

    def text(self, attempt: int, gen: int, field: str, text: str) -> None:
        """Pass on what the model writes."""
        if self._text is not None and attempt == self._attempt:
            self._text.write(gen, field, text)

    async def close(self, outcome: Outcome) -> None:
        """Tell the log how the run ended, once, whichever process lived to see it."""
        if self._text is not None:
            self._text.flush()
        try:
            await self._journal.transact(lambda tx: self._end(tx, outcome))
        finally:
            self._forget_text()

    def abandon(self) -> None:
        """Forget the text in flight of a run that will not end."""
        self._forget_text()

    def _forget_text(self) -> None:
        if self._text is not None:
            self._text.end()
            self._text = None

    def _start(self, tx: Transaction, start: AttemptStart) -> int:
        known = next((run for run in tx.view(self._journal.job_id).modules if run.step == self._step), None)
        if known is None:
            return tx.append(self._started(start.number, start.model))
        failure = start.failure
        data = ModuleRetryData(
            step=self._step,
            code=failure.code if failure else "restarted",
            message=failure.message if failure else "The server stopped in the middle; the module begins again.",
            model=start.model,
            delay_s=round(start.delay_s, 3),
        )
        return tx.append(ModuleRetry(**self._envelope(start.number), data=data))

    def _end(self, tx: Transaction, outcome: Outcome) -> None:
        key = f"end:{self._step}"
        if tx.position_of(self._journal.job_id, key):
            return
        attempt = outcome.attempt
        if not any(run.step == self._step for run in tx.view(self._journal.job_id).modules):
            attempt = 1
            tx.append(self._started(attempt, outcome.model))
        if outcome.reasoning:
            data = ReasoningData(step=self._step, text=outcome.reasoning[:_REASONING_CHARACTERS])
            tx.append(Reasoning(**self._envelope(attempt), data=data))
        outputs, omitted = _fitting(outcome.outputs)
        end = ModuleEndData(
            step=self._step,
            ok=outcome.error is None,
            outputs=outputs,
            omitted=omitted,
            model=outcome.model,
            duration_s=round(outcome.duration_s, 3),
            usage=outcome.usage if self._executed else Usage(),
            degraded=outcome.degraded,
            replayed=not self._executed,
            error=outcome.error,
        )
        tx.append(ModuleEnd(**self._envelope(attempt), data=end), key=key)

    def _started(self, attempt: int, model: str) -> ModuleStart:
        data = ModuleStartData(step=self._step, label=self._label, model=model)
        return ModuleStart(**self._envelope(attempt), data=data)

    def _envelope(self, attempt: int) -> dict[str, Any]:
        return {
            "job_id": self._journal.job_id,
            "phase": self._phase,
            "module": self._module,
            "attempt": attempt,
        }


def parse_outputs(outputs: type[BaseModel], values: dict[str, Any]) -> BaseModel:
    """A checkpoint's outputs as what the program promises.

    Raises:
        ValueError: If a checkpoint of another version does not fit any more.
    """
    try:
        return outputs.model_validate(values)
    except ValidationError as error:
        raise ValueError(f"A checkpoint does not fit {outputs.__name__}: {error}") from error


def _fitting(outputs: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What of the outputs fits into an event, and the names of what does not."""
    sizes = {name: len(str(value).encode()) for name, value in outputs.items()}
    omitted: list[str] = []
    while sum(sizes.values()) > _OUTPUT_BYTES:
        largest = max(sizes, key=lambda name: sizes[name])
        omitted.append(largest)
        del sizes[largest]
    return {name: value for name, value in outputs.items() if name in sizes}, omitted
