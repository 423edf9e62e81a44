"""What a prompt has to say, as lines: the question, the plan, the files, the report."""

from collections.abc import Iterator
from functools import lru_cache, singledispatch
from typing import Any

from skill_fleet_common.choices import CONFIRM, CUT
from skill_fleet_common.prompts import (
    ConfirmPrompt,
    PreviewPrompt,
    StructureFixPrompt,
    ValidatePrompt,
)  # fmt: skip
from skill_fleet_common.skills import (
    Finding,
    Measure,
    Origin,
    PlannedFile,
    Refinement,
    Remark,
    RoutedQuery,
    SkillPlan,
)  # fmt: skip
from skill_fleet_tui.store.answering import AnswerForm
from skill_fleet_tui.store.draft import AnswerDraft
from skill_fleet_tui.store.steps import ACTION, CANCEL, FEEDBACK, SUMMARY
from skill_fleet_tui.text.amounts import bytes_text, measured_text
from skill_fleet_tui.text.clean import clean
from skill_fleet_tui.text.diff_lines import change_text, coloured_diff, diff_lines
from skill_fleet_tui.text.markdown import prose
from skill_fleet_tui.text.styled import Line, joined, untabbed

_ORIGINS = {
    Origin.SOURCE: "from the sources",
    Origin.ANSWER: "from your answers",
    Origin.MODEL: "the model's general knowledge",
}


def body_lines(form: AnswerForm, width: int) -> list[Line]:
    """The lines above the choices at the form's step, for a view of that width."""
    step, prompt = form.step, form.prompt
    lines = _changed(form, width)
    if step.key in (ACTION, SUMMARY) or form.place[0] == 1:
        lines += prose(prompt.body) if prompt.body.strip() else []
    if step.key == ACTION:
        lines += _told(prompt, form.draft)
    if step.key != ACTION or not lines:
        lines += [Line("")] if lines else []
        lines.append(Line(untabbed(step.title.replace("\n", " ")), "question"))
    if step.why:
        lines.append(Line(untabbed(" ".join(step.why.split())), "quote"))
    if step.key == SUMMARY:
        for question, answer in form.summary():
            lines += [Line(f"· {' '.join(question.split())}", ""), *_text(answer, "strong", indent=2)]
    return lines


def _changed(form: AnswerForm, width: int) -> list[Line]:
    """What the person has changed so far: every edit with its diff, and what is to be cut or vouched for."""
    draft, lines = form.draft, list[Line]()
    if isinstance(form.prompt, StructureFixPrompt):
        return lines
    for key, said in ((CUT, "to be cut"), (CONFIRM, "vouched for")):
        if chosen := draft.choices.get(key):
            lines.append(Line(f"{len(chosen)} instruction{'s' * (len(chosen) > 1)} {said}", "added"))
    if form.step.key in (FEEDBACK, CANCEL) and draft.edits:
        names = ", ".join(draft.edits)
        return [*lines, Line(f"Your edits of {names} go only with the draft: they are not sent with this.", "bad")]
    if form.step.key != ACTION:
        return lines
    for name, text in draft.edits.items():
        before = draft.originals.get(name, "")
        lines.append(Line(f"Your edit of {name}  {change_text(before, text)}", "heading"))
        lines += _edit(before, text, width)
    return lines


@lru_cache(maxsize=8)
def _edit(before: str, after: str, width: int) -> tuple[Line, ...]:
    """The diff of an edit; drawn again with every key, and slow for long texts."""
    return tuple(diff_lines(clean(before), clean(after), width))


@singledispatch
def _told(prompt: Any, draft: AnswerDraft) -> list[Line]:
    return []


