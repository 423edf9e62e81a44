"""Checking skills, one after the other or on all cores, with bounded memory: results come in order and one by one."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.quality.across import Card, Together, check_across
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.portability import Row, portability
from skill_fleet_server.quality.reading import read_skill
from skill_fleet_server.quality.secrets import masked
from skill_fleet_server.quality.skill import ParsedSkill

ALONE: Final = 30
"""Up to so many skills one process is faster: others take longer to start."""
AT_ONCE: Final = 8
"""Skills in one piece of work."""
AHEAD: Final = 4
"""Pieces of work per process that are under way or wait to be taken."""
LINE_CHARACTERS: Final = 160


@dataclass(frozen=True)
class Checked:
    """What was found in one skill."""

    path: str
    """Of its directory, as it was named or found."""
    card: Card
    """For holding it against the others."""
    findings: list[Finding]
    lines: list[str]
    """For each finding, the line it is about; empty when it is about none."""
    rows: list[Row]
    """The portability matrix, when it was asked for."""
    together: bool = False
    """Whether the findings are those it has beside the others; then they are not its own."""

    def count(self, severity: Severity) -> int:
        """How many findings have that severity."""
        return sum(finding.severity is severity for finding in self.findings)


def check_directory(directory: Path, profile: str, *, matrix: bool) -> Checked:
    """Read and check one skill. What cannot be listed is a finding."""
    try:
        skill = read_skill(directory)
    except OSError as error:
        message = f"The directory cannot be read: {error.strerror or type(error).__name__}."
        finding = Finding(
            rule="F01", severity=Severity.ERROR, message=message, fix="Give yourself the right to read it."
        )
        return Checked(str(directory), Card(str(directory), directory.name, ""), [finding], [""], [])
    findings = check_skill(skill, profile)
    return Checked(
        path=str(directory),
        card=Card.of(skill, str(directory)),
        findings=findings,
        lines=_lines(skill, findings),
        rows=portability(skill) if matrix else [],
    )


def _lines(skill: ParsedSkill, findings: Sequence[Finding]) -> list[str]:
    """The line of each finding, with secrets masked."""
    split = {path: skill.files[path].split("\n") for path in {each.path for each in findings} & set(skill.files)}
    found = []
    for finding in findings:
        lines = split.get(finding.path, [])
        line = lines[finding.line - 1] if finding.line and finding.line <= len(lines) else ""
        found.append(masked(line[: 4 * LINE_CHARACTERS])[:LINE_CHARACTERS].rstrip("\r"))
    return found


def check_all(directories: Sequence[Path], profile: str, *, matrix: bool) -> Iterator[Checked]:
    """Check many skills, in order.

    Raises:
        BrokenProcessPool: If a process was killed, such as for want of memory.
    """
    processes = min(_cores(), len(directories) // AT_ONCE)
    if len(directories) <= ALONE or processes < 2:
        for directory in directories:
            yield check_directory(directory, profile, matrix=matrix)
        return
    pieces = iter([directories[at : at + AT_ONCE] for at in range(0, len(directories), AT_ONCE)])
    with ProcessPoolExecutor(processes, mp_context=_context(), initializer=_leave_interrupts) as pool:
        waiting: deque[Future[list[Checked]]] = deque()
        for piece in islice(pieces, processes * AHEAD):
            waiting.append(pool.submit(_check_piece, piece, profile, matrix))
        try:
            while waiting:
                yield from waiting.popleft().result()
                if (piece := next(pieces, None)) is not None:
                    waiting.append(pool.submit(_check_piece, piece, profile, matrix))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def check_together(cards: Sequence[Card], profile: str) -> Iterator[Checked]:
    """What is noticed about skills only beside each other."""
    for number, findings in check_across(Together(cards), profile).items():
        card = cards[number]
        yield Checked(card.where, card, findings, [""] * len(findings), [], together=True)


def _check_piece(directories: Sequence[Path], profile: str, matrix: bool) -> list[Checked]:
    return [check_directory(directory, profile, matrix=matrix) for directory in directories]


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that people see; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext:
    # Forked processes have everything imported already. The pool is made before any thread of ours.
    return multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
