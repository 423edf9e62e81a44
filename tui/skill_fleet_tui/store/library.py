"""The skills of the library as the dashboard knows them, and what a person looks at of them. Pure; knows no screen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from skill_fleet_common.skills import Severity
from skill_fleet_tui.store.files import MAIN_FILE, FileRef, Version
from skill_fleet_tui.store.library_rows import SkillRow, paths_to, rows_of
from skill_fleet_tui.store.looking import Look

if TYPE_CHECKING:
    from skill_fleet_common.evidence import SkillEvidence, SkillRouting
    from skill_fleet_common.library import Budget, Promoted, Removed, Routing, SkillDetail, SkillSummary, TaxonomyView
    from skill_fleet_common.skills import Finding, Provenance, SkillFile

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

DETAILS_KEPT: Final = 64
TEXTS_KEPT: Final = 64


class Undo(NamedTuple):
    """How the last change is taken back."""

    change: str
    """`promote`, `move`, `rename`, `remove`, `restore` or `import`."""
    name: str
    """The skill's, as it is now; of a removed one the id under which it is restored. Of an import nothing."""
    back: str
    """Where it was, or what it was called; of the removed one its name."""
    said: str
    """What undoing does, for people."""
    taken: tuple[str, ...] = ()
    """The skills that an import brought."""


class Faults(NamedTuple):
    """What rules found in a skill."""

    errors: int
    warnings: int


