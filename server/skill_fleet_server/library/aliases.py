"""What skills were called, or where they were, before: `aliases.json` in the library's folder."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from skill_fleet_server.library.disk import write_file
from skill_fleet_server.library.journal import Step

FILE: Final = "aliases.json"
BYTES: Final = 2_000_000

_log = logging.getLogger(__name__)


class Aliases:
    """Former names, and former paths `category/name`, each with the name of the skill now."""

    def __init__(self, library: Path) -> None:
        self._file = library / FILE

    def all(self) -> dict[str, str]:
        """Every alias. A file that cannot be read counts as empty, and the log says so."""
        try:
            if self._file.is_symlink() or self._file.stat().st_size > BYTES:
                raise ValueError("it is a link, or too large")
            read = json.loads(self._file.read_text("utf-8"))
            if not isinstance(read, dict):
                raise TypeError("it is not an object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, RecursionError) as error:
            _log.warning("%s cannot be read: %s", FILE, error)
            return {}
        return {key: value for key, value in read.items() if isinstance(key, str) and isinstance(value, str)}

    def of(self, name: str) -> list[str]:
        """The aliases that lead to a skill."""
        return sorted(alias for alias, target in self.all().items() if target == name)

    def steps(self, changed: Mapping[str, str], staging: Path) -> list[Step]:
        """The renames that put other aliases in place of these; none if they are the same."""
        if changed == self.all():
            return []
        new = staging / FILE
        write_file(new, (json.dumps(dict(sorted(changed.items())), indent=2, ensure_ascii=False) + "\n").encode())
        old = [Step(self._file, staging / f"{FILE}.old")] if self._file.exists() or self._file.is_symlink() else []
        return [*old, Step(new, self._file)]


def redirected(aliases: Mapping[str, str], alias: str, name: str) -> dict[str, str]:
    """The aliases when `alias` leads to `name` from now on; what led to `alias` leads there, too."""
    changed = {old: name if target == alias else target for old, target in aliases.items()}
    changed[alias] = name
    return without(changed, name)


def without(aliases: Mapping[str, str], name: str) -> dict[str, str]:
    """The aliases when a skill has that name itself."""
    return {alias: target for alias, target in aliases.items() if alias != name}
