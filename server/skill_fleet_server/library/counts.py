"""How many errors and warnings rules found in a revision when it came into the library, so that no list counts anew.

They hold for as long as SKILL.md is the same. Of a skill that was edited or put there by hand nothing is known until
somebody looks at it.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.library.contents import Contents
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.skill import MAIN_FILE

HEAD_BYTES: Final = 200_000
"""As much of each SKILL.md is read for a list, and compared."""


class Counts(BaseModel):
    """What was counted, and in which text."""

    errors: int
    warnings: int
    digest: str = ""
    """Of the head of that SKILL.md; empty if that does not matter."""

    def hold_for(self, head: bytes) -> bool:
        """Whether that is the text they were counted in."""
        return self.digest == _digest(head)


def count(name: str, contents: Contents) -> Counts:
    """Check a skill and count what rules find."""
    found = tallied(check_skill(contents.skill(name)))
    return found.model_copy(update={"digest": _digest(contents.files[MAIN_FILE][:HEAD_BYTES])})


def tallied(findings: Sequence[Finding]) -> Counts:
    """The same of findings that are known."""
    severities = [each.severity for each in findings]
    return Counts(errors=severities.count(Severity.ERROR), warnings=severities.count(Severity.WARNING))


def _digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()
