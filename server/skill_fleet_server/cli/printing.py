"""What was found, for people: by skill, the worst first, each with its line, what to do, and who says so.

Everything that comes from a skill is shown as text: control characters are replaced, and nothing is markup.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.cli.checking import Checked
from skill_fleet_server.quality.portability import Outcome
from skill_fleet_server.quality.profiles import MATRIX, PROFILES
from skill_fleet_server.quality.registry import every_rule

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_MARKS: Final = {Outcome.LOADS: ("✓", "green"), Outcome.CHANGED: ("~", "yellow"), Outcome.REFUSED: ("✗", "bold red")}
_ORDER: Final = list(Severity)
_PATH_COLUMNS: Final = 40
_FEWEST_COLUMNS: Final = 20


class Printer:
    """Writes findings to a console as they come, and the sum at the end."""

    def __init__(self, console: Console, level: Severity, *, matrix: bool, many: bool) -> None:
        self._console = console
        self._level = level
        self._matrix = matrix
        self._many = many
        self._counts: Counter[Severity] = Counter()
        self._skills = self._fixable = 0
        self._wrong: set[str] = set()
        self._reasons = {rule.id: f"{rule.about} ({rule.source})" for rule in every_rule()}
        self._outcomes: dict[str, Counter[Outcome]] = {profile: Counter() for profile in MATRIX}

    def skill(self, checked: Checked) -> None:
        """One skill's findings, its own or those it has together with the others."""
        self._skills += not checked.together
        if checked.count(Severity.ERROR):
            self._wrong.add(checked.path)
        self._counts.update(finding.severity for finding in checked.findings)
        self._fixable += sum(finding.fixable for finding in checked.findings)
        shown = [
            (finding, line)
            for finding, line in zip(checked.findings, checked.lines, strict=True)
            if _ORDER.index(finding.severity) <= _ORDER.index(self._level)
        ]
        if self._matrix and not checked.together:
            self._matrix_of(checked)
        if not shown or (self._matrix and self._many):
            return
        counts = _amounts({severity: checked.count(severity) for severity in Severity})
        beside = " beside the others" if checked.together else ""
        self._print(Text.assemble((printable(checked.path), "bold"), f"{beside}  {counts}"))
        for finding, line in shown:
            self._finding(finding, line)
        self._print()

    def _finding(self, finding: Finding, line: str) -> None:
        where = printable(finding.path)
        if finding.line:
            where += f":{finding.line}:{finding.column or 1}"
        label = Text.assemble(
            (f"  {finding.severity.value:<8}", _STYLES[finding.severity]), (f"{finding.rule}  ", "bold")
        )
        self._row(label, Text.assemble(f"{printable(finding.message)}  ", (where, "dim")))
        if offending := line.strip() or finding.text:
            number = str(finding.line) if finding.line else ""
            self._row(Text(f"  {number:>8} │ ", style="dim"), Text(printable(offending)))
        if finding.fix:
            by_itself = "  (--fix does it)" if finding.fixable else ""
            self._row(Text("       fix │ ", style="dim"), Text.assemble(printable(finding.fix), (by_itself, "green")))
        if why := self._reasons.get(finding.rule):
            self._row(Text("       why │ ", style="dim"), Text(why, style="dim"))

    def _row(self, label: Text, text: Text) -> None:
        """A label and a text beside it. A terminal breaks the text there; elsewhere a line stays one line."""
        if not self._console.is_terminal:
            self._print(label + text)
            return
        beside = Text(f"{'│ ':>{len(label)}}" if label.plain.endswith("│ ") else " " * len(label), style="dim")
        width = max(_FEWEST_COLUMNS, self._console.width - len(label))
        for number, part in enumerate(text.wrap(self._console, width)):
            self._print((label if number == 0 else beside) + part)

    def _matrix_of(self, checked: Checked) -> None:
        for row in checked.rows:
            self._outcomes[row.profile][row.outcome] += 1
        if self._many:
            if self._skills == 1:
                self._print(Text(f"{'':<{_PATH_COLUMNS}}  {'  '.join(MATRIX)}", style="bold"))
            path = printable(checked.path)
            path = path if len(path) <= _PATH_COLUMNS else f"…{path[1 - _PATH_COLUMNS :]}"
            cells = [
                (f"{_MARKS[row.outcome][0]:<{len(row.profile) + 2}}", _MARKS[row.outcome][1]) for row in checked.rows
            ]
            table_row = Text.assemble(f"{path:<{_PATH_COLUMNS}}  ", *cells)
            table_row.rstrip()
            self._print(table_row)
            return
        self._print(Text(printable(checked.path), style="bold"))
        for row in checked.rows:
            mark, style = _MARKS[row.outcome]
            title = PROFILES[row.profile].title
            said = _outcome_words(row.profile, row.outcome)
            label = Text.assemble("  ", (mark, style), f" {title:<14}{said:<20}")
            self._row(label, Text(_joined(row.reasons), style="dim"))
        self._print()

    def finish(self) -> None:
        """The sum."""
        if self._matrix and self._many:
            for profile, outcomes in self._outcomes.items():
                counts = ", ".join(
                    f"{outcomes[each]:,} {_outcome_words(profile, each)}" for each in Outcome if outcomes[each]
                )
                self._print(f"{PROFILES[profile].title:<14}{counts}")
            self._print()
        skills = "1 skill" if self._skills == 1 else f"{self._skills:,} skills"
        right = self._skills - len(self._wrong)
        state = "all without errors" if not self._wrong else f"{right:,} without errors, {len(self._wrong):,} with"
        if self._skills == 1:
            state = "with errors" if self._wrong else "no errors"
        self._print(Text.assemble((f"{skills}: {state}", "bold"), f" · {_amounts(self._counts)}"))
        hidden = sum(self._counts[each] for each in Severity if _ORDER.index(each) > _ORDER.index(self._level))
        if hidden:
            self._print(Text(f"{hidden:,} more with --level info.", style="dim"))
        if self._fixable:
            self._print(Text(f"{self._fixable:,} of them can be put right: --fix shows how.", style="dim"))

    def _print(self, text: Text | str = "") -> None:
        self._console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)


def _outcome_words(profile: str, outcome: Outcome) -> str:
    if profile in MATRIX[:2]:
        return "not valid" if outcome is Outcome.REFUSED else "valid"
    return outcome.value


def _joined(reasons: Sequence[str]) -> str:
    return printable(" ".join(reasons))


def _amounts(counts: Counter[Severity] | dict[Severity, int]) -> str:
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}
    parts = [f"{counts[each]:,} {words[each]}{'s' if counts[each] != 1 else ''}" for each in Severity if counts[each]]
    return ", ".join(parts) or "nothing found"


def printable(text: str | Path) -> str:
    """The text on one line, with a mark for every character that a terminal would act on or not show."""
    return "".join(each if each.isprintable() else " " if each.isspace() else "␣" for each in str(text))
