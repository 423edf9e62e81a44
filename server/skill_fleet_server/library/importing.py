"""Skills from elsewhere into the library: what would become of each, then all that pass, at once or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from skill_fleet_common.library import Change, ImportedSkill, ImportReport, Verdict
from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.errors import ArchiveRefused, Invalid, NameTaken, NotFound
from skill_fleet_server.library.aliases import without
from skill_fleet_server.library.archive import Archive, Bundle, opened
from skill_fleet_server.library.contents import Contents
from skill_fleet_server.library.disk import write_files
from skill_fleet_server.library.journal import Step
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.paths import check_name
from skill_fleet_server.library.promotion import stamped
from skill_fleet_server.library.revisions import Note
from skill_fleet_server.library.stamp import taxonomy_of
from skill_fleet_server.library.taxonomy import Taxonomy
from skill_fleet_server.quality import ParsedSkill
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.routing import Listed, rank

FINDINGS: Final = 20
"""Most findings that are reported of one skill."""


@dataclass
class _Candidate:
    """A skill of the archive on its way."""

    report: ImportedSkill
    contents: Contents | None = None
    """What goes into the library; `None` when nothing does."""


@dataclass
class _Import:
    """One import: what it stands on, and the names it has met."""

    library: Library
    category: str
    taxonomy: Taxonomy
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
        contents = archive.read(bundle)
        skill = contents.skill(bundle.folder)
        report.name = skill.string("name") or bundle.folder
        try:
            check_name(report.name)
        except Invalid as error:
            return _Candidate(report.model_copy(update={"reason": error.detail}))
        errors = [found for found in check_skill(contents.skill(report.name)) if found.severity is Severity.ERROR]
        if errors:
            update = {"reason": _errors_said(errors), "findings": errors[:FINDINGS]}
            return _Candidate(report.model_copy(update=update))
        if report.name in self.names:
            update = {"verdict": Verdict.CLASH, "reason": "Another skill of the archive has this name. Rename one."}
            return _Candidate(report.model_copy(update=update))
        self.names.add(report.name)
        if report.name in taken:
            return _Candidate(self._compared(report, contents))
        path, guessed = self._category(bundle, skill)
        if not path:
            return _Candidate(report.model_copy(update={"reason": "It fits no category; name one for those."}))
        update = {"verdict": Verdict.VALID, "taxonomy_path": path, "guessed": guessed}
        return _Candidate(report.model_copy(update=update), stamped(contents, path))

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


def preview_import(library: Library, file: IO[bytes], *, category: str = "") -> ImportReport:
    """What would become of each skill of a zip. Changes nothing.

    Args:
        library: Where they would go.
        file: The zip; seekable.
        category: Where those go that do not say it themselves.

    Raises:
        ArchiveRefused: If the zip cannot be used.
        Invalid: If there is no such category.
    """
    wish = _Import(library, library.check_category(category) if category else "", library.taxonomy())
    with opened(file) as archive:
        return ImportReport(dry_run=True, repair=False, skills=[each.report for each in wish.candidates(archive)])


def import_skills(library: Library, file: IO[bytes], *, category: str = "", by: str) -> ImportReport:
    """Take every skill of a zip that passes into the library; all of these, or none.

    Raises:
        ArchiveRefused: If the zip cannot be used.
        Invalid: If there is no such category.
        LibraryUnwritable: If the disk does not let it.
    """
    wish = _Import(library, library.check_category(category) if category else "", library.taxonomy())
    with opened(file) as archive, library.change() as staging:
        reports: list[ImportedSkill] = []
        steps: list[Step] = []
        aliases = library.aliases.all()
        for candidate in wish.candidates(archive):
            report, contents = candidate.report, candidate.contents
            if contents is not None:
                steps += _shelve(library, staging, report, contents, by=by)
                aliases = without(aliases, report.name)
                report.imported = True
            reports.append(report)
        if steps:
            library.commit([*steps, *library.aliases.steps(aliases, staging)])
        imported = sum(each.imported for each in reports)
        return ImportReport(dry_run=False, repair=False, skills=reports, imported=imported)


def _shelve(library: Library, staging: Path, report: ImportedSkill, contents: Contents, *, by: str) -> list[Step]:
    target = library.folder(report.taxonomy_path, report.name)
    if target.exists() or target.is_symlink():
        where = f"{report.taxonomy_path}/{report.name}"
        raise ArchiveRefused(f"There is something at {where} in the library that is no skill. Remove it first.")
    new = staging / f"{report.name}.new"
    write_files(new, contents.files)
    note = Note(
        revision=1, change=Change.IMPORTED, at=datetime.now(UTC), by=by, note=f"from {report.path}"[:200],
        digest=contents.digest,
    )  # fmt: skip
    return [Step(new, target), *library.revisions.begin(staging, report.name, note)]


def _errors_said(errors: list[Finding]) -> str:
    first = errors[0]
    where = f"{first.path}:{first.line}" if first.line else first.path
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{where}: {first.message}{more}"
