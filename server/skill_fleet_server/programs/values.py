"""What goes into the programs and comes out of them, beyond what already crosses the wire.

Pure pydantic over `skill_fleet_common`. What a model may get slightly wrong (one topic too many, a
choice without options) is put right here, where it is known what is meant, instead of failing a job.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from skill_fleet_common.prompts import QuestionType
from skill_fleet_common.skills import Origin, Remark, SkillPlan, TestQuery

MOST_QUESTIONS = 3
MOST_TOPICS = 7


class Excerpt(BaseModel):
    """A piece of what the person gave."""

    ref: str
    """`name:first-last`: the source and its lines."""
    text: str


class Answered(BaseModel):
    """A question and what the person answered, both in words."""

    question: str
    answer: str


class Category(BaseModel):
    """A place in the library's closed taxonomy."""

    path: str
    title: str = ""
    description: str = ""


class LibrarySkill(BaseModel):
    """A skill that the library already has."""

    name: str
    description: str
    category: str = ""
    """Where the library keeps it."""


class ExistingSkill(BaseModel):
    """A skill of the library with its text, for extending it."""

    name: str
    category: str = ""
    files: dict[str, str]
    """Text by path, SKILL.md among them."""


class NumberedLine(BaseModel):
    """An instruction of SKILL.md."""

    id: str = ""
    """Names it: several may begin on one line."""
    line: int
    """Counted from 1."""
    text: str


# --- understanding ----------------------------------------------------------------------------------


class Requirements(BaseModel):
    """What the skill has to do, for whom, and how one would tell."""

    domain: str
    target_level: Literal["beginner", "intermediate", "advanced", "expert"]
    topics: Annotated[list[str], AfterValidator(lambda topics: topics[:MOST_TOPICS])]
    constraints: list[str] = []
    trigger_phrases: list[str] = []
    """What a user might type who needs the skill."""
    negative_triggers: list[str] = []
    """What sounds alike and should not call the skill."""
    success_criteria: list[str] = []
    suggested_name: str
    suggested_description: str


class Wanted(BaseModel):
    """The requirements without the words that will be in the skill's name and description.

    Test queries are written from this, and from nothing else: whoever writes them has not seen the skill.
    """

    model_config = ConfigDict(extra="forbid", revalidate_instances="always")

    domain: str
    target_level: str = ""
    topics: list[str]
    constraints: list[str] = []
    trigger_phrases: list[str] = []
    negative_triggers: list[str] = []
    success_criteria: list[str] = []

    @classmethod
    def of(cls, requirements: Requirements) -> "Wanted":
        """What of the requirements may be shown."""
        return cls.model_validate(requirements.model_dump(include=set(cls.model_fields)))


class Choice(BaseModel):
    """One suggested answer of a question."""

    label: str
    description: str = ""


class Ambiguity(BaseModel):
    """Something the request leaves open that changes the skill."""

    question: str
    rationale: str = ""
    type: QuestionType
    options: list[Choice] = []
    allows_other: bool = False

    @model_validator(mode="after")
    def _choices_have_options(self) -> "Ambiguity":
        if self.type in (QuestionType.SINGLE, QuestionType.MULTI) and len(self.options) < 2:
            self.type, self.options = QuestionType.TEXT, []
        elif self.type in (QuestionType.TEXT, QuestionType.BOOLEAN):
            self.options, self.allows_other = [], False
        return self


class GatheredRequirements(BaseModel):
    """Outputs of `gather_requirements`."""

    requirements: Requirements
    ambiguities: Annotated[list[Ambiguity], AfterValidator(lambda found: found[:MOST_QUESTIONS])] = []


class Intent(BaseModel):
    """Outputs of `analyze_intent`."""

    purpose: str
    audience: str
    value: str


class TaxonomyChoice(BaseModel):
    """Outputs of `find_taxonomy_path`."""

    path: str
    confidence: Annotated[float, AfterValidator(lambda value: min(max(value, 0.0), 1.0))]
    """0 to 1, the model's own estimate."""
    rationale: str = ""
    new_category: bool = False


class Overlap(BaseModel):
    """A skill of the library that covers part of the same ground."""

    name: str
    why: str = ""


class Dependencies(BaseModel):
    """Outputs of `analyze_dependencies`. Names are of the library's skills."""

    requires: list[str] = []
    related: list[str] = []
    overlaps: list[Overlap] = []


class Plan(BaseModel):
    """Outputs of `synthesize_plan`."""

    plan: SkillPlan


# --- generation -------------------------------------------------------------------------------------


class Body(BaseModel):
    """Outputs of `write_skill` and `refine_skill`."""

    body: str = Field(min_length=1)
    """Markdown without frontmatter."""


class Content(BaseModel):
    """Outputs of `write_resource`."""

    content: str = Field(min_length=1)


class Attribution(BaseModel):
    """Where a model says that an instruction comes from; to be checked against what it quotes."""

    id: str = ""
    """Of the instruction; empty means every one on the line."""
    line: int
    origin: Annotated[Origin, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)]
    reference: str = ""
    """An excerpt's `ref`, or the question whose answer it is."""
    quote: str = ""
    """The words of the excerpt or answer it rests on, copied exactly."""


class Attributions(BaseModel):
    """Outputs of `attribute_sources`."""

    attributions: list[Attribution] = []


# --- validation -------------------------------------------------------------------------------------


class TestCases(BaseModel):
    """Outputs of `generate_test_cases`: what users might type."""

    __test__ = False  # not a test, whatever its name makes pytest believe

    positive: list[str]
    negative: list[str] = []
    edge: list[str] = []

    def listed(self) -> list[TestQuery]:
        """All of them, each with its kind."""
        return [
            *(TestQuery(query=query, kind="positive") for query in self.positive),
            *(TestQuery(query=query, kind="negative") for query in self.negative),
            *(TestQuery(query=query, kind="edge") for query in self.edge),
        ]


class Remarks(BaseModel):
    """Outputs of `assess_quality`."""

    remarks: list[Remark] = []
