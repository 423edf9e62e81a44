"""A prompt as lines to read."""

from collections.abc import Iterator

from skill_fleet_common.prompts import (
    ClarifyPrompt,
    ConfirmPrompt,
    PreviewPrompt,
    Prompt,
    Question,
    QuestionType,
    StructureFixPrompt,
    ValidatePrompt,
)
from skill_fleet_common.skills import Origin, SkillPlan
from skill_fleet_tui.text.amounts import measured_text


def prompt_lines(prompt: Prompt) -> Iterator[str]:
    """Everything a prompt says and shows, without its questions."""
    yield f"{prompt.title}  ({prompt.kind.value})"
    if prompt.body.strip():
        yield ""
        yield prompt.body.strip()
    yield ""
    match prompt:
        case StructureFixPrompt():
            for fix in prompt.fixes:
                yield f"{fix.field}: {fix.current}"
                yield from (f"  ✗ {problem}" for problem in fix.problems)
                yield f"  suggested: {fix.suggestion}"
        case ConfirmPrompt():
            yield from _plan_lines(prompt.plan)
        case PreviewPrompt():
            yield from _file_lines(prompt)
            yield from _origin_lines(prompt)
        case ValidatePrompt():
            yield from _report_lines(prompt)
            yield from _file_lines(prompt)
            yield from _origin_lines(prompt)
        case ClarifyPrompt():
            pass


def question_lines(question: Question) -> Iterator[str]:
    """One question, why it is asked, and its options, numbered from 1."""
    yield question.text
    if question.rationale:
        yield f"  because: {question.rationale}"
    for number, option in enumerate(question.options, start=1):
        described = f"  {option.description}" if option.description else ""
        yield f"  {number}  {option.label} [{option.id}]{described}"
    if question.allows_other and question.type is not QuestionType.TEXT:
        yield "  o  other…"


def questions_of(prompt: Prompt) -> list[Question]:
    """The questions a prompt asks; none for most kinds."""
    return prompt.questions if isinstance(prompt, ClarifyPrompt | ConfirmPrompt) else []


def _plan_lines(plan: SkillPlan) -> Iterator[str]:
    yield f"name: {plan.name}"
    if plan.extends:
        yield f"extends: {plan.extends}, as its next revision"
    yield f"description: {plan.description}"
    if plan.taxonomy_path:
        yield f"category: {plan.taxonomy_path}"
    for section in plan.outline:
        yield f"  # {section.heading}"
        yield from (f"    - {point}" for point in section.points)
    yield from (f"  file {file.path}: {file.purpose}" for file in plan.files)
    yield from (f"  success: {criterion}" for criterion in plan.success_criteria)
    yield from (f"  overlaps with {name}" for name in plan.overlaps)


def _file_lines(prompt: PreviewPrompt | ValidatePrompt) -> Iterator[str]:
    for file in prompt.files:
        yield f"── {file.path} · revision {file.revision} · {file.size:,} bytes"
        if file.text is not None:
            yield file.text.rstrip()
    if prompt.diff:
        yield "── changed since the last revision"
        yield prompt.diff.rstrip()


def _origin_lines(prompt: PreviewPrompt | ValidatePrompt) -> Iterator[str]:
    """Which instructions nobody gave, by the ids with which they are cut or confirmed."""
    own = [each for each in prompt.provenance if each.origin is Origin.MODEL and not each.confirmed]
    if own:
        yield "── from the model's general knowledge: cut or confirm with --set cut=ID,… or --set confirm=ID,…"
        yield from (f"  {each.id:>5}  {each.text}" for each in own)


def _report_lines(prompt: ValidatePrompt) -> Iterator[str]:
    for finding in prompt.findings:
        where = f"{finding.path}:{finding.line}" if finding.line else finding.path
        yield f"  {finding.severity.value}: {finding.message}  ({finding.rule}, {where})"
        if finding.fix:
            yield f"    {finding.fix}"
    for measure in prompt.measures:
        value, how = measured_text(measure)
        yield f"  {measure.name}: {value}  ({how.rstrip('.')})" if how else f"  {measure.name}: {value}"
    yield from (f"  remark: {remark.text}" for remark in prompt.remarks)
    for each in prompt.refinements:
        yield f"  refinement, {each.label}: {'kept' if each.kept else 'not kept'}  ({each.why.rstrip('.')})"