@_told.register
def _(prompt: StructureFixPrompt, draft: AnswerDraft) -> list[Line]:
    lines: list[Line] = []
    for fix in prompt.fixes:
        yours = draft.edits.get(fix.field)
        lines.append(Line(fix.field if yours is None else f"{fix.field}, as you edited it", "heading"))
        lines += _text(f"- {fix.current}", "removed", indent=2)
        lines += _text(f"+ {fix.suggestion if yours is None else yours}", "added", indent=2)
        lines += [Line(untabbed(problem), "quote", (), 4) for problem in fix.problems]
    return lines


@_told.register
def _(prompt: ConfirmPrompt, draft: AnswerDraft) -> list[Line]:
    return list(_plan(prompt.plan))


@_told.register
def _(prompt: PreviewPrompt, draft: AnswerDraft) -> list[Line]:
    lines = [
        joined((file.path, "strong"), (f"  r{file.revision}  {bytes_text(file.size)}", "quote"))
        for file in prompt.files
    ]
    lines += _origins(prompt)
    return lines + _diff(prompt.diff)


@_told.register
def _(prompt: ValidatePrompt, draft: AnswerDraft) -> list[Line]:
    lines = [Line("Findings", "heading")]
    lines += [line for finding in prompt.findings for line in _finding(finding)] or [Line("none", "good", (), 2)]
    lines.append(Line("Measures", "heading"))
    lines += [_measure(measure) for measure in prompt.measures]
    lines += _routing(prompt.routing)
    lines += _refinements(prompt.refinements)
    lines += _origins(prompt)
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


def _origins(prompt: PreviewPrompt | ValidatePrompt) -> list[Line]:
    """The share of each origin, and below it what only the model says, unless somebody vouched for it."""
    total = sum(prompt.origins.values())
    if not total:
        return []
    shares = [
        f"{prompt.origins[origin] / total:.0%} {said}"
        for origin, said in _ORIGINS.items()
        if prompt.origins.get(origin)
    ]
    own = [item for item in prompt.provenance if item.origin is Origin.MODEL and not item.confirmed]
    return [
        Line(f"{total} instructions: {', '.join(shares)}", "quote"),
        *(Line(f"line {item.line}: {untabbed(item.text)}", "quote", (), 4) for item in own),
    ]


def _routing(queries: list[RoutedQuery]) -> list[Line]:
    """Where each test query leads in the library."""
    lines = []
    for query in queries:
        astray = f"leads to {query.reached}" if query.reached else "leads nowhere"
        lines.append(
            joined((f"{query.kind} ", "strong"), (untabbed(query.query), ""), (f"  {astray}", "quote"), indent=2)
        )
    return [Line("Test queries", "heading"), *lines] if lines else []


def _refinements(refinements: list[Refinement]) -> list[Line]:
    lines = [
        joined(
            (f"{each.label} ", "strong"),
            ("kept" if each.kept else "not kept", "good" if each.kept else "quote"),
            (f"  errors {each.errors_before} → {each.errors_after}", ""),
            (f"  warnings {each.warnings_before} → {each.warnings_after}", ""),
            (f"  {untabbed(each.why)}", "quote"),
            indent=2,
        )
        for each in refinements
    ]
    return [Line("What was tried", "heading"), *lines] if lines else []


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
    among = f"  percentile {measure.percentile:.0f} of public skills" if measure.percentile is not None else ""
    return joined((f"{measure.name}  ", ""), (value, style), (f"{among}  {untabbed(how)}", "quote"), indent=2)


def _remark(remark: Remark) -> list[Line]:
    where = f"line {remark.line}: " if remark.line else ""
    lines = _text(f"{where}{remark.text}", "", indent=2)
    return [*lines, *_text(f"→ {remark.proposal}", "quote", indent=4)] if remark.proposal else lines


def _diff(diff: str) -> list[Line]:
    return [Line("Changed", "heading"), *coloured_diff(diff.rstrip("\n"))] if diff.strip() else []


def _text(text: str, style: str, *, indent: int) -> list[Line]:
    return [Line(untabbed(line), style, (), indent) for line in text.split("\n")]
