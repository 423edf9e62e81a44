"""The library: what all that reads and changes it stands on."""

import difflib
import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from skill_fleet_common.evidence import SkillEvidence
from skill_fleet_common.library import SkillDetail
from skill_fleet_common.skills import SkillFile
from skill_fleet_server.errors import Invalid, LibraryUnwritable, NotFound
from skill_fleet_server.grounding.instructions import instructions
from skill_fleet_server.library.catalog import FOLDER, Catalog, Place, by_demo
from skill_fleet_server.library.contents import Contents, read_contents
from skill_fleet_server.library.counts import tallied
from skill_fleet_server.library.disk import reason
from skill_fleet_server.library.drafts import Drafts
from skill_fleet_server.library.evidence import Evidence
from skill_fleet_server.library.journal import Journal
from skill_fleet_server.library.paths import check_taxonomy_path
from skill_fleet_server.library.taxonomy import Taxonomy
from skill_fleet_server.quality import measure
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.listing import listing_sizes
from skill_fleet_server.quality.routing import Listed
from skill_fleet_server.quality.skill import MAIN_FILE

_log = logging.getLogger(__name__)


class Library:
    """The library below a data directory. Not for an event loop's thread."""

    def __init__(self, data_dir: Path, catalog: Catalog, drafts: Drafts, taxonomy: Callable[[], Taxonomy]) -> None:
        self.data_dir = data_dir
        self.root = data_dir / FOLDER
        self.catalog = catalog
        self.drafts = drafts
        self.taxonomy = taxonomy
        self.aliases = catalog.aliases
        self.revisions = catalog.revisions
        self._journal = Journal(data_dir, self.root)
        self.commit = self._journal.commit
        """See `Journal.commit`. Within `change`."""

    def recover(self) -> None:
        """Finish what a crash has left half done. If the disk does not let it, the next change will."""
        try:
            self._journal.recover()
        except OSError as error:
            _log.warning("a change of the library that was cut short cannot be finished: %s", error.strerror)

    @contextmanager
    def change(self) -> Generator[Path]:
        """Keep other changes out, and give a staging folder that is gone afterwards.

        Raises:
            LibraryUnwritable: For whatever the system refuses in the meantime.
        """
        try:
            with self._journal.change() as staging:
                yield staging
        except OSError as error:
            why = reason(error, again="try again")
            raise LibraryUnwritable(f"The library could not be changed, and is as it was. {why}") from error

    def folder(self, taxonomy_path: str, name: str) -> Path:
        """Where a skill of that place and name is. Both must have been checked.

        Raises:
            LibraryUnwritable: If a link is in the way: it could lead out of the library.
        """
        directory = self.root
        for part in taxonomy_path.split("/"):
            directory /= part
            if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
                where = directory.relative_to(self.data_dir).as_posix()
                raise LibraryUnwritable(f"{where} is a link or a file; replace it by a folder and try again.")
            if (directory / MAIN_FILE).is_file():
                raise Invalid(f"{directory.name} is a skill, and cannot be the category of one; choose another.")
        return directory / name

    def check_category(self, path: str) -> str:
        """A path that the taxonomy has.

        Raises:
            Invalid: If it has no such path; names the nearest.
        """
        taxonomy = self.taxonomy()
        if taxonomy.contains(path):
            return check_taxonomy_path(path)
        if found := taxonomy.by_alias(path):
            return found
        near = difflib.get_close_matches(path, taxonomy.paths(), n=3, cutoff=0.5) or taxonomy.paths()
        raise Invalid(
            f"There is no category {path[:80]!r}. Choose one that there is, such as {', '.join(near)}, or add it first "
            "with `skill-fleet taxonomy add`."
        )

    def detail(self, name: str) -> SkillDetail:
        """A skill with all that is known of it.

        Raises:
            NotFound, NameTaken: As `Catalog.find` does.
            Invalid: If its folder holds more than a skill may.
        """
        place = self.catalog.find(name)
        contents = self.read(place)
        actual, texts = place.directory.name, contents.texts
        revisions = self.revisions.listed(actual, contents)
        evidence = self.revisions.evidence(actual) or Evidence()
        skill = contents.skill(actual)
        description = " ".join((skill.string("description") or "").split())
        findings = check_skill(skill)
        counts = tallied(findings)
        others = [(each.name, each.description) for each in self.catalog.entries() if each.name != actual]
        self.catalog.note_counts(place.directory, counts)
        return SkillDetail(
            name=actual,
            description=description,
            taxonomy_path=place.taxonomy_path,
            demo=by_demo(skill),
            errors=counts.errors,
            warnings=counts.warnings,
            text=texts[MAIN_FILE],
            files=skill_files(contents, revisions[0].revision),
            revision=revisions[0].revision,
            revisions=revisions,
            findings=findings,
            measures=measure(
                texts,
                actual,
                neighbours=others,
                test_queries=evidence.by_kind,
                provenance=evidence.of(instructions(texts[MAIN_FILE])),
            ),
            listing=listing_sizes(Listed(actual, description)),
            aliases=self.aliases.of(actual),
            resolved_from=place.alias,
            left_out=contents.left_out,
            job_id=next((each.job_id for each in revisions if each.job_id), ""),
        )

    def evidence(self, name: str, revision: int | None = None) -> SkillEvidence:
        """What is known of how a revision of a skill came about; of the newest, if none is named.

        Raises:
            NotFound, NameTaken: If there is no such skill or revision, or several of that name.
        """
        actual = self.catalog.find(name).directory.name
        number = revision or self.revisions.notes(actual)[-1].revision
        told = instructions(self.contents(actual, number).texts[MAIN_FILE])
        evidence = self.revisions.evidence(actual, number)
        return SkillEvidence(
            name=actual,
            revision=number,
            kept=evidence is not None,
            queries=evidence.queries if evidence else [],
            provenance=evidence.of(told) if evidence else [],
            instructions=len(told),
        )

    def contents(self, name: str, revision: int | None = None) -> Contents:
        """The files of a skill, now or as they were.

        Raises:
            NotFound, NameTaken: If there is no such skill or revision, or several of that name.
        """
        place = self.catalog.find(name)
        actual = place.directory.name
        if revision is None or revision == self.revisions.notes(actual)[-1].revision:
            return self.read(place)
        return self.revisions.contents(actual, revision)

    def read(self, place: Place) -> Contents:
        """What is in a skill's folder.

        Raises:
            NotFound: If it cannot be read.
            Invalid: If it holds more than a skill may.
        """
        try:
            contents = read_contents(place.directory)
        except OSError as error:
            raise NotFound(f"{place.directory.name} cannot be read: {error.strerror}.") from error
        if MAIN_FILE not in contents.files:
            raise NotFound(f"{place.directory.name} has no SKILL.md that can be read.")
        return contents


def skill_files(contents: Contents, revision: int) -> list[SkillFile]:
    """The files of a skill as they are listed: SKILL.md first."""
    order = sorted(contents.files, key=lambda path: (path != MAIN_FILE, path))
    return [
        SkillFile(path=path, size=len(contents.files[path]), sha256=contents.sha256(path), revision=revision)
        for path in order
    ]
