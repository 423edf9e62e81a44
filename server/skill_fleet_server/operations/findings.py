"""What was looked at, how it is, and what to do about it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final, Literal

Level = Literal["ok", "warn", "fail"]

EXIT_FOUND_FAULTS: Final = 1
"""Exit code when something fails. Warnings alone are no failure."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    about: str
    """One or two words."""
    said: str
    advice: str = ""
    """What to do, when not all is well."""


def exit_code(findings: Iterable[Finding]) -> int:
    """0, unless something fails."""
    return EXIT_FOUND_FAULTS if any(finding.level == "fail" for finding in findings) else 0


def as_text(findings: list[Finding]) -> str:
    """One line for each, and below it what to do."""
    width = max((len(finding.about) for finding in findings), default=0)
    lines = []
    for finding in findings:
        lines.append(f"{finding.level:<4}  {finding.about:<{width}}  {finding.said}")
        if finding.advice:
            lines.append(f"{'':<{width + 8}}{finding.advice}")
    return "\n".join(lines)


def as_json(findings: list[Finding]) -> str:
    """For programs: `{"ok", "findings"}`."""
    return json.dumps(
        {"ok": not exit_code(findings), "findings": [asdict(finding) for finding in findings]},
        indent=2,
        ensure_ascii=False,
    )
