"""What is known of a skill, where a query leads, what a library takes: as lines to read. Pure."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from skill_fleet_tui.text.amounts import measured_text
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.styled import Line, joined

if TYPE_CHECKING:
    from skill_fleet_common.library import Budget, LibraryRevision, Promoted, Routing, SkillDetail
    from skill_fleet_common.skills import Finding

BAR: Final = 14
"""Columns of a bar that is full."""

STYLES: Final = ("heading", "name", "error", "warning", "info", "good", "muted", "bar", "here")
"""The styles' names."""

GLYPHS: Final = {"error": "✗", "warning": "!", "info": "·"}


def about_lines(
    skill: "SkillDetail", *, at: int = -1, shown: int = 0, known: Sequence[Line] = (), zone: tzinfo | None = None
) -> list[Line]:
    """What is known of a skill.

    Args:
        skill: All of it.
        at: Index of the finding that is looked at.
        shown: The revision that is looked at.
        known: Of how it came about, and where its test queries lead.
        zone: For times; the machine's, if left out.
    """
    lines = [joined((clean_line(skill.name), "heading"))]
    if skill.resolved_from:
        lines.append(Line(clean_line(f"{skill.resolved_from} leads here."), "muted"))
    lines += [joined((clean_line(skill.taxonomy_path), "muted"))] if skill.taxonomy_path else []
    lines += [Line(clean_line(skill.description)), *_origin(skill), Line("")]
    lines += [*_findings(skill.findings, at), Line(""), *_measures(skill), Line("")]
    lines += [*known, Line("")] if known else []
    lines += [*_revisions(skill.revisions, shown, zone), Line(""), *_listing(skill)]
    if skill.left_out:
        lines += [Line(""), Line("Not part of it", "name")]
        lines += [Line(clean_line(each), "muted", indent=2) for each in skill.left_out]
    return lines


def kept_said(kept: "Promoted", zone: tzinfo | None = None) -> str:
    """What a draft has become, and when."""
    at = f" since {kept.at.astimezone(zone):%Y-%m-%d %H:%M}" if kept.at else ""
    return clean_line(f"in the library as {kept.taxonomy_path}/{kept.name}, r{kept.revision}{at}")


def finding_said(finding: "Finding") -> str:
    """A finding in a sentence: where, what, and what to do."""
    fix = f" {finding.fix}" if finding.fix else ""
    return clean_line(f"{finding.rule} {_place(finding)} {finding.message}{fix}")


def _origin(skill: "SkillDetail") -> list[Line]:
    said = ["Written by the demo model."] if skill.demo else []
    said += [f"From the job {skill.job_id}."] if skill.job_id else []
    said += [f"Was {', '.join(skill.aliases)}."] if skill.aliases else []
    return [Line(clean_line(each), "muted") for each in said]


def _findings(findings: Sequence["Finding"], at: int) -> list[Line]:
    if not findings:
        return [joined(("✓ ", "good"), ("Rules find nothing.", ""))]
    counts = {name: sum(each.severity == name for each in findings) for name in GLYPHS}
    words = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("remark", "remarks")}
    said = ", ".join(f"{count} {words[name][count != 1]}" for name, count in counts.items() if count)
    lines = [joined(("Findings  ", "name"), (said, "muted"))]
    for number, each in enumerate(findings):
        style = str(each.severity)
        lead = "❯ " if number == at else f"{GLYPHS.get(style, '·')} "
        head = joined(
            (f"{each.rule} ", style), (f"{_place(each)}  ", "muted"), (clean_line(each.message), ""), indent=2
        )
        lines.append(head._replace(lead=lead, lead_style=style))
        if each.fix:
            lines.append(Line(clean_line(f"→ {each.fix}"), "muted", indent=4))
    return lines


def _place(finding: "Finding") -> str:
    return clean_line(f"{finding.path}:{finding.line}" if finding.line else finding.path)


def _measures(skill: "SkillDetail") -> list[Line]:
    if not skill.measures:
        return [joined(("Measures  ", "name"), ("not measured", "muted"))]
    lines = [Line("Measures", "name")]
    for each in sorted(skill.measures, key=lambda measure: measure.value is None):
        value, how = measured_text(each)
        among = f" · percentile {each.percentile:.0f}" if each.percentile is not None else ""
        parts = (
            (f"{clean_line(each.name)}  ", ""),
            (value, "muted" if each.value is None else "bar"),
            (clean_line(f"{among}{f' · {how}' if how else ''}"), "muted"),
        )
        lines.append(joined(*parts, indent=2))
    return lines


