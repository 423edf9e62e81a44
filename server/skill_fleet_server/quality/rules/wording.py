"""B09 to B20: what the body says is true for long, for every machine, and clear about what to do."""

import re
from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality import prose
from skill_fleet_server.quality.edits.texts import WINDOWS_PATH, forward, turn_backslashes
from skill_fleet_server.quality.engine import Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.skill import MAIN_FILE, ParsedSkill, prose_blocks

_MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATED: Final = re.compile(
    rf"\b(?:before|after|until|as of|since)\s+(?:(?:{_MONTHS})\s+|mid-|early |late )?20\d\d\b", re.I
)
_FOR_NOW: Final = re.compile(
    r"\bcurrently (?:(?:un)?supports?(?:ed)?|not|only|(?:un)?available|in (?:alpha|beta|preview)|experimental|broken|"
    r"limited|requires?|lacks?)\b|\b(?:at the time of|as of (?:now|today|this)|at the moment of) ?(?:writing)?\b|"
    r"\b(?:was|were|been) (?:only )?recently\b|\brecently (?:introduced|released|deprecated)\b|"
    r"\bthe latest (?:[\w.]+ )?(?:version|release|model)s? (?:is|are|has|have|adds?|supports?|requires?)\b",
    re.IGNORECASE,
)
"""What is so now. `The latest file` and `the currently selected row` are so at any time."""
_USER_PATH: Final = re.compile(
    r"(?<![\w.~/])(?:/Users/|/home/)(?!you|user|username|me\b|name|<|\$|\{|\*|\.\.\.|\[)[\w.-]+/?|"
    r"\b[A-Z]:\\Users\\(?!you|user|name|<|%|\[)[\w.-]+"
)
_SHOUTED: Final = re.compile(r"\b(?:MUST|NEVER|ALWAYS|CRITICAL|IMPORTANT|MANDATORY|REQUIRED|FORBIDDEN)\b")
SHOUTED_LINES: Final = 5
SHOUTED_SHARE: Final = 0.2
_HEDGE: Final = re.compile(
    r"\b(?:try to|if possible|maybe|perhaps|as needed|as appropriate|handle errors appropriately|"
    r"follow best practices|be thorough|where applicable)\b",
    re.IGNORECASE,
)
_MENU: Final = re.compile(r"\b[\w.+-]+, [\w.+-]+,? (?:\w+, )?or (?!when\b|if\b|how\b|where\b|to\b)[\w.+-]+\b")
_DEFAULT: Final = re.compile(r"\b(?:default|prefer|recommend|usually|first choice|unless|such as|like)", re.IGNORECASE)
_CHOOSE: Final = re.compile(r"\b(?:use|choose|pick|with|either|try)\b", re.IGNORECASE)
_DANGEROUS: Final = re.compile(
    r"\b(?:deletes?|removes?|overwrites?|drops?|deploys?|publish(?:es)?|pushes|migrates?)\b", re.I
)
_CHECKS: Final = re.compile(
    r"\b(?:checks?|verif(?:y|ies)|validat\w+|confirm\w*|ask|tests?|dry[- ]run|compare|review|make sure)\b",
    re.IGNORECASE,
)


@Rule(
    "B09",
    "wording",
    Severity.WARNING,
    source="authors' guides: a skill is read years later",
    fails=Example(added="Until March 2026 use the old form. Other viewers are currently not supported."),
    passes=Example(added="Forms with a number below 500 use the old layout."),
)
def nothing_runs_out(skill: ParsedSkill) -> Iterator[Notice]:
    """No instruction that holds before or after a date or just now, except under a heading about what is old."""
    for pattern, severity, instead in ((_DATED, None, "a date"), (_FOR_NOW, Severity.INFO, "when it was written")):
        old = _lines_about_what_is_old(skill) if pattern.search(skill.body) else set()
        for line, text in _prose_lines(skill, pattern):
            if line not in old and (found := pattern.search(text)):
                fix = f"Say what to look at instead of {instead}, or move it to a section on old versions."
                message = f"“{found.group().strip()}” will not be true for long."
                yield Notice(message=message, place=Place(line, 1), text=text, fix=fix, severity=severity)


