"""Where a skill's instructions come from, and its test queries lead, in sentences that say both scores."""

from typing import Any

from skill_fleet_common.evidence import SkillEvidence, SkillRouting
from skill_fleet_tui.text.evidence_lines import NOT_KEPT, evidence_lines, led_said, origins_said, queries_said


def evidence(*origins: str, confirmed: int = 0, instructions: int = 0) -> SkillEvidence:
    told = [
        {"text": "Do it.", "line": line, "origin": origin, "confirmed": origin == "model" and line <= confirmed}
        for line, origin in enumerate(origins, 1)
    ]
    known = {"kept": True, "provenance": told, "instructions": instructions or len(told)}
    return SkillEvidence.model_validate({"name": "pdf-forms", "revision": 1, **known})


def query(kind: str, reached: str, score: float, own: float) -> dict[str, Any]:
    return {"query": f"a {kind} one", "kind": kind, "reached": reached, "score": score, "own_score": own}


def routing(*queries: dict[str, Any], skills: int = 9, kept: bool = True) -> SkillRouting:
    found = {"name": "pdf-forms", "kept": kept, "queries": queries, "skills": skills, "limits": "Words only."}
    return SkillRouting.model_validate(found)


HERE = query("positive", "pdf-forms", 4.0, 4.0)
ASTRAY = query("positive", "contracts", 5.214, 3.1)
ASIDE = query("negative", "contracts", 5.0, 1.0)
TAKEN = query("negative", "pdf-forms", 2.5, 2.5)
EDGE = query("edge", "contracts", 3.0, 2.0)


def test_origins_are_counted() -> None:
    assert origins_said(evidence("source", "source", "answer")) == "2 from sources, 1 from answers"
    assert origins_said(evidence("model", "model", confirmed=1)) == "2 from the model's general knowledge (1 confirmed)"
    assert origins_said(evidence("source", instructions=3)) == "1 from sources, 2 changed by hand since"
    assert origins_said(evidence()) == "it has no instructions"


def test_what_is_not_kept_is_said() -> None:
    nothing = SkillEvidence(name="pdf-forms", revision=1, kept=False)
    assert origins_said(nothing) == queries_said(routing(kept=False)) == NOT_KEPT


def test_a_query_that_goes_to_a_neighbour_names_it_with_both_scores() -> None:
    [_, astray, taken, edge] = routing(HERE, ASTRAY, TAKEN, EDGE).queries
    assert led_said(astray, "pdf-forms") == "leads to contracts with 5.21, against 3.10 here"
    assert led_said(taken, "pdf-forms") == "leads here with 2.50, and should not"
    assert led_said(edge, "pdf-forms") == "leads to contracts with 3.00, against 2.00 here, which could be argued"


def test_ties_and_strangers_lead_nowhere() -> None:
    tie, stranger = routing(query("positive", "", 2.0, 2.0), query("positive", "", 0, 0)).queries
    assert led_said(tie, "pdf-forms").startswith("leads nowhere: several skills share the first place with 2.00")
    assert led_said(stranger, "pdf-forms") == "leads nowhere: no skill shares a word with it"


def test_only_what_leads_elsewhere_than_it_should_is_listed() -> None:
    found = routing(HERE, ASIDE, TAKEN, EDGE, ASTRAY)
    assert queries_said(found) == "2 of 4 lead where they should, among 9 skills"
    said = "\n".join(line.text for line in evidence_lines(evidence("source"), found))
    assert [kind for kind in ("positive", "negative", "edge") if f"a {kind} one" in said] == [
        "positive",
        "negative",
        "edge",
    ]
    assert said.count("→") == 3
    assert said.endswith("Words only.")
    assert evidence_lines(None, None) == []


def test_alone_in_a_library_there_is_nowhere_else_to_lead() -> None:
    alone = routing(HERE, query("positive", "", 0, 0), skills=1)
    assert queries_said(alone) == "2; there is no other skill for them to lead to"
    assert len(evidence_lines(None, alone)) == 1
