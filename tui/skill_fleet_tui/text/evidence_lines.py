"""What is known of how a skill came about, and where its test queries lead: in sentences and as lines. Pure."""

from collections import Counter
from typing import TYPE_CHECKING

from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.styled import Line, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skill_fleet_common.evidence import SkillEvidence, SkillRouting
    from skill_fleet_common.skills import RoutedQuery

NOT_KEPT = "not kept: imported, put there by hand, or from before they were"


def origins_said(evidence: "SkillEvidence") -> str:
    """How many instructions come from where."""
    if not evidence.kept:
        return NOT_KEPT
    counts = Counter(str(each.origin) for each in evidence.provenance)
    confirmed = sum(each.confirmed for each in evidence.provenance if each.origin == "model")
    since = evidence.instructions - len(evidence.provenance)
    said = [
        f"{counts['source']} from sources" if counts["source"] else "",
        f"{counts['answer']} from answers" if counts["answer"] else "",
        f"{counts['model']} from the model's general knowledge" if counts["model"] else "",
        f"{since} changed by hand since" if since else "",
    ]
    if counts["model"] and confirmed:
        said[2] += f" ({confirmed} confirmed)"
    return ", ".join(each for each in said if each) or "it has no instructions"


def queries_said(routing: "SkillRouting") -> str:
    """How many test queries lead where they should."""
    if not routing.kept:
        return NOT_KEPT
    if routing.skills < 2:
        return f"{len(routing.queries)}; there is no other skill for them to lead to"
    decided = [each for each in routing.queries if each.kind != "edge"]
    right = len(decided) - len(routing.astray)
    return f"{right} of {len(decided)} lead where they should, among {routing.skills:,} skills"


def led_elsewhere(routing: "SkillRouting") -> "list[RoutedQuery]":
    """What a person should look at: queries that lead where they should not, then what could be argued either way."""
    if routing.skills < 2:
        return []
    edges = [each for each in routing.queries if each.kind == "edge" and each.reached not in ("", routing.name)]
    return [*routing.astray, *edges]


def led_said(query: "RoutedQuery", name: str) -> str:
    """Where a test query leads, with both scores.

    Args:
        query: The query.
        name: Of the skill that it is about.
    """
    edge = ", which could be argued" if query.kind == "edge" else ""
    if query.reached == name:
        return f"leads here with {query.score:.2f}, and should not"
    if query.reached:
        return f"leads to {clean_line(query.reached)} with {query.score:.2f}, against {query.own_score:.2f} here{edge}"
    if query.score > 0:
        return f"leads nowhere: several skills share the first place with {query.score:.2f}, {query.own_score:.2f} here"
    return "leads nowhere: no skill shares a word with it"


def evidence_lines(evidence: "SkillEvidence | None", routing: "SkillRouting | None") -> list[Line]:
    """Where instructions come from, and which test queries lead elsewhere; nothing of what is not known yet."""
    return [*_origins(evidence), *_queries(routing)]


def not_kept_lines() -> list[Line]:
    """That nothing is known of a skill."""
    return [joined(("Where from, test queries  ", "name"), (NOT_KEPT, "muted"))]


def _origins(evidence: "SkillEvidence | None") -> "Iterator[Line]":
    if evidence is not None:
        yield joined(("Where from  ", "name"), (origins_said(evidence), "muted"))


def _queries(routing: "SkillRouting | None") -> "Iterator[Line]":
    if routing is None:
        return
    elsewhere = led_elsewhere(routing)
    yield joined(("Test queries  ", "name"), (queries_said(routing), "muted"))
    for each in elsewhere:
        style = "muted" if each.kind == "edge" else "warning"
        lead = "· " if each.kind == "edge" else "! "
        yield joined((clean_line(each.query), ""), indent=2)._replace(lead=lead, lead_style=style)
        yield Line(f"→ {led_said(each, routing.name)}", style, indent=4)
    if elsewhere:
        yield Line(clean_line(routing.limits), "muted", indent=2)