@Rule(
    "B10",
    "wording",
    Severity.WARNING,
    source="authors' guides: forward slashes work everywhere",
    fix=turn_backslashes,
    fails=Example(
        added=r"Run `scripts\fill.py`.", files={"scripts/fill.py": "#!/usr/bin/env python3\nprint('fill.py')\n"}
    ),
    passes=Example(added="Run `scripts/fill.py`.", files={"scripts/fill.py": "#!/usr/bin/env python3\nprint(1)\n"}),
)
def paths_have_forward_slashes(skill: ParsedSkill) -> Iterator[Notice]:
    """The skill's own files are named with `/`."""
    for path, number, line in _markdown_lines(skill, WINDOWS_PATH):
        found = WINDOWS_PATH.search(line)
        if found and (right := forward(skill, found.group())):
            yield Notice(
                message=f"{found.group()} is a path on Windows only.",
                place=Place(number, found.start() + 1),
                path=path,
                text=line,
                fix=f"Write {right}.",
            )


@Rule(
    "B11",
    "wording",
    Severity.WARNING,
    source="measured: such a path is on no other machine",
    fails=Example(added="The forms are in /Users/maria/forms.", caption="a path below one person's home directory"),
    passes=Example(added="The forms are in ~/forms."),
)
def paths_are_nobodys_own(skill: ParsedSkill) -> Iterator[Notice]:
    """No path in somebody's home directory."""
    for path, number, line in _markdown_lines(skill, _USER_PATH):
        if found := _USER_PATH.search(line):
            yield Notice(
                message=f"{found.group()} is on one person's machine only.",
                place=Place(number, found.start() + 1),
                path=path,
                text=line,
                fix="Write it relative to the skill, to the project, or to ~.",
            )


@Rule(
    "B12",
    "wording",
    Severity.INFO,
    source="authors' guides: capitals are a yellow flag",
    fails=Example(body="# Filling\n\n" + "".join(f"- You MUST do step {n}.\n" for n in range(6))),
    passes=Example(body="# Filling\n\n" + "".join(f"- Do step {n}, or the form stays empty.\n" for n in range(6))),
)
def nothing_is_shouted(skill: ParsedSkill) -> Iterator[Notice]:
    """Fewer than a fifth of the lines say MUST, NEVER, ALWAYS and the like."""
    if len(_SHOUTED.findall(skill.body)) < SHOUTED_LINES:
        return
    lines = [line for line in skill.body.split("\n") if line.strip()]
    shouted = [line for line in lines if _SHOUTED.search(line)]
    if len(shouted) >= SHOUTED_LINES and len(shouted) > SHOUTED_SHARE * len(lines):
        message = f"{len(shouted)} of {len(lines)} lines shout; then none is heard."
        yield Notice(message=message, place=Place(skill.body_line, 1), text=shouted[0], fix="Say why instead.")


@Rule(
    "B13",
    "wording",
    Severity.INFO,
    source="authors' guides: say what to do",
    fails=Example(added="Try to flatten the form if possible."),
    passes=Example(added="Flatten the form unless it will be filled again."),
)
def nothing_is_vague(skill: ParsedSkill) -> Iterator[Notice]:
    """No “try to”, “if possible”, “as needed”, “follow best practices”."""
    for line, text in _prose_lines(skill, _HEDGE):
        if found := _HEDGE.search(text):
            fix = "Say what to do, and when not to."
            yield Notice(message=f"“{found.group()}” leaves open what to do.", place=Place(line, 1), text=text, fix=fix)


@Rule(
    "B14",
    "wording",
    Severity.INFO,
    source="authors' guides: defaults, not menus",
    fails=Example(added="Use pdftk, qpdf, or pypdf."),
    passes=Example(added="Use pdftk; on machines without it, qpdf. Use it for forms, tables, or when asked to."),
)
def choices_have_a_default(skill: ParsedSkill) -> Iterator[Notice]:
    """Where three or more tools would do, one is the default."""
    for line, text in _prose_lines(skill, _MENU):
        found = _MENU.search(text)
        if found and _CHOOSE.search(text[: found.start()]) and not _DEFAULT.search(text):
            message = f"“{found.group()}” is a menu without a default."
            yield Notice(message=message, place=Place(line, 1), text=text, fix="Name one; say when to take another.")


