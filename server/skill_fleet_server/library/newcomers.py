"""What skills that come into the library are beside those it has: too much like one of them, or one too many."""

from collections.abc import Sequence
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.library.catalog import Entry
from skill_fleet_server.quality.across import Card, Together, check_across

NOTES: Final = 20
"""Most skills of which something is said."""


def beside(entries: Sequence[Entry], newcomers: Sequence[Card]) -> list[str]:
    """What people should know before they take them: a sentence for each, and one about the list of all."""
    known = [Card(f"{each.taxonomy_path}/{each.name}", each.name, each.description) for each in entries]
    if not newcomers:
        return []
    of_one: list[str] = []
    of_all: list[str] = []
    for number, findings in check_across(Together([*known, *newcomers])).items():
        for finding in findings:
            if finding.rule == "D08":
                of_all.append(f"With these: {finding.message}")
            elif number >= len(known) and finding.severity is not Severity.INFO:
                of_one.append(f"{newcomers[number - len(known)].name}: {finding.message}")
    if len(of_one) > NOTES:
        of_one[NOTES:] = [f"The same is so of {len(of_one) - NOTES:,} more."]
    return [*of_one, *of_all]
