"""What the phases are written with: run a module, ask a person, keep the skill's files.

Every method that reaches outside is a checkpoint: after a crash it returns what it returned before. The
engine counts checkpoints in the order they are called, so each takes its number before it awaits anything
else, and modules that run side by side are always started in the same order.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from dbos import DBOS
from pydantic import BaseModel

from skill_fleet_common.actions import Action
from skill_fleet_common.api import CreateJob
from skill_fleet_common.events import (
    Artifact,
    Completed,
    HitlResolved,
    HitlResolvedData,
    JobResumed,
    JobResumedData,
    PhaseEnd,
    PhaseEndData,
    PhaseStart,
    Progress,
    ProgressData,
    Traced,
    TracedData,
)
from skill_fleet_common.jobs import JobError, JobView, Phase, Usage
from skill_fleet_common.prompts import Answer, Checkpoint, Prompt, default_answer
from skill_fleet_common.skills import Provenance
from skill_fleet_server.database.tables import FILE
from skill_fleet_server.errors import PromptGone
from skill_fleet_server.events.transaction import Transaction
from skill_fleet_server.grounding.provenance import origins
from skill_fleet_server.hitl.prepared import PreparedAnswer, answer_prepared
from skill_fleet_server.hitl.prompts import open_prompt
from skill_fleet_server.programs.registry import PROGRAMS
from skill_fleet_server.workflows.file_text import described, storable
from skill_fleet_server.workflows.fitting import fitted, fitted_provenance
from skill_fleet_server.workflows.journal import JobCancelledError, Journal
from skill_fleet_server.workflows.module_run import ModuleRun, Outcome, parse_outputs
from skill_fleet_server.workflows.parts import Parts

QUESTION: Final = "ask/"
"""What the names of checkpoints begin with that wait for a person."""

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class JobFailedError(Exception):
    """The job cannot go on; `error` says why in words for a person."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.message)
        self.error = error


