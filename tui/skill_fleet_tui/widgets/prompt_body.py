"""What a prompt has to say, as lines: the question, the plan, the files, the report."""

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from skill_fleet_common.prompts import (
    ClarifyPrompt,
    ConfirmPrompt,
    PreviewPrompt,
    StructureFixPrompt,
    ValidatePrompt,
)  # fmt: skip
from skill_fleet_common.skills import Finding, Measure, Origin, PlannedFile, Remark, SkillPlan
from skill_fleet_tui.store.answering import AnswerForm
from skill_fleet_tui.store.steps import ACTION, SUMMARY
from skill_fleet_tui.text.amounts import bytes_text, measured_text
from skill_fleet_tui.text.diff_lines import coloured_diff
from skill_fleet_tui.text.markdown import prose
from skill_fleet_tui.text.styled import Line, joined, untabbed

_ORIGINS = {
    Origin.SOURCE: "from the sources",
    Origin.ANSWER: "from your answers",
    Origin.MODEL: "the model's general knowledge",
}


def body_lines(form: AnswerForm) -> list[Line]:
    """The lines above the choices at the form's step."""
    step, prompt = form.step, form.prompt
    lines = [Line(f"edited: {name}", "added") for name in form.draft.edits]
    if step.key in (ACTION, SUMMARY) or form.place[0] == 1:
        lines += prose(prompt.body) if prompt.body.strip() else []
    if step.key == ACTION:
        lines += _told(prompt)
    if step.key != ACTION or not lines:
        lines += [Line("")] if lines else []
        lines.append(Line(untabbed(step.title.replace("\n", " ")), "question"))
    if step.why:
        lines.append(Line(untabbed(" ".join(step.why.split())), "quote"))
    if step.key == SUMMARY:
        for question, answer in form.summary():
            lines += [Line(f"· {' '.join(question.split())}", ""), *_text(answer, "strong", indent=2)]
    return lines


@singledispatch
def _told(prompt: Any) -> list[Line]:
    return []


@_told.register
def _(prompt: ClarifyPrompt) -> list[Line]:
    return []


@_told.register
def _(prompt: StructureFixPrompt) -> list[Line]:
    lines: list[Line] = []
    for fix in prompt.fixes:
        lines.append(Line(fix.field, "heading"))
        lines += _text(f"- {fix.current}", "removed", indent=2)
        lines += _text(f"+ {fix.suggestion}", "added", indent=2)
        lines += [Line(untabbed(problem), "quote", (), 4) for problem in fix.problems]
    return lines


@_told.register
def _(prompt: ConfirmPrompt) -> list[Line]:
    return list(_plan(prompt.plan))


@_told.register
def _(prompt: PreviewPrompt) -> list[Line]:
    lines = [
        joined((file.path, "strong"), (f"  r{file.revision}  {bytes_text(file.size)}", "quote"))
        for file in prompt.files
    ]
    lines += _origins(prompt)
    invented = [item for item in prompt.provenance if item.origin is Origin.MODEL]
    lines += [Line(f"line {item.line}: {untabbed(item.text)}", "quote", (), 4) for item in invented]
    return lines + _diff(prompt.diff)


@_told.register
def _(prompt: ValidatePrompt) -> list[Line]:
    lines = [Line("Findings", "heading")]
    lines += [line for finding in prompt.findings for line in _finding(finding)] or [Line("none", "good", (), 2)]
    lines.append(Line("Measures", "heading"))
    lines += [_measure(measure) for measure in prompt.measures]
    if prompt.remarks:
        lines.append(Line("A reader's remarks", "heading"))
        lines += [line for remark in prompt.remarks for line in _remark(remark)]
    return lines + _diff(prompt.diff)


def _plan(plan: SkillPlan) -> Iterator[Line]:
    yield joined(("name  ", "quote"), (plan.name, "strong"))
    yield from _text(plan.description, "", indent=2)
    if plan.taxonomy_path:
        yield joined(("category  ", "quote"), (plan.taxonomy_path, ""))
    if plan.outline:
        yield Line("Outline", "heading")
        for section in plan.outline:
            yield Line(untabbed(section.heading), "strong", (), 2)
            for point in section.points:
                yield Line(f"· {untabbed(point)}", "", (), 4)
    yield from _listed("Files", [_planned(file) for file in plan.files])
    yield from _listed("Examples", plan.examples)
    yield from _listed("It works when", plan.success_criteria)
    yield from _listed("Already covered in part by", plan.overlaps)


def _planned(file: PlannedFile) -> str:
    return f"{file.path}: {file.purpose}"


def _listed(title: str, items: list[str]) -> Iterator[Line]:
    if items:
        yield Line(title, "heading")
        for item in items:
            yield from _text(f"· {item}", "", indent=2)


def _origins(prompt: PreviewPrompt) -> list[Line]:
    total = sum(prompt.origins.values())
    if not total:
        return []
    shares = [
        f"{prompt.origins[origin] / total:.0%} {said}"
        for origin, said in _ORIGINS.items()
        if prompt.origins.get(origin)
    ]
    return [Line(f"{total} instructions: {', '.join(shares)}", "quote")]


def _finding(finding: Finding) -> list[Line]:
    style = {"error": "bad", "warning": "question"}.get(str(finding.severity), "quote")
    where = f"{finding.path}{f':{finding.line}' if finding.line else ''}"
    lines = [
        joined(
            (f"{finding.severity} ", style),
            (untabbed(finding.message), ""),
            (f"  {where} {finding.rule}", "quote"),
            indent=2,
        )
    ]
    if finding.fix:
        lines.append(Line(f"→ {untabbed(finding.fix)}", "quote", (), 4))
    return lines


def _measure(measure: Measure) -> Line:
    value, how = measured_text(measure)
    style = "quote" if measure.value is None else "strong"
    return joined((f"{measure.name}  ", ""), (value, style), (f"  {untabbed(how)}", "quote"), indent=2)


def _remark(remark: Remark) -> list[Line]:
    where = f"line {remark.line}: " if remark.line else ""
    lines = _text(f"{where}{remark.text}", "", indent=2)
    return [*lines, *_text(f"→ {remark.proposal}", "quote", indent=4)] if remark.proposal else lines


def _diff(diff: str) -> list[Line]:
    return [Line("Changed", "heading"), *coloured_diff(diff.rstrip("\n"))] if diff.strip() else []


def _text(text: str, style: str, *, indent: int) -> list[Line]:
    return [Line(untabbed(line), style, (), indent) for line in text.split("\n")]
