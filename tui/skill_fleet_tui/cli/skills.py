"""`skills list, search, show, diff, route, budget`: look around in the library."""

import difflib
import sys
from collections.abc import Iterator
from contextlib import suppress

from rich import box
from rich.table import Table
from rich.text import Text

from skill_fleet_common.evidence import SkillEvidence, SkillRouting
from skill_fleet_common.library import LibraryRevision, SkillDetail, SkillSummary
from skill_fleet_common.skills import Severity
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import Refused, UsageProblem
from skill_fleet_tui.client.skills import SkillsClient
from skill_fleet_tui.text.amounts import faults_text
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.evidence_lines import led_elsewhere, led_said, origins_said, queries_said

_TEXTS = (".md", ".txt", ".py", ".sh", ".js", ".ts", ".json", ".toml", ".yaml", ".yml", ".csv")
_SEVERITY_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}


def list_skills(session: Session, *, category: str, q: str, limit: int) -> Exit:
    """List skills, by category and name, or best match first."""

    async def read(api: ApiClient) -> list[SkillSummary]:
        return await SkillsClient(api).all(category=category, q=q, limit=limit)

    found = session.request(read)
    if session.json:
        session.document({"skills": [skill.model_dump(mode="json") for skill in found]})
    elif not found:
        session.note(_nothing(category, q))
    elif session.out.is_terminal:
        session.out.print(_table(found))
    else:
        for skill in found:
            faults = faults_text(skill.errors, skill.warnings)
            session.line("\t".join([skill.name, skill.taxonomy_path, clean_line(skill.description), faults]))
    return Exit.OK


def show_skill(session: Session, name: str) -> Exit:
    """Show one skill with all that is known of it."""

    async def read(api: ApiClient) -> tuple[SkillDetail, SkillEvidence, SkillRouting]:
        client = SkillsClient(api)
        found = await client.skill(name)
        return found, await client.evidence(found.name), await client.routing(found.name)

    skill, evidence, routing = session.request(read)
    if session.json:
        known = {"evidence": evidence, "routing": routing}
        dumped = {key: value.model_dump(mode="json", exclude_none=True) for key, value in known.items()}
        session.document({**skill.model_dump(mode="json", exclude_none=True), **dumped})
        return Exit.OK
    if skill.resolved_from:
        session.note(f"{skill.resolved_from} is {skill.taxonomy_path}/{skill.name} now.")
    session.line(skill.name, "bold")
    known_of = [("where from", origins_said(evidence)), ("test queries", queries_said(routing))]
    for label, value in [*_facts(skill), *known_of]:
        if value:
            session.line(f"  {label:<12} {clean_line(value)}")
    for query in led_elsewhere(routing):
        style = "dim" if query.kind == "edge" else "yellow"
        session.line(f"    {clean_line(query.query)}\n      {led_said(query, routing.name)}", style)
    for file in skill.files:
        session.line(f"    {file.path:<44} {file.size:>9,} bytes")
    for finding in skill.findings:
        where = f"{finding.path}:{finding.line}" if finding.line else finding.path
        said = f"  {finding.severity.value:<8} {finding.rule}  {where}  {clean_line(finding.message)}"
        session.line(said, _SEVERITY_STYLES[finding.severity])
    for revision in skill.revisions:
        session.line(f"  {_revision_line(revision)}")
    session.note(f"Read it with: skill-fleet skills show {skill.name} --file SKILL.md", "dim")
    return Exit.OK


def print_file(session: Session, name: str, path: str, revision: int | None) -> Exit:
    """Print a file as it is; cleaned where a terminal would obey it."""
    if sys.stdout.isatty():
        session.line(session.request(lambda api: SkillsClient(api).text(name, path, revision)).rstrip("\n"))
    else:
        sys.stdout.buffer.write(session.request(lambda api: SkillsClient(api).file(name, path, revision)))
        sys.stdout.buffer.flush()
    return Exit.OK


def show_diff(session: Session, name: str, old: int | None, new: int | None) -> Exit:
    """Show what changed between two revisions."""

    async def read(api: ApiClient) -> tuple[SkillDetail, list[dict[str, str]], list[int]]:
        client = SkillsClient(api)
        skill = await client.skill(name)
        known = [each.revision for each in skill.revisions]
        later = new or known[0]
        asked = [old or next((each for each in known if each < later), later), later]
        if not set(asked) <= set(known):
            there = ", ".join(map(str, sorted(known)))
            raise UsageProblem(f"{skill.name} has the revisions {there}.", "Name two of these.")
        return skill, [await _texts(client, skill, revision) for revision in asked], asked

    skill, (before, after), (earlier, later) = session.request(read)
    lines = list(_changes(before, after, f"r{earlier}", f"r{later}"))
    if not lines:
        session.note(f"{skill.name} has the same texts in revisions {earlier} and {later}.")
    for line in lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1]) if session.out.is_terminal else None
        session.line(line, style)
    return Exit.OK


