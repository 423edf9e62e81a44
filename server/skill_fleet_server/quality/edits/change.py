"""What a fix does to a skill."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """New texts for some files, and maybe a new name for the directory."""

    files: Mapping[str, str] = field(default_factory=dict)
    """By path. Files that are not named stay as they are."""
    directory: str | None = None
