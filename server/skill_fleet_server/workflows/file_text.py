"""The text of a skill's file: as it can be kept, and as events describe it."""

import hashlib

from skill_fleet_common.skills import SkillFile


def storable(text: str) -> str:
    """What a model wrote, without what no file and no database takes: NUL, and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def described(path: str, text: str, revision: int) -> SkillFile:
    """What events say of a file."""
    data = text.encode()
    return SkillFile(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest(), revision=revision)