class JobRun:
    """One job, as its workflow sees it."""

    def __init__(
        self,
        parts: Parts,
        journal: Journal,
        request: CreateJob,
        view: JobView,
        prepared: PreparedAnswer | None = None,
    ) -> None:
        """`prepared` is the answer that came with a fork, for the question where it begins."""
        self.job_id = journal.job_id
        self.is_demo = view.demo
        """Whether the demo model writes this skill, which the skill must say."""
        self.request = request
        self.parts = parts
        self.files: dict[str, str] = {}
        """Text by path, of the newest revision."""
        self.revision = 0
        self._journal = journal
        self._prepared = prepared
        self._retried = view.forked_from is not None
        self._interrupted = {run.step: run.attempt for run in view.modules}
        self._phase: Phase | None = None
        self._asked: Counter[Checkpoint] = Counter()
        self._told = 0
        self._candidates: int | None = None

    @asynccontextmanager
    async def phase(self, phase: Phase) -> AsyncGenerator[None]:
        """Say in the log where a phase begins and ends."""
        self._phase = phase
        began = await self._journal.emit(PhaseStart(job_id=self.job_id, phase=phase), key=f"phase:{phase}")

        def end(tx: Transaction) -> None:
            data = PhaseEndData(duration_s=round(tx.seconds_since(began), 3))
            tx.append(PhaseEnd(job_id=self.job_id, phase=phase, data=data), key=f"phase-end:{phase}")

        yield
        await self._journal.transact(end)

    async def module(
        self, name: str, outputs: type[M], *, step: str = "", label: str = "", candidate: int = 0, **inputs: Any
    ) -> M:
        """Run a program and return its outputs.

        Args:
            name: Of the program.
            outputs: What it promises, to type what is returned.
            step: Names this run among all runs of the job; the program's name, if it runs only once.
            label: What tells it from other runs, for people.
            candidate: Which of several texts for the same inputs this is, counted from 0.
            inputs: By field of the program's signature.

        Raises:
            JobFailedError: If every attempt on every model failed.
            JobCancelledError: If the job is being cancelled.
        """
        program = PROGRAMS[name]
        step = step or name
        run = self._run(name, step, label)

        async def execute() -> Any:
            outcome = await run.execute(
                self.parts.runner,
                program,
                inputs,
                model=self.request.model,
                retried=self._retried,
                candidate=candidate,
            )
            return outcome.model_dump(mode="json")

        try:
            outcome = Outcome.model_validate(await self._checkpoint(step, execute))
            await run.close(outcome)
        finally:
            run.abandon()
        if outcome.error is not None:
            raise JobFailedError(outcome.error)
        parsed = parse_outputs(outputs, outcome.outputs)
        assert isinstance(parsed, outputs)
        return parsed

    async def mechanical(self, name: str, outputs: type[M], work: Callable[[], M], *, step: str = "") -> M:
        """Run something that needs no model, in a thread, and report it as a module of its own.

        Raises:
            JobFailedError: If `work` raised a `SkillFleetError`.
        """
        step = step or name
        run = self._run(name, step, "")

        async def execute() -> Any:
            outcome = await run.execute_mechanical(work)
            return outcome.model_dump(mode="json")

        outcome = Outcome.model_validate(await self._checkpoint(step, execute))
        await run.close(outcome)
        if outcome.error is not None:
            raise JobFailedError(outcome.error)
        parsed = parse_outputs(outputs, outcome.outputs)
        assert isinstance(parsed, outputs)
        return parsed

    async def candidates(self) -> int:
        """How many texts to write, each time one is, as it was set when the job first asked."""

        async def work() -> Any:
            return {"candidates": self.parts.runner.candidates}

        if self._candidates is None:
            self._candidates = (await self._checkpoint("candidates", work))["candidates"]
        return self._candidates

    async def usage_of(self, steps: Collection[str]) -> Usage:
        """What these steps have used."""
        view = await self._journal.view()
        return sum((run.usage for run in view.modules if run.step in steps), Usage())

    def asks(self, checkpoint: Checkpoint) -> bool:
        """Whether a person is asked at this checkpoint."""
        return not self.request.auto_approve and checkpoint in self.request.checkpoints

    def next_prompt_id(self, checkpoint: Checkpoint) -> str:
        """The same for the same question on every replay."""
        self._asked[checkpoint] += 1
        return f"{self.job_id}.{checkpoint}.{self._asked[checkpoint]}"

    async def ask(self, prompt: Prompt) -> Answer:
        """Put a question to a person and wait for the answer, however long that takes.

        A job that asks nobody at this checkpoint takes the prompt's default, and the log says so.

        Raises:
            JobCancelledError: If the answer was to cancel, or the job is being cancelled.
            JobFailedError: If the prompt expired.
        """
        if not self.asks(prompt.kind):
            return await self._answer_by_default(prompt)

        at = prompt.prompt_id.removeprefix(f"{self.job_id}.")

        async def execute() -> Any:
            expiry = self.parts.prompt_expiry
            now = datetime.now(UTC)
            times = {"created_at": now, "expires_at": now + expiry if expiry else None}
            asked = fitted(prompt.model_copy(update=times))
            await self._journal.transact(lambda tx: open_prompt(tx, asked))
            if self._prepared is not None and self._prepared.at == at:
                await answer_prepared(self.parts.prompts, asked, self._prepared)
            try:
                answer = await self.parts.prompts.wait(prompt.prompt_id)
            except PromptGone:
                return {"gone": True}
            return answer.model_dump(mode="json")

        name = f"{QUESTION}{at}"
        answered = await self._checkpoint(name, execute)
        if "gone" in answered:
            await self._journal.check()
            raise JobFailedError(
                JobError(
                    code="prompt_expired",
                    message="Nobody answered the question in time.",
                    hint="Retry the job to be asked again.",
                    step=name,
                )
            )
        answer = Answer.model_validate(answered)
        if answer.action is Action.CANCEL:
            raise JobCancelledError(self.job_id)
        resumed = JobResumed(job_id=self.job_id, phase=self._phase, data=JobResumedData(reason="answered"))
        await self._journal.emit(resumed, key=f"resumed:{prompt.prompt_id}")
        return answer

    async def tell(self, text: str, *, fraction: float | None = None, name: str = "") -> None:
        """Add a line for people to the log."""
        self._told += 1
        data = ProgressData(text=text, fraction=fraction, name=name)
        event = Progress(job_id=self.job_id, phase=self._phase, data=data)
        await self._journal.emit(event, key=f"told:{self._told}")

    async def keep(self, files: Mapping[str, str]) -> None:
        """Make these the skill's files, as a new revision of those that changed."""
        files = {path: storable(text) for path, text in files.items()}
        changed = {path: text for path, text in files.items() if self.files.get(path) != text}
        self.files = files
        if not changed:
            return
        self.revision += 1
        revision = self.revision
        await self._journal.transact(lambda tx: self._store(tx, changed, revision))

    async def traced(self, provenance: Sequence[Provenance]) -> None:
        """Say where the instructions of SKILL.md as it is come from, unless that was said already.

        Whoever is asked nothing sees it only so; and what a person decides last, everybody does.
        """
        shown = fitted_provenance(provenance)
        data = TracedData(revision=self.revision, provenance=shown, origins=origins(provenance))
        event = Traced(job_id=self.job_id, phase=self._phase, data=data)
        await self._journal.emit(
            event, key=f"traced:{hashlib.sha256(data.model_dump_json().encode()).hexdigest()[:16]}"
        )

    async def end(self, event: Completed) -> None:
        """Append the job's last event."""
        await self._journal.end(event)

    def _store(self, tx: Transaction, changed: Mapping[str, str], revision: int) -> None:
        for path, text in changed.items():
            key = f"file:{revision}:{path}"
            if tx.position_of(self.job_id, key):
                continue
            row = {"job_id": self.job_id, "path": path, "revision": revision, "text": text}
            tx.connection.execute(sa.insert(FILE).values(row))
            tx.append(
                Artifact(job_id=self.job_id, phase=self._phase, data=described(path, text, revision)), key=key
            )  # fmt: skip

    def _run(self, module: str, step: str, label: str) -> ModuleRun:
        return ModuleRun(
            self._journal,
            self.parts.live,
            phase=self._phase,
            module=module,
            step=step,
            label=label,
            interrupted=self._interrupted.get(step, 0),
        )

    async def _answer_by_default(self, prompt: Prompt) -> Answer:
        answer = default_answer(prompt)
        data = HitlResolvedData(
            prompt_id=prompt.prompt_id,
            outcome="auto",
            action=answer.action,
            by="auto-approve" if self.request.auto_approve else "checkpoint not asked for",
            answers=answer.answers,
            edited=sorted(answer.edits),
        )
        event = HitlResolved(job_id=self.job_id, phase=self._phase, data=data)
        await self._journal.emit(event, key=f"auto:{prompt.prompt_id}")
        return answer

    async def _checkpoint(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` once for good; on a replay, return what it returned."""

        async def step() -> Any:
            try:
                return await self._unless_cancelled(work)
            except JobCancelledError:
                return {"cancelled": True}

        result: Any = await DBOS.run_step_async({"name": name}, step)
        if isinstance(result, dict) and result.get("cancelled") is True:
            raise JobCancelledError(self.job_id)
        return result

    async def _unless_cancelled(self, work: Callable[[], Awaitable[T]]) -> T:
        """Await `work`, and abort it as soon as the job is cancelled."""
        with self.parts.signals.cancelling(self.job_id) as cancelling:
            task = asyncio.ensure_future(work())
            cancelled = asyncio.ensure_future(cancelling.wait())
            try:
                await asyncio.wait({task, cancelled}, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    return task.result()
                raise JobCancelledError(self.job_id)
            finally:
                for pending in (task, cancelled):
                    pending.cancel()
                await asyncio.gather(task, cancelled, return_exceptions=True)
