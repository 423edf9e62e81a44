"""What is known of how a skill of the library came about: its test queries, and where its instructions come from."""

from pydantic import BaseModel

from skill_fleet_common.skills import Provenance, RoutedQuery, TestQuery


class SkillEvidence(BaseModel):
    """What the job that wrote a revision of a skill has left beside it."""

    name: str
    revision: int
    kept: bool
    """False when there is nothing: an imported skill, one put there by hand, one from before such things were kept."""
    queries: list[TestQuery] = []
    provenance: list[Provenance] = []
    """Of the instructions that the revision still has word for word, at the lines where they are."""
    instructions: int = 0
    """How many the revision has; those without provenance were written into it since."""


def unquoted(evidence: SkillEvidence) -> SkillEvidence:
    """The same without the words of sources and answers."""
    provenance = [each.model_copy(update={"quote": ""}) for each in evidence.provenance]
    return evidence.model_copy(update={"provenance": provenance})


class SkillRouting(BaseModel):
    """Where a skill's test queries lead in the library as it is now."""

    name: str
    kept: bool
    """False when the skill has no test queries."""
    queries: list[RoutedQuery] = []
    skills: int
    """How many skills were compared, this one among them."""
    limits: str
    """What such a comparison cannot know."""

    @property
    def astray(self) -> list[RoutedQuery]:
        """Those that lead elsewhere than they should."""
        return [each for each in self.queries if each.is_astray(self.name)]
