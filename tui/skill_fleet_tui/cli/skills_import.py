"""`skills import`: a report of what would become of each skill, then all that pass."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import typer
from rich import box
from rich.table import Table

from skill_fleet_common.library import ImportedSkill, ImportReport, Verdict
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.cli.skills import counted
from skill_fleet_tui.client.packing import Packed, packed
from skill_fleet_tui.client.skills import SkillsClient
from skill_fleet_tui.text.clean import clean_line

_STYLES = {
    Verdict.VALID: "green",
    Verdict.REPAIRABLE: "yellow",
    Verdict.REFUSED: "red",
    Verdict.CLASH: "yellow",
    Verdict.PRESENT: "dim",
}


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    category: str = ""
    repair: bool = False
    dry_run: bool = False
    yes: bool = False


def import_skills(session: Session, path: Path, wish: Wish) -> Exit:
    """Report what would become of each skill; take those that pass, if somebody says so."""
    with packed(path) as pack:
        if pack.links:
            session.note(f"Passed over {pack.links} links; a skill holds its files itself.")
        report = _sent(session, pack, wish, dry_run=True)
        passing = sum(_passes(each, wish) for each in report.skills)
        if not session.json:
            _show(session, report)
        if wish.dry_run or not passing or not (wish.yes or _agreed(session, passing)):
            return _left(session, report, passing, wish)
        done = _sent(session, pack, wish, dry_run=False)
    if session.json:
        session.document(done)
    else:
        session.line(f"Took {counted(done.imported)} into the library.")
        session.note("See them with: skill-fleet skills list", "dim")
    return Exit.OK if all(each.imported or each.verdict is Verdict.PRESENT for each in done.skills) else Exit.FAILED


def _sent(session: Session, pack: Packed, wish: Wish, *, dry_run: bool) -> ImportReport:
    pack.file.seek(0)
    with session.err.status("Looking at the skills…" if dry_run else "Taking the skills…"):
        return session.request(
            lambda api: SkillsClient(api).import_zip(
                pack.file, dry_run=dry_run, repair=wish.repair, category=wish.category
            )
        )


def _passes(each: ImportedSkill, wish: Wish) -> bool:
    return each.verdict is Verdict.VALID or (wish.repair and each.verdict is Verdict.REPAIRABLE)


def _agreed(session: Session, passing: int) -> bool:
    return session.can_ask and typer.confirm(f"Take {counted(passing)} into the library?", default=True)


def _left(session: Session, report: ImportReport, passing: int, wish: Wish) -> Exit:
    """What to say when nothing was taken."""
    if session.json:
        session.document(report)
    elif passing and wish.dry_run:
        session.note("Nothing was changed. Take those that pass by leaving --dry-run out.", "dim")
    elif passing:
        session.note("Nothing was changed. Take those that pass with --yes.", "dim")
    if not session.json and not wish.repair and any(each.verdict is Verdict.REPAIRABLE for each in report.skills):
        session.note("Have those put right that can be, with --repair.", "dim")
    left = any(not _passes(each, wish) and each.verdict is not Verdict.PRESENT for each in report.skills)
    return Exit.FAILED if left or (passing and not wish.dry_run) else Exit.OK


def _show(session: Session, report: ImportReport) -> None:
    if session.out.is_terminal:
        session.out.print(_table(report.skills))
    else:
        for each in report.skills:
            session.line("\t".join(_row(each)))
    counts = Counter(each.verdict for each in report.skills)
    session.note(", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict]) + ".")
    for note in report.notes:
        session.note(note)


def _table(skills: list[ImportedSkill]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    for heading in ("skill", "verdict", "category"):
        table.add_column(heading, no_wrap=True)
    table.add_column("why", overflow="fold", ratio=1)
    for each in skills:
        table.add_row(*_row(each), style=_STYLES[each.verdict])
    return table


def _row(each: ImportedSkill) -> list[str]:
    category = f"{each.taxonomy_path} (guessed)" if each.guessed else each.taxonomy_path
    folder = f"in {each.path}. " if each.path.rpartition("/")[2] != each.name else ""
    return [each.name, each.verdict.value, category, clean_line(f"{folder}{each.reason}")]
