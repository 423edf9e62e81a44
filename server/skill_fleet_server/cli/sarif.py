"""Findings as SARIF 2.1.0, which code hosts show beside the lines."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from skill_fleet_common import __version__
from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.cli.checking import Checked
from skill_fleet_server.quality.registry import every_rule

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def document(checked: Iterable[Checked]) -> dict[str, Any]:
    """One run with every finding. Addresses are relative to the working directory where that is possible."""
    known = every_rule()
    index = {rule.id: at for at, rule in enumerate(known)}
    driver = {
        "name": "skill-fleet",
        "version": __version__,
        "rules": [
            {
                "id": rule.id,
                "name": getattr(rule.judge, "__name__", rule.id),
                "shortDescription": {"text": rule.about},
                "fullDescription": {"text": f"{rule.about} Source: {rule.source}."},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
                "properties": {"tags": [rule.family]},
            }
            for rule in known
        ],
    }
    results = [_result(skill, finding, index) for skill in checked for finding in skill.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(skill: Checked, finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    said = f"{finding.message} {finding.fix}".strip()
    physical: dict[str, Any] = {"artifactLocation": {"uri": _address(Path(skill.path) / finding.path)}}
    if finding.line:
        physical["region"] = {"startLine": finding.line, "startColumn": finding.column or 1}
    return {
        "ruleId": finding.rule,
        **({"ruleIndex": index[finding.rule]} if finding.rule in index else {}),
        "level": _LEVELS[finding.severity],
        "message": {"text": said},
        "locations": [{"physicalLocation": physical}],
    }


def _address(path: Path) -> str:
    absolute = os.path.abspath(path)
    relative = os.path.relpath(absolute)
    if relative.startswith(".."):
        return Path(absolute).as_uri()
    return quote(Path(relative).as_posix(), errors="replace")
