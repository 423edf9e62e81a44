"""Fixes of the rules about characters and bodies."""

import re
from collections.abc import Callable
from typing import Final

from skill_fleet_server.quality.edits.change import Change
from skill_fleet_server.quality.skill import ParsedSkill

WINDOWS_PATH: Final = re.compile(r"(?<![\w:\\/])(?:\.\\)?(?:scripts|references|assets)(?:\\[\w.-]+)+")
"""A path of the skill's own files with backslashes."""

UNSEEN: Final = re.compile(
    "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\U000e0000-\U000e007f]|(?<!^)\ufeff"
    "|(?<![\u0600-\u1cff\u2600-\U0001faff\ufe0f])[\u200c\u200d]"
)
"""Characters that show nothing or turn the text around. Joiners are left to the scripts and emoji that need them."""

CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What strict YAML readers do not take for text."""


def _over_files(make: Callable[[str], str], endings: tuple[str, ...]) -> Callable[[ParsedSkill], Change | None]:
    def fix(skill: ParsedSkill) -> Change | None:
        changed = {
            path: new
            for path, text in skill.files.items()
            if path.endswith(endings) and path not in skill.on_disk.undecodable and (new := make(text)) != text
        }
        return Change(changed) if changed else None

    fix.__doc__ = make.__doc__
    return fix


def _clean(text: str) -> str:
    """No byte order mark, LF line ends, no control characters."""
    return CONTROL.sub("", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def _seen(text: str) -> str:
    """No invisible characters."""
    return UNSEEN.sub("", text)


clean_characters = _over_files(_clean, (".md", ".py", ".sh"))
remove_unseen = _over_files(_seen, ("",))


def forward(skill: ParsedSkill, path: str) -> str:
    """The path with forward slashes, if it is one of the skill's own; else nothing. In code it may be anything."""
    turned = path.replace("\\", "/").removeprefix("./")
    folder = turned.partition("/")[0] + "/"
    return turned if any(each.startswith(folder) for each in (*skill.files, *skill.on_disk.others)) else ""


def turn_backslashes(skill: ParsedSkill) -> Change | None:
    """Paths of the skill's own files have forward slashes, in its Markdown."""
    changed = {}
    for path in skill.markdown:
        text = skill.files.get(path, "")
        new = WINDOWS_PATH.sub(lambda match: forward(skill, match.group()) or match.group(), text)
        if new != text:
            changed[path] = new
    return Change(changed) if changed else None
