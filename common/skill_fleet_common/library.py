"""Skills that are kept: the library, its categories, what comes into it and what leaves it, as the wire has them."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from skill_fleet_common.skills import Finding, Measure, SkillFile


class SkillSummary(BaseModel):
    """One skill of the library, as a list shows it."""

    name: str
    description: str
    taxonomy_path: str
    """`category`, or `category/subcategory`."""
    demo: bool = False
    """Whether the offline demo model wrote it."""
    errors: int | None = None
    """How many rules find in it; `None` until somebody looks at a skill that was put there or edited by hand."""
    warnings: int | None = None


class SkillPage(BaseModel):
    """Skills of the library: by taxonomy path and name, or by rank where a query was given."""

    skills: list[SkillSummary]
    total: int
    """How many match, on all pages."""
    next: str | None = None
    """`cursor` of the next page; `None` on the last."""


class Change(StrEnum):
    """How a revision of a skill came to be."""

    PROMOTED = "promoted"
    IMPORTED = "imported"
    MOVED = "moved"
    RENAMED = "renamed"
    FOUND = "found"
    """It lay in the folder: somebody put it there by hand."""


class LibraryRevision(BaseModel):
    """One version of a skill of the library. Its files are read with `revision`."""

    revision: int
    """Counted from 1."""
    change: Change
    at: datetime | None = None
    """`None` when it is not known."""
    by: str = ""
    job_id: str = ""
    """The job whose draft it was."""
    note: str = ""
    """What changed, such as the path it was moved from."""
    edited: bool = False
    """Its files were changed by hand since."""
    evidence: bool = False
    """Whether its test queries and the origin of its instructions are kept."""


class ListingSize(BaseModel):
    """How many characters of a client's list of skills something takes."""

    client: str
    characters: int
    limit: int | None = None
    """`None` when the client has no limit that is known."""
    how: str = ""
    """What is counted, and whose limit it is."""

    @property
    def over(self) -> bool:
        """Whether it is more than the client takes."""
        return self.limit is not None and self.characters > self.limit


class SkillDetail(SkillSummary):
    """One skill of the library with all that is known of it."""

    text: str
    """SKILL.md."""
    files: list[SkillFile] = []
    revision: int = 1
    revisions: list[LibraryRevision] = []
    """Newest first."""
    findings: list[Finding] = []
    measures: list[Measure] = []
    listing: list[ListingSize] = []
    aliases: list[str] = []
    """Names and paths it went by before."""
    resolved_from: str = ""
    """The alias that led here, when it was asked for by one."""
    left_out: list[str] = []
    """Files of its folder that are not part of it: links, hidden files, what is too large."""
    job_id: str = ""
    """The job whose draft it was; empty when it did not come from one."""


class Promote(BaseModel):
    """What promoting a draft takes."""

    taxonomy_path: str | None = Field(default=None, max_length=200)
    """Where it goes; what the draft says of itself if left out."""
    name: str | None = Field(default=None, max_length=200)
    """Another name than the draft's."""
    force: bool = False
    """Take it although rules find errors, or it overlaps with another skill."""
    replace: bool = False
    """Make it the next revision of the skill that has its name."""


class Move(BaseModel):
    """Where a skill goes."""

    taxonomy_path: str = Field(max_length=200)


class Rename(BaseModel):
    """What a skill is called from now on."""

    name: str = Field(max_length=200)


class Promoted(BaseModel):
    """What a job's draft has become."""

    name: str
    """What the skill is called now."""
    taxonomy_path: str
    """Where it is now."""
    revision: int
    """Of the skill: the one that was the draft."""
    at: datetime | None = None
    by: str = ""


class Promotions(BaseModel):
    """What became of drafts."""

    jobs: dict[str, Promoted]
    """By the job whose draft it was."""


class Unpromoted(BaseModel):
    """The skill is a draft again."""

    name: str
    job_id: str
    draft_path: str
    """Relative to the server's data directory."""


class Removed(BaseModel):
    """A skill that was removed, and can be restored."""

    trash_id: str
    name: str
    taxonomy_path: str
    description: str = ""
    removed_at: datetime
    by: str = ""


class Trash(BaseModel):
    """What was removed, newest first."""

    removed: list[Removed]


class MatchedWord(BaseModel):
    """A word that a query and a skill share."""

    word: str
    """As the query says it. Common endings do not count: `notes` matches `note`."""
    score: float


class RoutedSkill(BaseModel):
    """How much a skill is about a query."""

    name: str
    description: str
    taxonomy_path: str
    score: float
    words: list[MatchedWord]
    """The heaviest first; together they make the score."""


class Routing(BaseModel):
    """Which skill of the library the words of a query lead to."""

    query: str
    words: list[str]
    """The words of the query that count."""
    picked: str | None = None
    """The one skill that scores highest; `None` when none does, or when several share the first place."""
    ranked: list[RoutedSkill]
    skills: int
    """How many skills were compared."""
    limits: str
    """What such a comparison cannot know."""


class ClientBudget(ListingSize):
    """What the descriptions of all skills take in a client's list."""

    too_long: list[str] = []
    """Skills that are over the client's limit for one."""
    limit_each: int | None = None


class Budget(BaseModel):
    """The listing budget of the whole library."""

    skills: int
    clients: list[ClientBudget]


class CategoryView(BaseModel):
    """A category, or a subcategory of one, and how many skills are in it."""

    path: str
    title: str
    description: str = ""
    aliases: list[str] = []
    examples: list[str] = []
    skills: int = 0
    """Its own, without those of its subcategories."""
    subcategories: list["CategoryView"] = []
    listed: bool = True
    """Whether the taxonomy has it; otherwise it is a folder that holds skills all the same."""


class TaxonomyView(BaseModel):
    """The categories that the library is ordered by."""

    categories: list[CategoryView]
    skills: int
    own: bool
    """Whether the library has a list of its own, in place of the one that comes with the server."""


class AddCategory(BaseModel):
    """A new category, or subcategory."""

    path: str = Field(max_length=200)
    """`category`, or `category/subcategory` of one that is there."""
    title: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=500)
    aliases: list[str] = Field(default=[], max_length=50)
    examples: list[str] = Field(default=[], max_length=50)


class AddAlias(BaseModel):
    """Another word for a category."""

    path: str = Field(max_length=200)
    alias: str = Field(min_length=1, max_length=100)


class Verdict(StrEnum):
    """What becomes of a skill that is imported."""

    VALID = "valid"
    """It goes into the library as it is."""
    REPAIRABLE = "repairable"
    """It does once it is repaired."""
    REFUSED = "refused"
    CLASH = "clash"
    """The library, or the archive, has another skill of its name."""
    PRESENT = "present"
    """The library has just this skill."""


class ImportedSkill(BaseModel):
    """One skill of an archive."""

    path: str
    """Its folder in the archive."""
    name: str
    taxonomy_path: str = ""
    guessed: bool = False
    """The category was guessed from its words."""
    verdict: Verdict
    reason: str = ""
    """Why, and what to do."""
    findings: list[Finding] = []
    """Errors, and what was repaired."""
    repairs: list[str] = []
    left_out: list[str] = []
    imported: bool = False


class ImportReport(BaseModel):
    """What an archive holds, and what became of it."""

    dry_run: bool
    repair: bool
    skills: list[ImportedSkill]
    imported: int = 0
    notes: list[str] = []


ExportFormat = Literal["zip", "skill", "xml", "marketplace"]
"""`zip`: a folder per skill; `skill`: one skill for an upload; `xml`: `<available_skills>` for a system prompt;
`marketplace`: a zip with `marketplace.json` beside the skills."""
