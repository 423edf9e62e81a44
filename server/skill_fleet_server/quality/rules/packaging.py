"""P: what is in the directory can be copied, packed and uploaded."""

from collections.abc import Iterator
from typing import Final

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.skill import MAIN_FILE, OnDisk, Other, ParsedSkill

PACKAGE_BYTES: Final = 8_000_000
"""Largest skill that one platform takes."""

_JUNK: Final = frozenset({"node_modules", "__pycache__", ".venv", "venv", ".DS_Store", "Thumbs.db", ".pytest_cache"})


@Rule(
    "P01",
    "packaging",
    Severity.WARNING,
    source="packagers and upload limits",
    fails=Example(
        on_disk=OnDisk(others={"scripts/__pycache__/fill.pyc": Other("binary", 900)}),
        caption="scripts/__pycache__/fill.pyc",
    ),
    passes=Example(),
)
def package_is_small_and_clean(skill: ParsedSkill) -> Iterator[Notice]:
    """At most 8 MB, without what programs leave behind."""
    if skill.on_disk.size > PACKAGE_BYTES:
        megabytes = skill.on_disk.size / 1_000_000
        fix = "Leave out what can be downloaded or made again."
        yield Notice(message=f"The skill has {megabytes:.1f} MB; uploads take {PACKAGE_BYTES // 1_000_000}.", fix=fix)
    if skill.on_disk.incomplete:
        message = "The directory has more files than are looked at: the rest was not checked."
        yield Notice(message=message, fix="Leave out what does not belong to the skill.")
    seen: set[str] = set()
    for path in sorted((*skill.files, *skill.on_disk.others)):
        parts = path.split("/")
        junk = next((at for at, part in enumerate(parts) if part in _JUNK or part.endswith((".pyc", "~"))), None)
        if junk is not None and (where := "/".join(parts[: junk + 1])) not in seen:
            seen.add(where)
            yield Notice(message=f"{where} does not belong into a skill.", path=where, fix="Delete it.")


@Rule(
    "P02",
    "packaging",
    Severity.WARNING,
    source="packagers and copies lose links",
    fails=Example(
        on_disk=OnDisk(others={"references/handbook.md": Other("link out")}),
        caption="references/handbook.md, a link to ../../handbook.md",
    ),
    passes=Example(),
)
def files_are_files(skill: ParsedSkill) -> Iterator[Notice]:
    """No links, least of all out of the skill; nothing that cannot be read."""
    for path, other in sorted(skill.on_disk.others.items()):
        if path != MAIN_FILE and other.kind in _SAID:
            message, fix, severity = _SAID[other.kind]
            yield Notice(message=message, path=path, text=path, fix=fix, severity=severity)


_SAID: Final = {
    "link": ("This is a link; some copies and archives lose it.", "Name the file itself.", Severity.INFO),
    "link out": ("This link leads out of the skill, or nowhere.", "Copy the file into the skill.", None),
    "unreadable": ("This cannot be read.", "Give everybody the right to read it.", None),
    "special": ("This is a device or a pipe.", "Delete it.", None),
    "large": ("This is too large to be checked: more than 1 MB of text.", "Cut it into files.", Severity.INFO),
}