def show_route(session: Session, query: str, limit: int) -> Exit:
    """Show where a query leads, and why."""
    found = session.request(lambda api: SkillsClient(api).route(query, limit=limit))
    if session.json:
        session.document(found)
        return Exit.OK
    if not found.skills:
        session.note("The library has no skills yet. Put one in with: skill-fleet skills promote JOB")
        return Exit.OK
    if not found.ranked:
        session.line(f"No skill shares a word with it. Of {counted(found.skills)}, none would be picked.")
    elif found.picked:
        session.line(f"{found.picked} would be picked, of {counted(found.skills)}.", "bold")
    else:
        session.line(f"{found.ranked[0].name} and {found.ranked[1].name} are equal: which one an agent takes is open.")
    for skill in found.ranked:
        words = ", ".join(f"{word.word} {word.score:.1f}" for word in skill.words[:6])
        session.line(f"  {skill.score:6.2f}  {skill.name:<32} {words}")
    session.note(found.limits, "dim")
    return Exit.OK


def show_budget(session: Session) -> Exit:
    """Show what all descriptions take in each client's list."""
    found = session.request(lambda api: SkillsClient(api).budget())
    if session.json:
        session.document(found)
        return Exit.OK
    session.line(counted(found.skills))
    for client in found.clients:
        of = f" of {client.limit:,}" if client.limit else ""
        session.line(f"  {client.client:<8} {client.characters:>8,}{of} characters", "yellow" if client.over else None)
        session.line(f"           {client.how}", "dim" if session.out.is_terminal else None)
        if client.too_long:
            session.line(f"           Too long: {', '.join(client.too_long)}", "yellow")
    return Exit.OK


def counted(number: int) -> str:
    """So many skills, in words."""
    return "1 skill" if number == 1 else f"{number:,} skills"


def _nothing(category: str, q: str) -> str:
    if q:
        return "No skill has these words in its name or description. See all with: skill-fleet skills list"
    if category:
        return f"There are no skills in {category}. The categories: skill-fleet taxonomy"
    return (
        "There are no skills in the library yet. Keep a finished job's draft with: skill-fleet skills promote JOB\n"
        "Or bring some along: skill-fleet skills import FOLDER --dry-run"
    )


def _table(skills: list[SkillSummary]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("skill", no_wrap=True)
    table.add_column("category", no_wrap=True)
    table.add_column("rules find", no_wrap=True)
    table.add_column("what it does", overflow="ellipsis", no_wrap=True, ratio=1)
    for skill in skills:
        demo = "demo · " if skill.demo else ""
        faults = faults_text(skill.errors, skill.warnings)
        style = "red" if skill.errors else "yellow" if skill.warnings else "dim"
        about = f"{demo}{clean_line(skill.description)}"
        table.add_row(skill.name, skill.taxonomy_path, Text(faults, style), about)
    return table


def _facts(skill: SkillDetail) -> list[tuple[str, str]]:
    listed = ", ".join(f"{size.client} {size.characters:,}" for size in skill.listing)
    measures = ", ".join(f"{each.name} {each.value:g}" for each in skill.measures if each.value is not None)
    return [
        ("category", skill.taxonomy_path),
        ("does", skill.description),
        ("written by", "the demo model" if skill.demo else ""),
        ("job", skill.job_id),
        ("was", ", ".join(skill.aliases)),
        ("listing", f"{listed} characters"),
        ("measures", measures),
        ("left out", "; ".join(skill.left_out)),
    ]


def _revision_line(revision: LibraryRevision) -> str:
    at = revision.at.astimezone().strftime("%Y-%m-%d %H:%M") if revision.at else ""
    parts = [
        f"r{revision.revision}",
        revision.change.value,
        revision.note,
        at,
        "edited by hand since" if revision.edited else "",
    ]
    return "  ".join(part for part in parts if part)


async def _texts(client: SkillsClient, skill: SkillDetail, revision: int) -> dict[str, str]:
    """The texts of a revision; of the newest as they are now, so that edits by hand count."""
    newest = revision == skill.revision
    texts = {}
    for path in (file.path for file in skill.files if file.path.endswith(_TEXTS)):
        with suppress(Refused):  # a file that this revision did not have
            texts[path] = await client.text(skill.name, path, None if newest else revision)
    return texts


def _changes(before: dict[str, str], after: dict[str, str], old: str, new: str) -> Iterator[str]:
    for path in sorted({*before, *after}):
        earlier, later = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        yield from difflib.unified_diff(earlier, later, f"{old}/{path}", f"{new}/{path}", lineterm="")
