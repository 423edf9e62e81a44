"""Where in the library's closed list of categories a skill belongs, and what is said when that is not clear."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skill_fleet_server.programs.values import Category, TaxonomyChoice
from skill_fleet_server.quality.ranking import Bm25

_SURE_ENOUGH: Final = 0.6
"""Below this confidence a person chooses the category."""
_OFFERED: Final = 3
"""Categories that are offered beside the first."""
_LEVELS: Final = 2
_PART: Final = 64
"""Most characters of a category's slug."""


@dataclass(frozen=True)
class Place:
    """A category for a skill: a path of the list, or one that was proposed."""

    path: str
    """As the list has it, or in the form that the list would have it; empty when nothing can be made of it."""
    is_listed: bool
    is_clear: bool
    """Whether nobody has to be asked."""
    rationale: str
    nearest: Sequence[tuple[str, str]]
    """Other listed paths with their titles, the likeliest first."""
    categories: Sequence[Category]

    def listed(self, typed: str) -> str | None:
        """The listed path that somebody means who types this: the path, its last part, or its title."""
        return _listed(typed, self.categories)


def place_of(choice: TaxonomyChoice, planned: str, about: str, categories: Sequence[Category]) -> Place:
    """What a model's choice and the plan's path come to.

    Args:
        choice: The model's.
        planned: The path that the plan has.
        about: What the skill is about, to offer categories by.
        categories: The closed list.
    """
    chosen = _listed(choice.path, categories)
    wanted = planned if slugged(planned) else choice.path
    listed = _listed(wanted, categories)
    sure = listed is not None and choice.confidence >= _SURE_ENOUGH and not choice.new_category
    path = listed or slugged(wanted)
    nearest = sorted(_nearest(about, path, categories), key=lambda each: each[0] != chosen)
    return Place(path, listed is not None, sure, choice.rationale, nearest, categories)


def proposed(typed: str, place: Place) -> Place:
    """The place after somebody typed a category that is not in the list: to be asked about once more."""
    path = slugged(typed)
    rationale = (
        f"The library's categories are a closed list, and {path} is not one of them. It can be proposed: promoting the "
        "skill then waits until the category is in the library's taxonomy.yaml."
        if path
        else "A category is written in lower-case letters, digits and hyphens, as category or category/subcategory."
    )
    nearest = _nearest(typed, path, place.categories)
    return Place(
        path, is_listed=False, is_clear=False, rationale=rationale, nearest=nearest, categories=place.categories
    )


def slugged(text: str) -> str:
    """A typed category in the list's form, `category` or `category/subcategory`; empty when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    parts = ("-".join(re.findall(r"[a-z0-9]+", part))[:_PART].strip("-") for part in re.split(r"[/\\>]", plain))
    return "/".join([part for part in parts if part][:_LEVELS])


def _listed(typed: str, categories: Sequence[Category]) -> str | None:
    path = slugged(typed)
    if not path:
        return None
    paths = [category.path for category in categories]
    if path in paths:
        return path
    named = [
        category.path for category in categories if path in (category.path.rpartition("/")[2], slugged(category.title))
    ]
    return named[0] if len(named) == 1 else None


def _nearest(about: str, but: str, categories: Sequence[Category]) -> list[tuple[str, str]]:
    others = [category for category in categories if category.path != but]
    texts = [f"{each.path.replace('/', ' ')} {each.title} {each.description}" for each in others]
    scores = Bm25.of(texts).scores(about)
    best = sorted(range(len(others)), key=lambda index: (-scores[index], index))
    return [(others[index].path, others[index].title) for index in best[:_OFFERED]]
