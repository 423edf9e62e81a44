"""The settings file: its tables, and the line on which something in it stands."""

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs

from skill_fleet_common.toml_lines import line_of
from skill_fleet_server.errors import CannotStart

_TABLES: Final = ("server", "models", "client", "dashboard", "servers")


def default_path() -> Path:
    """Where the file is looked for when nothing names it."""
    return Path(platformdirs.user_config_dir("skill-fleet")) / "config.toml"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """One settings file as it was read; empty when there is none."""

    path: Path
    text: str
    tables: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "SettingsFile":
        """Read a file, or nothing if it does not exist.

        Raises:
            CannotStart: If it cannot be read, or is not TOML, or has a table nobody knows.
        """
        try:
            text = path.read_text(encoding="utf-8")
            tables = tomllib.loads(text)
        except FileNotFoundError:
            return cls(path, "", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise CannotStart(f"The settings file {path} cannot be read: {error}.") from None
        file = cls(path, text, tables)
        for name in tables:
            if name not in _TABLES:
                raise file.unknown(("", name), f"there is no table [{name}]", _TABLES)
            if not isinstance(tables[name], dict):
                raise CannotStart(f"{path}: {name} is a table; write [{name}] on a line of its own.")
        return file

    def table(self, name: str) -> dict[str, Any]:
        """One table's settings."""
        return self.tables.get(name, {})

    def check_server_keys(self, known: set[str]) -> None:
        """Refuse a misspelt setting of the server instead of ignoring it.

        Raises:
            CannotStart: Naming the file, the line, and what was probably meant.
        """
        for key in self.table("server"):
            if key not in known:
                raise self.unknown(("server", key), f"[server] has no setting {key!r}", tuple(sorted(known)))

    def unknown(self, name: tuple[str, ...], what: str, known: tuple[str, ...]) -> CannotStart:
        """The error for something nobody knows."""
        close = difflib.get_close_matches(name[-1], known, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"It knows {', '.join(known)}."
        return CannotStart(f"{self.place(name) or self.path}: {what}. {hint}")

    def place(self, name: tuple[str, ...]) -> str | None:
        """Where a setting is set: `path, line n`; `None` if it is not set here."""
        held: Any = self.tables
        for part in name if name[0] else name[1:]:
            if not isinstance(held, dict) or part not in held:
                return None
            held = held[part]
        line = line_of(self.text, name)
        return f"{self.path}, line {line}" if line else str(self.path)
