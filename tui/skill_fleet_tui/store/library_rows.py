"""The library as rows: categories, their subcategories, and the skills in each. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from skill_fleet_common.library import CategoryView, SkillSummary, TaxonomyView


class SkillRow(NamedTuple):
    """A row: of a category, or of a skill."""

    label: str
    depth: int
    name: str = ""
    """The skill's; empty for a category."""
    count: int = 0
    """Of a category: how many skills are listed in it and below it."""
    listed: bool = True
    """Of a category: whether the taxonomy has it."""
    path: str = ""
    """Of a category."""
    is_open: bool = True
    """Of a category: whether what is in it has rows."""


def rows_of(
    skills: Iterable["SkillSummary"], taxonomy: "TaxonomyView | None", words: str, folded: Collection[str] = ()
) -> list[SkillRow]:
    """Rows in the order of their paths. A category without a skill that is listed has none.

    Args:
        skills: All of them.
        taxonomy: What categories are called.
        words: Only skills that have all of these in name, description or category.
        folded: Paths of categories of which only the category itself has a row.
    """
    found = sorted(
        (each for each in skills if _has(each, words)), key=lambda each: (each.taxonomy_path.split("/"), each.name)
    )
    counts = Counter(path for each in found for path in paths_to(each.taxonomy_path))
    known = _categories(taxonomy.categories if taxonomy is not None else ())
    rows: list[SkillRow] = []
    above: list[str] = []
    for each in found:
        paths = paths_to(each.taxonomy_path)
        hidden = next((depth for depth, path in enumerate(paths) if path in folded), len(paths))
        for depth, path in enumerate(paths[: hidden + 1]):
            if path not in above:
                category = known.get(path)
                title = category.title if category is not None and category.listed else path.rpartition("/")[2]
                listed = taxonomy is None or (category is not None and category.listed)
                is_open = path not in folded
                rows.append(SkillRow(title, depth, count=counts[path], listed=listed, path=path, is_open=is_open))
        above = paths
        if hidden == len(paths):
            rows.append(SkillRow(each.name, len(paths), each.name))
    return rows


def paths_of(taxonomy: "TaxonomyView | None") -> list["CategoryView"]:
    """Every category and subcategory that a skill can be put into."""
    known = _categories(taxonomy.categories if taxonomy is not None else ())
    return [each for each in known.values() if each.listed]


def _categories(categories: Iterable["CategoryView"]) -> dict[str, "CategoryView"]:
    return {
        path: each
        for category in categories
        for path, each in {category.path: category, **_categories(category.subcategories)}.items()
    }


def paths_to(path: str) -> list[str]:
    """`a/b/c` as `a`, `a/b`, `a/b/c`; nothing for a skill that lies in no category."""
    parts = [part for part in path.split("/") if part]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _has(skill: "SkillSummary", words: str) -> bool:
    said = f"{skill.name} {skill.taxonomy_path} {skill.description}".casefold()
    return all(word in said for word in words.casefold().split())
