"""Skills from elsewhere into the library: what would become of each, then all that pass, at once or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from skill_fleet_common.library import Change, ImportedSkill, ImportReport, Verdict
from skill_fleet_server.errors import ArchiveRefused, Invalid, NameTaken, NotFound
from skill_fleet_server.library.aliases import without
from skill_fleet_server.library.archive import Archive, Bundle, opened
from skill_fleet_server.library.contents import Contents
from skill_fleet_server.library.disk import write_files
from skill_fleet_server.library.fitness import Fitness, judged
from skill_fleet_server.library.journal import Step
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.newcomers import beside
from skill_fleet_server.library.promotion import note_of, stamped
from skill_fleet_server.library.stamp import taxonomy_of
from skill_fleet_server.library.taxonomy import Taxonomy
from skill_fleet_server.quality import ParsedSkill
from skill_fleet_server.quality.across import Card
from skill_fleet_server.quality.routing import Listed, rank

FINDINGS: Final = 20
"""Most findings that are reported of one skill."""


@dataclass
class _Candidate:
    """A skill of the archive on its way."""

    report: ImportedSkill
    contents: Contents | None = None
    """What goes into the library; `None` when nothing does."""
    card: Card | None = None
    """For holding it against others; of those that pass, or would once they are repaired."""


@dataclass
class _Import:
    """One import: what it stands on, and the names it has met."""

    library: Library
    category: str
    taxonomy: Taxonomy
    repair: bool
    """Whether skills that pass once they are repaired are taken, too."""
    names: set[str] = field(default_factory=set)

    def candidates(self, archive: Archive) -> Iterator[_Candidate]:
        """Every skill of the archive, one after the other: no more than one is in memory."""
        taken = {directory.name for directory, _ in self.library.catalog.places()}
        for bundle in archive.bundles():
            yield self._judge(archive, bundle, taken)

    def _judge(self, archive: Archive, bundle: Bundle, taken: set[str]) -> _Candidate:
        report = ImportedSkill(
            path=bundle.path or ".", name=bundle.folder, verdict=Verdict.REFUSED, left_out=bundle.left_out
        )  # fmt: skip
        if bundle.refused:
            return _Candidate(report.model_copy(update={"reason": bundle.refused}))
        fit = judged(archive.read(bundle), bundle.folder)
        report.name, report.findings, report.repairs = fit.name, fit.errors[:FINDINGS], fit.repairs[:FINDINGS]
        if fit.refused:
            return _Candidate(report.model_copy(update={"reason": fit.refused}))
        if report.name in self.names:
            update = {"verdict": Verdict.CLASH, "reason": "Another skill of the archive has this name. Rename one."}
            return _Candidate(report.model_copy(update=update))
        self.names.add(report.name)
        if report.name in taken:
            return _Candidate(self._compared(report, fit.contents))
        report.taxonomy_path, report.guessed = self._category(bundle, fit.skill)
        if not report.taxonomy_path:
            return _Candidate(report.model_copy(update={"reason": "It fits no category; name one for those."}))
        return self._passed(report, fit)

    def _passed(self, report: ImportedSkill, fit: Fitness) -> _Candidate:
        contents = stamped(fit.contents, report.taxonomy_path)
        card = Card.of(fit.skill, report.path)
        if not fit.repairs:
            return _Candidate(report.model_copy(update={"verdict": Verdict.VALID}), contents, card)
        said = " ".join(fit.repairs[:3])
        reason = f"Repaired: {said}" if self.repair else f"Repairing it would help. {said}"
        repairable = report.model_copy(update={"verdict": Verdict.REPAIRABLE, "reason": reason})
        return _Candidate(repairable, contents if self.repair else None, card)

    def _compared(self, report: ImportedSkill, contents: Contents) -> ImportedSkill:
        try:
            place = self.library.catalog.find(report.name)
            present = self.library.read(place).digest
        except (NameTaken, NotFound, Invalid) as error:
            return report.model_copy(update={"verdict": Verdict.CLASH, "reason": error.detail})
        if present in (contents.digest, stamped(contents, place.taxonomy_path).digest):
            update = {"verdict": Verdict.PRESENT, "taxonomy_path": place.taxonomy_path, "guessed": False}
            return report.model_copy(update=update | {"reason": "The library has just this skill."})
        reason = f"The library has another skill of this name, in {place.taxonomy_path}. Rename one of them."
        return report.model_copy(update={"verdict": Verdict.CLASH, "reason": reason})

    def _category(self, bundle: Bundle, skill: ParsedSkill) -> tuple[str, bool]:
        """Where it goes, and whether that is a guess: what it says, where it lay, what was asked for, its words."""
        above = bundle.path.split("/")[:-1]
        for path in (taxonomy_of(skill), "/".join(above[-2:]), "/".join(above[-1:]), self.category):
            if path and self.taxonomy.contains(path):
                return path, False
        known = list(self.taxonomy.walk())
        described = [Listed(path, f"{one.title} {one.description} {' '.join(one.aliases)}") for path, one in known]
        about = f"{(skill.string('name') or '').replace('-', ' ')} {skill.string('description') or ''}"
        ranked = rank(described, about)
        return (known[ranked[0].number][0], True) if ranked else ("", False)


def preview_import(library: Library, file: IO[bytes], *, category: str = "", repair: bool = False) -> ImportReport:
    """What would become of each skill of a zip. Changes nothing.

    Args:
        library: Where they would go.
        file: The zip; seekable.
        category: Where those go that do not say it themselves.
        repair: Whether those would be taken that pass once they are repaired.

    Raises:
        ArchiveRefused: If the zip cannot be used.
        Invalid: If there is no such category.
    """
    wish = _wish(library, category, repair=repair)
    with opened(file) as archive:
        candidates = [(each.report, each.card) for each in wish.candidates(archive)]
    notes = beside(library.catalog.entries(), [card for _, card in candidates if card])
    return ImportReport(dry_run=True, repair=repair, skills=[report for report, _ in candidates], notes=notes)


def import_skills(
    library: Library, file: IO[bytes], *, category: str = "", repair: bool = False, by: str
) -> ImportReport:
    """Take every skill of a zip that passes into the library; all of these, or none.

    Raises:
        ArchiveRefused: If the zip cannot be used.
        Invalid: If there is no such category.
        LibraryUnwritable: If the disk does not let it.
    """
    wish = _wish(library, category, repair=repair)
    with opened(file) as archive, library.change() as staging:
        reports: list[ImportedSkill] = []
        cards: list[Card] = []
        steps: list[Step] = []
        aliases = library.aliases.all()
        for candidate in wish.candidates(archive):
            report, contents = candidate.report, candidate.contents
            if contents is not None:
                steps += _shelve(library, staging, report, contents, by=by)
                aliases = without(aliases, report.name)
                report.imported = True
                cards += [candidate.card] if candidate.card else []
            reports.append(report)
        notes = beside(library.catalog.entries(), cards)
        if steps:
            library.commit([*steps, *library.aliases.steps(aliases, staging)])
        imported = sum(each.imported for each in reports)
        return ImportReport(dry_run=False, repair=repair, skills=reports, imported=imported, notes=notes)


def _wish(library: Library, category: str, *, repair: bool) -> _Import:
    path = library.check_category(category) if category else ""
    return _Import(library, path, library.taxonomy(), repair)


def _shelve(library: Library, staging: Path, report: ImportedSkill, contents: Contents, *, by: str) -> list[Step]:
    target = library.folder(report.taxonomy_path, report.name)
    if target.exists() or target.is_symlink():
        where = f"{report.taxonomy_path}/{report.name}"
        raise ArchiveRefused(f"There is something at {where} in the library that is no skill. Remove it first.")
    new = staging / f"{report.name}.new"
    write_files(new, contents.files, contents.executable)
    note = note_of(Change.IMPORTED, by, report.name, contents, note=f"from {report.path}"[:200])
    return [Step(new, target), *library.revisions.begin(staging, report.name, note)]
