"""`skill-fleet validate`: check skills on disk. Needs no server, no model and no key."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from skill_fleet_common.skills import Severity
from skill_fleet_server.cli import sarif
from skill_fleet_server.cli.checking import Checked, check_all, check_together
from skill_fleet_server.cli.discovery import NoSuchPath, NotASkill, skill_directories
from skill_fleet_server.cli.exits import Exit
from skill_fleet_server.cli.fixing import NotWritten, fix
from skill_fleet_server.cli.printing import Printer, printable
from skill_fleet_server.quality.across import Card
from skill_fleet_server.quality.profiles import DRAFT, PROFILES, SPEC
from skill_fleet_server.quality.registry import every_rule

MANY: Final = 30
"""From so many skills on, progress is shown."""

_EXAMPLES: Final = """\
Examples:
  skill-fleet validate skills/
  skill-fleet validate my-skill --profile claude --matrix
  skill-fleet validate my-skill --fix
  skill-fleet validate skills/ --sarif > skills.sarif

Exit codes: 0 no errors · 1 something could not be done · 2 what was given does
not fit · 7 nothing is there · 8 errors were found (with --strict: or warnings).
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="skill-fleet validate",
        description="Check skills on disk: every finding with its place, why, and what to do. Runs nothing of them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a skill, its SKILL.md, or a tree of skills")
    made.add_argument(
        "--profile",
        default=SPEC,
        choices=[profile for profile in PROFILES if profile != DRAFT],
        help="who reads the skills (default: spec)",
    )
    made.add_argument("--matrix", action="store_true", help="what each client would do with them")
    made.add_argument(
        "--level", type=Severity, choices=list(Severity), default=Severity.WARNING,
        metavar="{error,warning,info}", help="show findings from this severity on (default: warning)",
    )  # fmt: skip
    made.add_argument("--strict", action="store_true", help="warnings end with code 8, too")
    shape = made.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="for programs: a line of JSON for each skill")
    shape.add_argument("--sarif", action="store_true", help="for code hosts: SARIF 2.1.0")
    made.add_argument("--fix", action="store_true", help="show what can be put right, ask, and do it")
    made.add_argument("--yes", action="store_true", help="with --fix: do not ask")
    made.add_argument(
        "--rule", action="append", default=[], metavar="ID", help="with --fix: only this rule's; repeatable"
    )
    return made


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit code."""
    made = parser()
    asked = made.parse_args(arguments)
    if problem := _misfit(asked):
        made.error(problem)
    err = Console(stderr=True, markup=False, highlight=False, emoji=False)
    try:
        directories = skill_directories(asked.paths)
        if asked.fix:
            directories = _fix_all(directories, asked, err)
        return _check(directories, asked, err)
    except NoSuchPath as error:
        return _fail(err, error, Exit.NOT_FOUND)
    except NotASkill as error:
        return _fail(err, error, Exit.USAGE)
    except BrokenPipeError:  # who read our output has had enough: for the program's border to handle
        raise
    except (NotWritten, OSError) as error:
        return _fail(err, error, Exit.FAILED)
    except BrokenProcessPool:
        return _fail(err, "A process was ended from outside, maybe for want of memory. Run it again.", Exit.FAILED)


def _misfit(asked: argparse.Namespace) -> str:
    known = {rule.id for rule in every_rule() if rule.can_fix}
    if (asked.rule or asked.yes) and not asked.fix:
        return "--rule and --yes go with --fix"
    if unknown := sorted(set(asked.rule) - known):
        return f"no fix for {', '.join(unknown)}; there are fixes for {', '.join(sorted(known))}"
    if asked.fix and not asked.yes and (asked.json or asked.sarif or not sys.stdin.isatty()):
        return "--fix asks before it writes, and there is nobody to ask; add --yes"
    return ""


def _fail(err: Console, said: object, code: Exit) -> int:
    err.print(printable(str(said)), style="red", soft_wrap=True)
    return code


def _fix_all(directories: Sequence[Path], asked: argparse.Namespace, err: Console) -> list[Path]:
    def agreed(question: str) -> bool:
        if asked.yes:
            return True
        err.print(f"{question} [y/N] ", end="", style="bold", soft_wrap=True)
        return sys.stdin.readline().strip().casefold() in {"y", "yes"}

    only = frozenset(asked.rule)
    return [fix(directory, asked.profile, only, err, agreed) for directory in directories]


def _check(directories: Sequence[Path], asked: argparse.Namespace, err: Console) -> int:
    results = check_all(directories, asked.profile, matrix=asked.matrix)
    if err.is_terminal and len(directories) >= MANY:
        results = _with_progress(results, len(directories), err)
    tally = _Tally(results, asked.profile, strict=asked.strict)
    if asked.sarif:
        _write(sarif.document(tally))
    elif asked.json:
        for checked in tally:
            _write(_as_json(checked, asked.profile))
    else:
        out = Console(markup=False, highlight=False, emoji=False)
        printer = Printer(out, asked.level, matrix=asked.matrix, many=len(directories) > 1)
        for checked in tally:
            printer.skill(checked)
        printer.finish()
    return Exit.NEEDS_REVIEW if tally.wrong else Exit.OK


class _Tally:
    """Passes results on, then those of all skills together, and knows in the end whether something was wrong."""

    def __init__(self, results: Iterable[Checked], profile: str, *, strict: bool) -> None:
        self._results = results
        self._profile = profile
        self._refused = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
        self.wrong = False

    def __iter__(self) -> Iterator[Checked]:
        for checked in self._all():
            self.wrong = self.wrong or any(finding.severity in self._refused for finding in checked.findings)
            yield checked

    def _all(self) -> Iterator[Checked]:
        cards: list[Card] = []
        for checked in self._results:
            cards.append(checked.card)
            yield checked
        yield from check_together(cards, self._profile)


def _with_progress(results: Iterator[Checked], total: int, err: Console) -> Iterator[Checked]:
    first = next(results, None)  # starts the processes, before the progress bar starts a thread
    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("checking", total=total)
        while first is not None:
            progress.advance(task)
            yield first
            first = next(results, None)


def _as_json(checked: Checked, profile: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "path": checked.path,
        "name": checked.card.name,
        "profile": profile,
        "ok": not checked.count(Severity.ERROR),
        "findings": [
            {**finding.model_dump(mode="json"), "source_line": line}
            for finding, line in zip(checked.findings, checked.lines, strict=True)
        ],
    }
    if checked.together:
        said["together"] = True
    if checked.rows:
        said["matrix"] = [asdict(row) for row in checked.rows]
    return said


def _write(document: dict[str, Any]) -> None:
    # ASCII: a path that is not Unicode can be written that way, too.
    sys.stdout.write(json.dumps(document) + "\n")
