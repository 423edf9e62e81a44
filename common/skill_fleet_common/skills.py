"""What is said about a skill: its files, what is wrong with it, what was measured, where its words come from."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel


class SkillFile(BaseModel):
    """One file of a skill at one revision. Its text is fetched by `path` and `revision`."""

    path: str
    """Relative to the skill's directory, with forward slashes."""
    size: int
    """In bytes."""
    sha256: str
    revision: int
    """1 for the first version of the skill; every revision or edit of any file counts up."""


class Severity(StrEnum):
    """How much a finding matters: an `error` is one on which some client really breaks."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(BaseModel):
    """One thing a rule noticed."""

    rule: str
    """The rule's id, such as `N01`."""
    severity: Severity
    message: str
    """What is wrong, in a sentence."""
    path: str = "SKILL.md"
    line: int | None = None
    """Counted from 1."""
    column: int | None = None
    """Counted from 1."""
    text: str = ""
    """The offending text, shortened."""
    fix: str = ""
    """What to do about it; empty when nothing general can be said."""
    fixable: bool = False
    """Whether it can be put right mechanically."""


class Measure(BaseModel):
    """One number that was computed, or the plain statement that it was not."""

    name: str
    value: float | None = None
    """`None` means "not measured"; there are no default values for a measurement."""
    unit: str = ""
    how: str = ""
    """How it was computed, or why it was not."""
    percentile: float | None = None
    """Where the value stands among public skills, 0 to 100; `None` where there is no distribution to compare with."""


class TestQuery(BaseModel):
    """What a user might type, written without sight of the skill that it is about."""

    __test__ = False  # not a test, whatever its name makes pytest believe

    query: str
    kind: Literal["positive", "negative", "edge"]
    """Whether it should reach the skill, should not, or could be argued either way."""


class RoutedQuery(TestQuery):
    """Where the words of one test query lead in the library."""

    reached: str = ""
    """The name of the skill that scores highest; empty when none shares a word with it, or two tie."""
    words: list[str] = []
    """The words that led there, as the tokenizer has them."""
    score: float = 0.0
    """The highest score that any skill has."""
    own_score: float = 0.0
    """That of the skill the query is about."""

    def is_astray(self, name: str) -> bool:
        """Whether it leads elsewhere than it should; whatever could be argued either way does not.

        Args:
            name: Of the skill the query is about.
        """
        wanted = {"positive": True, "negative": False}.get(self.kind)
        return wanted is not None and (self.reached == name) is not wanted


class MeasureChange(BaseModel):
    """One number before and after a refinement."""

    name: str
    unit: str = ""
    before: float | None = None
    after: float | None = None


class Refinement(BaseModel):
    """One attempt to better the skill, with both measurements. What measured no better was not kept."""

    label: str
    """Such as `round 1`."""
    kept: bool
    why: str
    """What decided, in a sentence."""
    errors_before: int
    errors_after: int
    warnings_before: int
    warnings_after: int
    changes: list[MeasureChange] = []
    """Of the measures that decide."""


class Origin(StrEnum):
    """Where an instruction of a skill comes from."""

    SOURCE = "source"
    ANSWER = "answer"
    MODEL = "model"
    """The model's general knowledge: nothing the person gave says so."""


class Provenance(BaseModel):
    """Where one instruction of the skill comes from."""

    id: str = ""
    """Names the instruction in an answer that cuts or confirms it: its line, and `.2` for a second one on that line."""
    text: str
    """The instruction, shortened."""
    line: int
    """In SKILL.md, counted from 1."""
    origin: Origin
    reference: str = ""
    """The excerpt (`name:first-last`) or the question it comes from."""
    quote: str = ""
    """The words of the source or the answer that are said to say so, shortened."""
    verified: bool = False
    """True when the quoted words were found in the source by a mechanical check."""
    confirmed: bool = False
    """True when a person vouched for it."""


class Remark(BaseModel):
    """What a reader (a model) thinks of a place in the skill. An opinion, never a verdict."""

    line: int | None = None
    """In SKILL.md, counted from 1."""
    text: str
    proposal: str = ""
    """The change it proposes."""


class PlannedSection(BaseModel):
    """One heading of the skill to be written, and what it will say."""

    heading: str
    points: list[str] = []


class PlannedFile(BaseModel):
    """A bundled file to be written beside SKILL.md."""

    path: str
    """`references/…`, `scripts/…` or `assets/…`."""
    purpose: str


class SkillPlan(BaseModel):
    """What will be written, before it is."""

    name: str
    description: str
    taxonomy_path: str = ""
    """A category, or `category/subcategory`, of the library's closed list."""
    outline: list[PlannedSection] = []
    files: list[PlannedFile] = []
    examples: list[str] = []
    success_criteria: list[str] = []
    overlaps: list[str] = []
    """Names of skills in the library that already cover part of this."""
    new_category: bool = False
    """Whether `taxonomy_path` is a proposal that the library's closed list does not have yet."""
    extends: str = ""
    """The skill of the library that this one is a new revision of; it has the same name then."""
