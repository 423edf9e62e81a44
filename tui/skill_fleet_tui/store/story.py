"""What a job's log says about each event, in lines.

A line depends on its event alone, so a log put together from a stream, a reconnection and pages of history
is the log of a dashboard that was there all the time.
"""

from collections.abc import Mapping
from functools import singledispatch
from types import MappingProxyType
from typing import Any

from skill_fleet_common.events import (
    Artifact,
    Cancelled,
    Completed,
    Failed,
    HitlPause,
    HitlResolved,
    JobCancelling,
    JobCreated,
    JobResumed,
    ModuleEnd,
    ModuleEndData,
    ModuleRetry,
    PhaseEnd,
    PhaseStart,
    Progress,
    Reasoning,
)  # fmt: skip
from skill_fleet_common.jobs import JobStatus, Usage
from skill_fleet_tui.store.line import LineKind, LogLine
from skill_fleet_tui.store.tally import Tally
from skill_fleet_tui.text.amounts import bytes_text, cost_text, count_text, duration_text

QUOTED_LINES = 12
"""Most lines of a person's own text that the log repeats."""

DETAIL_LINES = 2_000
"""Most lines of a model's reasoning that the log holds for one module."""

OUTPUT_CHARACTERS = 400
"""Longest output of a module that the log repeats."""

Labels = Mapping[str, tuple[str, Mapping[str, str]]]
"""By question id: its text, and the labels of its options by their ids."""


@singledispatch
def tell(event: Any) -> tuple[LogLine, ...]:
    """The lines an event adds to its job's log; none, for a type that says nothing to a person."""
    return ()


@tell.register
def _(event: JobCreated) -> tuple[LogLine, ...]:
    data = event.data
    lines = [LogLine(LineKind.JOB, "Created", event.ts)]
    lines += _quoted(data.task_description)
    lines += [
        LogLine(
            LineKind.PROGRESS,
            f"source {source.name} · {source.lines} lines · {count_text(source.characters)} characters",
        )
        for source in data.sources
    ]
    if data.forked_from:
        step = f" {'from' if data.retried else 'at'} {data.fork_step}" if data.fork_step else ""
        how = "tries again job" if data.retried else "forked from job"
        lines.append(LogLine(LineKind.PROGRESS, f"{how} {data.forked_from}{step}"))
    if data.auto_approve:
        lines.append(LogLine(LineKind.PROGRESS, "auto-approve: every question is answered with its default"))
    if data.demo:
        lines.append(LogLine(LineKind.PROGRESS, "demo model: an offline stand-in writes this, not a language model"))
    return tuple(lines)


@tell.register
def _(event: JobResumed) -> tuple[LogLine, ...]:
    match event.data.reason:
        case "restarted":
            return (LogLine(LineKind.JOB, "Goes on after the server was restarted", event.ts),)
        case "taken_over":
            return (LogLine(LineKind.JOB, "Taken over by another worker", event.ts),)
    return ()


@tell.register
def _(event: JobCancelling) -> tuple[LogLine, ...]:
    return (LogLine(LineKind.JOB, f"Cancelling{_by(event.data.by)}", event.ts),)


@tell.register
def _(event: PhaseStart) -> tuple[LogLine, ...]:
    phase = event.phase or ""
    return (LogLine(LineKind.PHASE, phase.capitalize(), event.ts, phase),)


@tell.register
def _(event: PhaseEnd) -> tuple[LogLine, ...]:
    phase = event.phase or ""
    took = event.data.duration_s
    return (LogLine(LineKind.PHASE_END, f"{phase} took {duration_text(took)}", None, phase, "", Tally(took)),)


@tell.register
def _(event: ModuleRetry) -> tuple[LogLine, ...]:
    data = event.data
    parts = [f"↻ {step_name(event.module, data.step)}  attempt {event.attempt or '?'}", data.message or data.code]
    if data.model:
        parts.append(data.model)
    if data.delay_s:
        parts.append(f"after {duration_text(data.delay_s)}")
    return (LogLine(LineKind.RETRY, " · ".join(parts), None, event.phase or "", data.step, Tally(retries=1)),)


@tell.register
def _(event: ModuleEnd) -> tuple[LogLine, ...]:
    data, phase = event.data, event.phase or ""
    if not data.ok:
        why = data.error.message if data.error else "failed"
        said = f"✗ {step_name(event.module, data.step)}  {why}"
        return (LogLine(LineKind.ERROR, said, None, phase, data.step, _tally(data)),)
    parts = [f"✓ {step_name(event.module, data.step)}", duration_text(data.duration_s), *usage_parts(data.usage)]
    if (event.attempt or 1) > 1:
        parts.append(f"attempt {event.attempt}")
    if data.model:
        parts.append(data.model)
    if data.degraded:
        parts.append("fallback model")
    if data.replayed:
        parts.append("from a checkpoint")
    first = LogLine(LineKind.MODULE, " · ".join(parts), None, phase, data.step, _tally(data))
    outputs = [
        LogLine(LineKind.OUTPUT, f"{name}: {_shortened(value)}", None, phase, data.step)
        for name, value in data.outputs.items()
        if value not in (None, "", [], {})
    ]
    return (first, *outputs)