@Rule(
    "B17",
    "wording",
    Severity.INFO,
    source="authors' guides: a loop of doing and checking",
    fails=Example(body="# Cleaning\n\n1. The command deletes the old forms.\n2. Then fill the new ones.\n"),
    passes=Example(body="# Cleaning\n\n1. The command deletes the old forms.\n2. Check that the new ones are there.\n"),
)
def what_changes_things_is_checked(skill: ParsedSkill) -> Iterator[Notice]:
    """A skill that deletes, overwrites or deploys says how to check what came of it."""
    found = _DANGEROUS.search(skill.body)
    if found and not _CHECKS.search(skill.body):
        yield Notice(
            message=f"The skill {found.group()}, and never says how to check the result.",
            place=Place(skill.body_line + skill.body.count("\n", 0, found.start()), 1),
            fix="Add a step that checks, before what cannot be undone and after it.",
        )


@Rule(
    "B18",
    "wording",
    Severity.INFO,
    source="authors' guides: one word for one thing",
    fails=Example(added="Copy the folder. The new folder is the directory to work in; no other directory is touched."),
    passes=Example(added="Copy the folder. The new folder is the one to work in; no other folder is touched."),
)
def one_thing_has_one_word(skill: ParsedSkill) -> Iterator[Notice]:
    """Not two words for one thing, each of them more than once: folder and directory, endpoint and route."""
    said = [(block, block.said.casefold()) for block in prose_blocks(skill)]
    for words in _SYNONYMS:
        uses = {word: [block for block, text in said for _ in re.finditer(rf"\b{word}s?\b", text)] for word in words}
        mixed = sorted((word for word in words if len(uses[word]) > 1), key=lambda word: -len(uses[word]))
        if len(mixed) > 1:
            first = uses[mixed[1]][0]
            yield Notice(
                message=f"{mixed[0].capitalize()} and {mixed[1]} are said of what may be one thing.",
                place=Place(first.line, 1),
                text=first.text,
                fix="Keep to one word, or say how they differ.",
            )


_SYNONYMS: Final = (
    ("folder", "directory"), ("endpoint", "route"), ("repository", "repo"), ("text box", "input field"),
    ("dropdown", "select box"), ("config file", "configuration file", "settings file"), ("web page", "webpage", "site"),
)  # fmt: skip
"""Plurals in s count, too."""


@Rule(
    "B20",
    "wording",
    Severity.INFO,
    source="measured: harder than 99 of 100 skills of vendors",
    fails=Example(
        added=" ".join(
            "Notwithstanding organisational considerations, administrators responsible for configuring authentication "
            "infrastructure should systematically investigate interoperability characteristics, documentation "
            "inconsistencies and architectural incompatibilities before initiating implementation activities."
            for _ in range(12)
        ),
        caption="twelve sentences of 26 long words each",
    ),
    passes=Example(),
)
def prose_can_be_read(skill: ParsedSkill) -> Iterator[Notice]:
    """The prose is not harder to read than grade 14.8 (Flesch-Kincaid)."""
    if prose.hardest(skill) < prose.HARD:
        return
    grade = prose.readability(skill).value
    if grade is not None and grade > prose.HARD:
        message = f"The prose is hard to read: grade {grade:.1f}; most well-kept skills have 6 to 11."
        fix = "Make two sentences of one, and take the shorter word."
        yield Notice(message=message, place=Place(skill.body_line, 1), fix=fix)


def _prose_lines(skill: ParsedSkill, about: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The lines of every paragraph in which the pattern is found."""
    for block in prose_blocks(skill):
        if not block.quoted and about.search(block.text):
            yield from enumerate(block.text.split("\n"), block.line)


def _markdown_lines(skill: ParsedSkill, about: re.Pattern[str]) -> Iterator[tuple[str, int, str]]:
    """The lines of every Markdown file in which the pattern is found, with path and number."""
    for path in skill.markdown:
        text, first = (skill.body, skill.body_line) if path == MAIN_FILE else (skill.files[path], 1)
        if about.search(text):
            yield from ((path, number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), first))


def _lines_about_what_is_old(skill: ParsedSkill) -> set[int]:
    found: set[int] = set()
    inside = False
    for number, line in enumerate(skill.body.split("\n"), skill.body_line):
        if line.startswith(("#", "<details", "</details")):
            inside = bool(re.search(r"(?i)\b(?:old|legacy|deprecated|history|earlier|changelog)\b|<details", line))
        if inside:
            found.add(number)
    return found
