"""What a good skill is, as far as a machine can tell: rules, measures, and the strict form we write.

`skill` reads, `emission` writes, `engine` runs the rules in `rules/` (one module per family: adding a rule is adding
a function there), `suggest` proposes names and descriptions that pass, `measures` computes numbers and `comparison`
says which of two revisions is better. `profiles` says for whom a skill is checked, `portability` what each client
would make of it, `repair` what can be put right mechanically. Pure, except `reading`, which reads a skill's directory:
no model, no other file system, no database. May import `skill_fleet_common`.
"""

from skill_fleet_server.quality.comparison import Assessment, measures_better
from skill_fleet_server.quality.emission import skill_md
from skill_fleet_server.quality.engine import check
from skill_fleet_server.quality.measures import TestQueries, measure
from skill_fleet_server.quality.skill import ParsedSkill, parse
from skill_fleet_server.quality.suggest import check_identity, suggest_description, suggest_name
from skill_fleet_server.quality.template import BODY_TEMPLATE

__all__ = [
    "BODY_TEMPLATE",
    "Assessment",
    "ParsedSkill",
    "TestQueries",
    "check",
    "check_identity",
    "measure",
    "measures_better",
    "parse",
    "skill_md",
    "suggest_description",
    "suggest_name",
]
