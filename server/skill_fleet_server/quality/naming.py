"""What the specification and clients say of names, as the one place rules and suggestions share."""

import re
import unicodedata
from typing import Final

NAME_CHARACTERS: Final = 64
"""Longest name."""

RESERVED: Final = ("claude", "anthropic")
"""Words that one vendor's platform refuses inside a name."""

VAGUE_PARTS: Final = frozenset({"helper", "helpers", "util", "utils", "misc"})
"""Say nothing anywhere in a name."""
VAGUE_NAMES: Final = VAGUE_PARTS | {
    "tool", "tools", "data", "file", "files", "document", "documents", "common", "skill",
}  # fmt: skip
"""Say nothing as a whole name."""

_KEBAB: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_strict(name: str) -> bool:
    """Whether every client takes the name: ASCII lower-case words and digits joined by single hyphens, at most 64."""
    return len(name) <= NAME_CHARACTERS and _KEBAB.fullmatch(name) is not None


def is_lenient(name: str) -> bool:
    """The same with letters of any script, as the reference validator reads the specification."""
    return (
        0 < len(name) <= NAME_CHARACTERS
        and name == name.lower()
        and all(part and part.isalnum() for part in name.split("-"))
    )


def slug(text: str) -> str:
    """A name that every client takes, with the same letters as far as there are such; empty when there are none."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode().casefold().replace("'", "")
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:NAME_CHARACTERS].strip("-")