def _revisions(revisions: Sequence["LibraryRevision"], shown: int, zone: tzinfo | None) -> list[Line]:
    lines = [
        joined(("Revisions", "name"), ("  , older  . newer  d what changed" if len(revisions) > 1 else "", "muted"))
    ]
    for each in revisions:
        at = each.at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if each.at else ""
        parts = (each.change.value, each.note, at, each.by, "edited by hand since" if each.edited else "")
        said = "  ".join(part for part in parts if part)
        line = joined(
            (f"r{each.revision}  ", "here" if each.revision == shown else ""), (clean_line(said), "muted"), indent=2
        )
        lines.append(line._replace(lead="❯ " if each.revision == shown else ""))
    return lines


def _listing(skill: "SkillDetail") -> list[Line]:
    if not skill.listing:
        return []
    lines = [joined(("Takes in a list  ", "name"), ("characters of name and description", "muted"))]
    return [*lines, *(_bar(each.client, each.characters, each.limit) for each in skill.listing)]


# --- where a query leads ------------------------------------------------------------------------------


def routing_lines(query: str, routing: "Routing | None") -> list[Line]:
    """Which skill the words of a query lead to, and which words decide."""
    lines = [joined(("Which skill?  ", "heading"), (clean_line(query), ""))]
    if not query.strip():
        return [*lines, Line("Type what a user might say. Words decide: no model is asked.", "muted")]
    if routing is None:
        return [*lines, Line("Asking the server…", "muted")]
    if routing.query != query:
        lines.append(Line(clean_line(f"So far for: {routing.query}"), "muted"))
    lines += [Line(""), *_pick(routing), Line("")]
    most = max((each.score for each in routing.ranked), default=0.0) or 1.0
    for number, each in enumerate(routing.ranked, 1):
        words = ", ".join(f"{clean_line(word.word)} {word.score:.1f}" for word in each.words[:6])
        lead = "❯ " if each.name == routing.picked else "  "
        parts = (
            (f"{number:>2}  ", "muted"), (clean_line(each.name), "here" if each.name == routing.picked else ""),
            (f"  {each.score:.2f}", "bar"),
        )  # fmt: skip
        lines.append(joined(*parts, indent=2)._replace(lead=lead, lead_style="here"))
        lines.append(joined((_filled(each.score / most), "bar"), (f"  {words}", "muted"), indent=6))
    return [*lines, Line(""), Line(clean_line(routing.limits), "muted")]


def _pick(routing: "Routing") -> list[Line]:
    of = f"of {_skills(routing.skills)}"
    if not routing.words:
        return [Line("None of these words counts: they are in every text.", "warning")]
    if not routing.ranked:
        said = f"No skill shares a word with it: {of}, none would be picked."
        return [Line(said, "warning"), Line(clean_line(f"Looked for: {', '.join(routing.words)}"), "muted")]
    if routing.picked:
        return [joined((clean_line(routing.picked), "good"), (f" would be picked, {of}.", ""))]
    names = " and ".join(clean_line(each.name) for each in routing.ranked[:2])
    return [Line(f"{names} are equal: which one an agent takes is open.", "warning")]


# --- the budget ---------------------------------------------------------------------------------------


def budget_lines(budget: "Budget | None") -> list[Line]:
    """What all descriptions take in each client's list of skills."""
    lines = [Line("Listing budget", "heading")]
    if budget is None:
        return [*lines, Line("Asking the server…", "muted")]
    lines += [
        Line(f"Names and descriptions of {_skills(budget.skills)}, as each client shows them to its model."),
        Line(""),
    ]
    for each in budget.clients:
        lines.append(_bar(each.client, each.characters, each.limit))
        lines.append(Line(clean_line(each.how), "muted", indent=2))
        if each.too_long:
            said = f"Too long for it: {', '.join(each.too_long)}"
            lines.append(Line(clean_line(said), "warning", indent=2))
        lines.append(Line(""))
    return lines[:-1]


def _bar(client: str, characters: int, limit: int | None) -> Line:
    name = f"{clean_line(client):<10} "
    if limit is None:
        return joined((name, ""), (f"{characters:,}", "bar"), (" characters, no limit is known", "muted"))
    over = characters > limit
    look, said = ("error", f"  over by {characters - limit:,}") if over else ("bar", f"  {characters / limit:.0%}")
    return joined((name, ""), (_filled(characters / limit), look), (f"  {characters:,} of {limit:,}", ""), (said, look))


def _filled(share: float) -> str:
    full = min(max(round(share * BAR), 1 if share > 0 else 0), BAR)
    return "█" * full + "░" * (BAR - full)


def _skills(number: int) -> str:
    return "1 skill" if number == 1 else f"{number:,} skills"


def refusal_lines(said: str) -> list[Line]:
    """Why the last change was refused."""
    return [*(Line(line, "error") for line in _lines(said)), Line("")] if said else []


def _lines(said: str) -> Iterable[str]:
    return (clean_line(line) for line in f"Not done: {said}".splitlines())
