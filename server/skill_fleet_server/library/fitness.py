"""Whether a skill from elsewhere passes, under which name, and what would put it right if it does not."""

from dataclasses import dataclass, field

from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.errors import Invalid
from skill_fleet_server.library.contents import Contents
from skill_fleet_server.library.paths import check_name
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.naming import is_strict, slug
from skill_fleet_server.quality.repair import repair
from skill_fleet_server.quality.skill import ParsedSkill


@dataclass(frozen=True)
class Fitness:
    """What was found out about a skill."""

    name: str
    """What it is called: by its frontmatter if that will do, else by its folder."""
    skill: ParsedSkill
    contents: Contents
    """As it goes into the library; repaired if it has to be."""
    errors: list[Finding] = field(default_factory=list)
    """What is wrong with it as it came."""
    repairs: list[str] = field(default_factory=list)
    """What was put right; empty when nothing had to be, or it does not pass all the same."""
    refused: str = ""
    """Why it does not pass, even repaired."""


def judged(contents: Contents, folder: str) -> Fitness:
    """Check a skill, and repair it if that is what it takes.

    Args:
        contents: Its files.
        folder: The name of the folder it came in; may be empty.
    """
    name = contents.skill().string("name") or ""
    name = name if is_strict(name) else slug(folder) or slug(name) or folder
    skill = contents.skill(name)
    errors = _errors(skill)
    if not errors:
        return Fitness(name, skill, contents, refused=_name_problem(name))
    done = repair(skill)
    left = _errors(done.skill) if done.files else errors
    if left:
        return Fitness(name, skill, contents, errors, refused=_said(left))
    repaired = contents.with_texts(done.files)
    better = done.skill.string("name") or name
    fixed = [f"{found.rule}: {found.message}" for found in check_skill(skill) if found.rule in done.rules]
    repairs = list(dict.fromkeys(fixed)) or list(done.rules)
    return Fitness(better, done.skill, repaired, errors, repairs, _name_problem(better))


def _errors(skill: ParsedSkill) -> list[Finding]:
    return [found for found in check_skill(skill) if found.severity is Severity.ERROR]


def _name_problem(name: str) -> str:
    try:
        check_name(name)
    except Invalid as error:
        return error.detail
    return ""


def _said(errors: list[Finding]) -> str:
    first = errors[0]
    where = f"{first.path}:{first.line}" if first.line else first.path
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{where}: {first.message}{more}"
