"""A tree of many skills, as somebody's checkout has it: most are fine, some are not."""

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

_DOES = (
    "reviewing",
    "writing",
    "migrating",
    "testing",
    "drawing",
    "cleaning",
    "planning",
    "measuring",
    "naming",
    "fixing",
)
_WHAT = (
    "tables", "invoices", "certificates", "dashboards", "letters", "prompts", "meetings", "logs", "icons", "forms",
    "releases", "queries", "containers", "contracts", "slides", "notebooks", "budgets", "traces", "themes", "schemas",
    "tickets", "mails", "charts", "manuals", "surveys", "pipelines", "secrets", "packages", "sketches", "recipes",
)  # fmt: skip


def names() -> Iterator[str]:
    """Names of skills, all different."""
    return (f"{does}-{what}" for what, does in product(_WHAT, _DOES))


def skill_text(name: str, *, number: int = 0) -> str:
    """A SKILL.md as people write them, with a frontmatter that every client takes."""
    does, _, what = name.partition("-")
    return (
        f"---\nname: {name}\n"
        f"description: Helps with {does} {what}, number {number}. Use when somebody asks for {does} {what}.\n---\n\n"
        f"# {does.capitalize()} {what}\n\n## Steps\n\n1. Look at the {what}.\n2. Do the {does}.\n\n"
        f"See [the details](references/{what}.md).\n"
    )


def checkout(root: Path, count: int) -> Path:
    """A folder with so many skills in it, each with a reference, among files that are none."""
    (root / ".git").mkdir(parents=True)
    (root / "README.md").write_text("# Skills\n")
    for number, name in enumerate(islice(names(), count)):
        folder = root / "skills" / name
        (folder / "references").mkdir(parents=True)
        (folder / "SKILL.md").write_text(skill_text(name, number=number))
        (folder / "references" / f"{name.partition('-')[2]}.md").write_text("# Details\n\nMore of it.\n")
    return root
