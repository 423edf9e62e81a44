"""A library in a test's directory, and what goes into it."""

from pathlib import Path

from skill_fleet_server.grounding import instructions
from skill_fleet_server.library import Catalog, Drafts, Taxonomy
from skill_fleet_server.library.evidence import Evidence
from skill_fleet_server.library.library import Library
from skill_fleet_server.quality import skill_md

BODY = "# Filling forms\n\n## Steps\n\n1. Open the form.\n2. Fill in every field.\n"


def library(data_dir: Path) -> Library:
    """The library of a data directory; the categories are those that come with the server."""
    return Library(data_dir, Catalog(data_dir), Drafts(data_dir), lambda: Taxonomy.load(data_dir))


def skill(name: str = "pdf-forms", description: str = "", taxonomy: str = "development", body: str = BODY) -> str:
    """A SKILL.md that passes."""
    about = description or f"Does {name.replace('-', ' ')} step by step. Use when somebody asks for {name}."
    return skill_md(name, about, body, metadata={"taxonomy": taxonomy} if taxonomy else {})


def draft(
    data_dir: Path,
    job_id: str = "job-1",
    name: str = "pdf-forms",
    text: str = "",
    evidence: Evidence | None = None,
    **more: str,
) -> None:
    """A finished job's draft."""
    files = {path.replace("__", "/").replace("_md", ".md"): content for path, content in more.items()}
    Drafts(data_dir).write(job_id, name, {"SKILL.md": text or skill(name), **files}, evidence)


def evidence(text: str = "", *queries: str) -> Evidence:
    """What a job knew of a skill: each of its instructions comes from line 1 of a guide, quoted."""
    origin = {"origin": "source", "reference": "guide.md:1-1", "quote": "as the guide says", "verified": True}
    told = [{"id": each.id, "text": each.text, "line": each.line, **origin} for each in instructions(text or skill())]
    asked = [{"query": query, "kind": "positive"} for query in queries or ("Fill in this form for me",)]
    return Evidence.model_validate({"queries": asked, "provenance": told})


def shelve(data_dir: Path, path: str, text: str = "") -> Path:
    """A skill that somebody put into the library by hand, at `category/name`."""
    directory = data_dir / "library" / path
    directory.mkdir(parents=True)
    category, _, name = path.rpartition("/")
    (directory / "SKILL.md").write_text(text or skill(name, taxonomy=category))
    return directory


def tree(root: Path) -> dict[str, str]:
    """Every file below a directory but the library's own notes."""
    return {
        file.relative_to(root).as_posix(): file.read_bytes().decode()
        for file in sorted(root.rglob("*"))
        if file.is_file() and ".fleet" not in file.parts
    }
