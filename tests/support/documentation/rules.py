"""The page of the rules a skill is checked by."""

import re
from typing import Any, Final

from tests.support.documentation.markdown import code, page, table


def rules_page() -> str:
    """Every rule of the rule engine, with an example of what it refuses and one of what it accepts."""
    from skill_fleet_server.quality import profiles, registry

    found = registry.every_rule()
    about = [(code(profile.id), profile.about) for profile in profiles.PROFILES.values()]
    parts = ["## Profiles", table(("profile", "what it is"), about)]
    for family in registry.FAMILIES:
        module = f"../../server/skill_fleet_server/quality/rules/{family}.py"
        parts.append(f"## [{family.capitalize()}]({module})")
        parts += [_rule(rule) for rule in found if rule.family == family]
    return page("Rules", _RULES_INTRO, *parts)


def _rule(rule: Any) -> str:
    from skill_fleet_server.quality.registry import USUAL

    facts = [f"*{rule.severity.value}*"]
    facts += [f"{severity.value} under {code(profile)}" for profile, severity in rule.severities.items()]
    if frozenset(rule.profiles) != frozenset(USUAL):
        facts.append("only under " + ", ".join(code(profile) for profile in sorted(rule.profiles)))
    if rule.can_fix:
        facts.append("`--fix` can put it right")
    said = [f"### {rule.id}", f"{rule.about}", " · ".join(facts) + f". Source: {rule.source}."]
    for label, example in (("Refused", rule.fails), ("Accepted", rule.passes)):
        caption, shown = _shown(example)
        if caption:
            said.append(f"{label}: {caption}.")
        elif shown:
            said.append(f"{label}:\n\n{_fenced(shown)}")
    return "\n\n".join(said)


def _shown(example: Any) -> tuple[str, str]:
    """What an example is called, or is: of several skills, the lines that clients list."""
    if not isinstance(example, tuple):
        return example.caption, example.shown()
    caption = next((each.caption for each in example if each.caption), "")
    return caption, "\n\n".join("\n".join(each.main_file().split("\n")[1:3]) for each in example)


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text.strip(chr(10))}\n{fence}"


_RULES_INTRO: Final = """\
What can be checked mechanically about a skill is checked by these rules, without a model. An *error* is something on
which some client really breaks, or that does harm; a *warning* makes a skill worse; *info* is worth knowing.
[Validate skills](../how-to/validate-skills.md) shows how to use them.

A job refines its draft, at most twice, while a rule finds an error or a warning or success criteria are not covered. It
keeps a refinement only if it measures better.

Under the profile of a client, rules about frontmatter, names and descriptions warn at most: what keeps a skill from
loading there is said by that client's own rule, `C01` to `C04`.

Rules of the family *across* judge skills that are kept together: those of one `validate`, or of the library. A skill
alone is compared with nothing."""