@tell.register
def _(event: Reasoning) -> tuple[LogLine, ...]:
    lines = event.data.text.splitlines()[:DETAIL_LINES]
    return tuple(LogLine(LineKind.REASONING, line, None, event.phase or "", event.data.step) for line in lines)


@tell.register
def _(event: Progress) -> tuple[LogLine, ...]:
    if not event.data.text:
        return ()
    return tuple(LogLine(LineKind.PROGRESS, line, None, event.phase or "") for line in event.data.text.splitlines())


@tell.register
def _(event: HitlPause) -> tuple[LogLine, ...]:
    prompt = event.data.prompt
    findings = getattr(prompt, "findings", None)
    tally = Tally(questions=1, findings=len(findings) if findings is not None else None)
    asks = LogLine(LineKind.PROMPT, f"❯ asks: {prompt.title}", event.ts, tally=tally)
    questions = getattr(prompt, "questions", [])
    return (asks, *(LogLine(LineKind.QUOTE, question.text) for question in questions))


@tell.register
def tell_answer(event: HitlResolved, labels: Labels | None = None) -> tuple[LogLine, ...]:
    """How a question ended; with the question's own words where its labels are known."""
    data, labels = event.data, labels or {}
    if data.outcome in ("expired", "withdrawn"):
        return (LogLine(LineKind.ANSWER, f"the question was {data.outcome}", event.ts),)
    who = "answered with the default" if data.outcome == "auto" else f"answered{_by(data.by)}"
    lines = [LogLine(LineKind.ANSWER, f"{who}: {data.action or 'proceed'}", event.ts)]
    for name, value in data.answers.items():
        question, options = labels.get(name, (name, {}))
        lines += _quoted(f"{question}\n→ {value_text(value, options)}")
    if data.edited:
        lines.append(LogLine(LineKind.QUOTE, f"edited {', '.join(data.edited)}"))
    return (*lines, *_quoted(data.feedback))


@tell.register
def _(event: Artifact) -> tuple[LogLine, ...]:
    file = event.data
    said = f"wrote {file.path}  r{file.revision}  {bytes_text(file.size)}"
    return (LogLine(LineKind.FILE, said, tally=Tally(files=1)),)


@tell.register
def _(event: Completed) -> tuple[LogLine, ...]:
    data = event.data
    said = "Finished" if data.status is JobStatus.COMPLETED else "Finished, and needs a person's eyes"
    lines = [
        LogLine(LineKind.JOB, f"{said}: {data.name}", event.ts),
        LogLine(LineKind.FILE, f"draft at {data.draft_path}"),
    ]
    if data.errors_accepted:
        lines.append(LogLine(LineKind.ERROR, f"{data.errors_accepted} errors were accepted"))
    return tuple(lines)


@tell.register
def _(event: Failed) -> tuple[LogLine, ...]:
    lines = [LogLine(LineKind.ERROR, f"Failed: {event.data.message}", event.ts, "", event.data.step)]
    if event.data.hint:
        lines.append(LogLine(LineKind.QUOTE, event.data.hint))
    return tuple(lines)


@tell.register
def _(event: Cancelled) -> tuple[LogLine, ...]:
    return (LogLine(LineKind.JOB, f"Cancelled{_by(event.data.by)}", event.ts),)


def _tally(data: ModuleEndData) -> Tally:
    used = data.usage
    return Tally(
        modules=1,
        failed=0 if data.ok else 1,
        tokens=used.input_tokens + used.output_tokens,
        cost=used.cost,
        unpriced=bool(used.unpriced_calls),
    )


def step_name(module: str | None, step: str) -> str:
    """A module's run as people read it: the step says more than the module where they differ."""
    return step if module and step.startswith(module) else module or step


def usage_parts(usage: Usage) -> list[str]:
    """Tokens and cost, those that are known."""
    parts = []
    if tokens := usage.input_tokens + usage.output_tokens:
        parts.append(f"{count_text(tokens)} tok")
    if usage.cost:
        parts.append(cost_text(usage.cost, at_least=bool(usage.unpriced_calls)))
    return parts


def labels_of(prompt: Any) -> Labels:
    """The words of a prompt's questions and options."""
    return {
        question.id: (question.text, {option.id: option.label for option in question.options})
        for question in getattr(prompt, "questions", [])
    }


def value_text(value: Any, options: Mapping[str, str] = MappingProxyType({})) -> str:
    """An answer's value as people read it; `options` are the labels of what could be chosen."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value_text(item, options) for item in value)
        case {"other": other}:
            return str(other)
    return options.get(str(value), str(value))


def _by(name: str) -> str:
    return f" by {name}" if name else ""


def _quoted(text: str) -> list[LogLine]:
    lines = text.splitlines()
    said = [LogLine(LineKind.QUOTE, line) for line in lines[:QUOTED_LINES]]
    if len(lines) > QUOTED_LINES:
        said.append(LogLine(LineKind.QUOTE, f"… {len(lines) - QUOTED_LINES} more lines"))
    return said


def _shortened(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= OUTPUT_CHARACTERS else f"{text[:OUTPUT_CHARACTERS]}…"
