"""Where a skill's words come from: sources cut into excerpts that can be cited, the check of citations, and cutting.

Pure: no model, no file system. May import `skill_fleet_common` and `quality` (for ranking and reading Markdown).
"""

from skill_fleet_server.grounding.carrying import carry
from skill_fleet_server.grounding.cutting import without
from skill_fleet_server.grounding.excerpts import Excerpt, cut, select
from skill_fleet_server.grounding.instructions import Instruction, instructions
from skill_fleet_server.grounding.provenance import Attribution, origins, verify

__all__ = [
    "Attribution",
    "Excerpt",
    "Instruction",
    "carry",
    "cut",
    "instructions",
    "origins",
    "select",
    "verify",
    "without",
]
