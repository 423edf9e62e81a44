"""Skills of a library, written by hand."""

from collections.abc import Sequence
from typing import Any

from skill_fleet_common.library import (
    CategoryView,
    Change,
    LibraryRevision,
    SkillDetail,
    SkillSummary,
    TaxonomyView,
)
from skill_fleet_common.skills import Finding, Severity, SkillFile
from skill_fleet_tui.store.library import LibraryState
from tests.unit.store.builders import NOON

TAXONOMY = TaxonomyView(
    categories=[
        CategoryView(
            path="development",
            title="Development",
            subcategories=[CategoryView(path="development/python", title="Python")],
        ),
        CategoryView(path="security", title="Security"),
    ],
    skills=0,
    own=False,
)


def summary(
    name: str, path: str = "development", description: str = "Does something.", **given: Any
) -> SkillSummary:  # fmt: skip
    return SkillSummary(name=name, description=description, taxonomy_path=path, **given)


def detail(name: str, *, files: Sequence[str] = ("SKILL.md",), **given: Any) -> SkillDetail:
    known = {"description": "Does something.", "taxonomy_path": "development", "text": f"# {name}\n"}
    made = [SkillFile(path=path, size=12, sha256=path, revision=1) for path in files]
    return SkillDetail.model_validate({"name": name, **known, "files": made, "revisions": [revision(1)], **given})


def revision(number: int, **given: Any) -> LibraryRevision:
    return LibraryRevision.model_validate(
        {"revision": number, "change": Change.PROMOTED, "at": NOON, "by": "ann", **given}
    )


def finding(severity: str, *, line: int | None = None, path: str = "SKILL.md") -> Finding:
    return Finding(
        rule="N01", severity=Severity(severity), message="It is off.", path=path, line=line, fix="Put it right."
    )  # fmt: skip


def library(*skills: SkillSummary) -> LibraryState:
    state = LibraryState()
    state.take(list(skills), TAXONOMY, [])
    return state