@dataclass
class LibraryState:
    """Written by `librarian` and by what a person does; read by widgets."""

    skills: list["SkillSummary"] = field(default_factory=list)
    taxonomy: "TaxonomyView | None" = None
    trash: list["Removed"] = field(default_factory=list)
    loaded: bool = False
    loading: bool = False
    trouble: str = ""
    """Why the library could not be read, if it could not."""
    refusal: str = ""
    """Why the last change was refused, and what to do."""
    selected: str = ""
    """The name of a skill."""
    filter: str = ""
    folded: set[str] = field(default_factory=set)
    """Paths of the categories that are folded; while words narrow the list, none is."""
    about: str = "skill"
    """What stands beside the text: about the `skill`, `which` skill a query leads to, or the `budget`."""
    query: str = ""
    routing: "Routing | None" = None
    """The answer to a query, perhaps to the one before."""
    budget: "Budget | None" = None
    undo: Undo | None = None
    promoted: dict[str, "Promoted"] = field(default_factory=dict)
    """What drafts have become, by job."""
    faults: dict[str, Faults] = field(default_factory=dict)
    """By name, of the skills that were counted or looked at."""
    details: dict[str, "SkillDetail"] = field(default_factory=dict)
    detail_problems: dict[str, str] = field(default_factory=dict)
    texts: dict[FileRef, str] = field(default_factory=dict)
    text_problems: dict[FileRef, str] = field(default_factory=dict)
    asked: set[FileRef] = field(default_factory=set)
    """Texts that are on their way."""
    evidence: dict[tuple[str, int], "SkillEvidence"] = field(default_factory=dict)
    """By name and revision."""
    led: dict[str, "SkillRouting"] = field(default_factory=dict)
    """Where the test queries of skills lead, by name."""
    asked_evidence: set[tuple[str, int]] = field(default_factory=set)
    """Names and revisions whose evidence was asked for."""
    finding: int = -1
    """Index of the finding that was gone to last."""
    version: int = 0
    """Counts up with every change."""
    _looks: dict[str, Look] = field(default_factory=dict)
    _rows: tuple[object, list[SkillRow]] = (None, [])

    # --- what is known --------------------------------------------------------------------------------

    def take(
        self, skills: list["SkillSummary"], taxonomy: "TaxonomyView", trash: list["Removed"]
    ) -> None:  # fmt: skip
        """The library as it is now: what was known of single skills may not hold any more."""
        self.skills, self.taxonomy, self.trash = skills, taxonomy, trash
        self.loaded, self.trouble = True, ""
        self.details.clear()
        self.detail_problems.clear()
        self.texts.clear()
        self.text_problems.clear()
        self.asked.clear()
        self.evidence.clear()
        self.led.clear()
        self.asked_evidence.clear()
        counted = {each.name: Faults(each.errors, each.warnings or 0) for each in skills if each.errors is not None}
        self.faults = {
            each.name: counted.get(each.name) or self.faults[each.name]
            for each in skills
            if each.name in counted or each.name in self.faults
        }
        self.budget = None
        if not any(each.name == self.selected for each in skills):
            self.selected = next((row.name for row in rows_of(skills, taxonomy, self.filter) if row.name), "")
        self.touch()

    def keep(self, detail: "SkillDetail") -> None:
        """All that is known of one skill."""
        found = [each.severity for each in detail.findings]
        self.faults[detail.name] = Faults(found.count(Severity.ERROR), found.count(Severity.WARNING))
        _put(self.details, detail.name, detail, DETAILS_KEPT)
        self.touch()

    def keep_evidence(self, evidence: "SkillEvidence", led: "SkillRouting | None") -> None:
        """What is known of how a revision came about, and where its test queries lead if they are the skill's."""
        _put(self.evidence, (evidence.name, evidence.revision), evidence, DETAILS_KEPT)
        if led is not None:
            _put(self.led, led.name, led, DETAILS_KEPT)
        self.touch()

    def keep_text(self, ref: FileRef, text: str) -> None:
        """The clean text of a file at a revision."""
        _put(self.texts, ref, text, TEXTS_KEPT)
        self.touch()

    def touch(self) -> None:
        """Note that something changed."""
        self.version += 1

    @property
    def current(self) -> "SkillSummary | None":
        """The selected skill."""
        return next((each for each in self.skills if each.name == self.selected), None)

    @property
    def detail(self) -> "SkillDetail | None":
        """All that is known of the selected skill, once it is."""
        return self.details.get(self.selected)

    # --- the list -------------------------------------------------------------------------------------

    @property
    def rows(self) -> list[SkillRow]:
        """Categories and skills that the filter lets through, in their order."""
        folded = frozenset(() if self.filter.strip() else self.folded)
        made_of = (id(self.skills), id(self.taxonomy), self.filter, folded)
        if self._rows[0] != made_of:
            self._rows = (made_of, rows_of(self.skills, self.taxonomy, self.filter, folded))
        return self._rows[1]

    def turn(self, path: str) -> None:
        """Fold a category, or unfold it. Who reads one of its skills reads on."""
        self.folded ^= {path}
        self.touch()

    def fold_all(self, *, folded: bool) -> None:
        """Fold every category, or none."""
        self.folded = {path for each in self.skills for path in paths_to(each.taxonomy_path)} if folded else set()
        self.touch()

    def narrow(self, words: str) -> None:
        """List only what has these words; the selection stays if it is listed."""
        self.filter = words
        names = [row.name for row in self.rows if row.name]
        if names and self.selected not in names:
            self.select(names[0])
        self.touch()

    def select(self, name: str) -> None:
        """Look at a skill, whose row is there then."""
        if name != self.selected:
            self.selected, self.finding, self.refusal = name, -1, ""
            here = self.current
            self.folded -= set(paths_to(here.taxonomy_path)) if here is not None else set()
        self.touch()

    def move(self, by: int) -> None:
        """Select the skill so many below, of those that have a row."""
        shown = [row.name for row in self.rows if row.name]
        if not shown:
            return
        if self.selected in shown:
            at = shown.index(self.selected) + by
        else:
            order = [row.name for row in rows_of(self.skills, self.taxonomy, "") if row.name]
            here = order.index(self.selected) if self.selected in order else 0
            above = sum(order.index(name) < here for name in shown)
            at = above + by - (by > 0)
        self.select(shown[min(max(at, 0), len(shown) - 1)])

    # --- the text -------------------------------------------------------------------------------------

    @property
    def look(self) -> Look:
        """What is looked at of the selected skill's files."""
        return self._looks.setdefault(self.selected, Look())

    @property
    def file(self) -> "SkillFile | None":
        """The file that is looked at."""
        return self.look.file(self.detail.files) if self.detail is not None else None

    def versions(self) -> Sequence[Version]:
        """The file that is looked at, at every revision of the skill, the oldest first."""
        detail, file = self.detail, self.file
        if detail is None or file is None:
            return ()
        known = sorted(each.revision for each in detail.revisions) or [detail.revision]
        return [Version(f"r{each}", FileRef(detail.name, file.path, each), file.size) for each in known]

    def text(self, version: Version) -> str | None:
        """The clean text of a version; `None` if it has to be asked for."""
        detail, ref = self.detail, version.ref
        if detail is not None and ref.path == MAIN_FILE and ref.revision == detail.revision:
            return detail.text
        return self.texts.get(ref)

    @property
    def shown_revision(self) -> int:
        """The revision that is looked at; 0 when nothing is."""
        version = self.look.shown(self.versions())
        return version.ref.revision if version is not None else self.detail.revision if self.detail else 0

    @property
    def provenance(self) -> "Sequence[Provenance]":
        """Where the instructions of the revision that is looked at come from, as far as it is known."""
        evidence = self.evidence.get((self.selected, self.shown_revision))
        return evidence.provenance if evidence is not None else ()

    def evidence_to_ask(self) -> int:
        """The revision that is looked at, if its evidence is kept and was not asked for; else 0."""
        shown = self.shown_revision
        if self.detail is None or (self.detail.name, shown) in self.asked_evidence:
            return 0
        return shown if any(each.revision == shown and each.evidence for each in self.detail.revisions) else 0

    def go_to_finding(self, by: int) -> "Finding | None":
        """The finding after the last, and its file; after the last one the first."""
        if self.detail is None or not self.detail.findings:
            return None
        found = self.detail.findings
        self.finding = (self.finding + by) % len(found) if self.finding >= 0 else (0 if by > 0 else len(found) - 1)
        here = found[self.finding]
        if any(file.path == here.path for file in self.detail.files):
            self.look.go_to_file(here.path)
            self.look.label, self.look.compares = "", False
        self.about = "skill"
        self.touch()
        return here

    # --- where a query leads --------------------------------------------------------------------------

    def ask(self, query: str) -> None:
        """Another query; the answer to the one before is shown until its own is here."""
        self.query = query
        if not query.strip():
            self.routing = None
        self.touch()

    def answer(self, routing: "Routing") -> bool:
        """Where a query leads; false if nobody asks that any more."""
        if routing.query != self.query:
            return False
        self.routing = routing
        self.touch()
        return True


def _put(kept: dict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    """Keep something; what was kept first goes when there are too many."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]
