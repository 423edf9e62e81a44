"""What the settings file says about the dashboard and its servers: `[dashboard]`, `[dashboard.keys]`, `[servers.…]`.

Read before the first paint where there is a file, so it imports little. What is wrong is said with its line and
leaves the default in force: a dashboard with a typing error in its settings opens all the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

TABLE: Final = "dashboard"
SERVERS: Final = "servers"


def _setting(default: Any, said: str, *, choices: "tuple[str, ...] | range" = ()) -> Any:
    return field(default=default, metadata={"help": said, "choices": choices})


@dataclass(frozen=True)
class DashboardSettings:
    """The table `[dashboard]`."""

    theme: str = _setting("", "Colours, by a name that `/theme` offers. Goes before a theme chosen in the dashboard.")
    density: str = _setting(
        "normal", "`compact` leaves out the frames: more text on a small screen.", choices=("normal", "compact")
    )
    pane: str = _setting("jobs", "Which pane has the keys at the start.", choices=("jobs", "log", "preview"))
    mouse: bool = _setting(True, "Take the mouse. `false` leaves it to the terminal, as `--no-mouse` does.")
    alerts: Literal["unfocused", "always", "never"] = _setting(
        "unfocused",
        "When a new question rings: while the terminal has no focus, always, or never.",
        choices=("unfocused", "always", "never"),
    )
    bell: bool = _setting(True, "A new question rings the terminal's bell.")
    notice: bool = _setting(True, "A new question asks the terminal for a desktop notice (OSC 9).")
    title: bool = _setting(True, "The terminal's title says how many questions wait.")
    ssh_beats: int = _setting(
        7, "Over ssh the screen is brought up to date at most so many times a second (1 to 30).", choices=range(1, 31)
    )


@dataclass(frozen=True)
class Server:
    """A table `[servers.<name>]`."""

    name: str
    url: str
    token_file: Path | None = None


@dataclass(frozen=True)
class Configured:
    """What the file says, as far as it can be used."""

    path: Path | None = None
    """The file; `None` when there is none."""
    settings: DashboardSettings = DashboardSettings()
    keys: Mapping[str, Any] = field(default_factory=dict)
    """The table `[dashboard.keys]` as it stands: which keys there are is known later."""
    servers: Mapping[str, Server] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """What cannot be used, a sentence each, with the line."""
    text: str = ""

    def at(self, *name: str) -> str:
        """Where a name stands: `config.toml, line 3`."""
        from skill_fleet_common.toml_lines import line_of

        line = line_of(self.text, name)
        where = self.path.name if self.path is not None else "the settings file"
        return f"{where}, line {line}" if line else where


def read_configured(path: Path) -> Configured:
    """Read the file; one that is not there says nothing."""
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        return Configured()
    except OSError as error:
        return Configured(path, problems=(f"The settings file {path} cannot be read: {error.strerror}.",))
    except ValueError as error:
        return Configured(path, problems=(f"The settings file {path} is not TOML: {error}.",))
    at = Configured(path, text=text)
    problems: list[str] = []
    table = tables.get(TABLE, {})
    keys = table.pop("keys", {}) if isinstance(table, dict) else {}
    if not isinstance(keys, dict):
        problems.append(f"{at.at(TABLE, 'keys')}: keys is a table; write [dashboard.keys] on a line of its own.")
        keys = {}
    settings = _settings(table, at, problems)
    servers = {one.name: one for one in _servers(tables.get(SERVERS, {}), at, problems)}
    return Configured(path, settings, keys, servers, tuple(problems), text)


def _settings(table: Any, at: Configured, problems: list[str]) -> DashboardSettings:
    if not isinstance(table, dict):
        problems.append(f"{at.at(TABLE)}: dashboard is a table; write [dashboard] on a line of its own.")
        return DashboardSettings()
    known = {one.name: one for one in fields(DashboardSettings)}
    good: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            problems.append(f"{at.at(TABLE, name)}: [dashboard] has no setting {name!r}. {_hint(name, known)}")
        elif said := _wrong(value, known[name].default, known[name].metadata["choices"]):
            problems.append(f"{at.at(TABLE, name)}: {name} {said}.")
        else:
            good[name] = value
    return DashboardSettings(**good)


def _wrong(value: Any, default: Any, choices: Any) -> str:
    """What is wrong with a value; empty when nothing is."""
    if type(value) is not type(default):
        kind = {bool: "true or false", int: "a whole number"}.get(type(default), "a text")
        return f"has to be {kind}"
    if isinstance(choices, range):
        return "" if value in choices else f"has to be from {choices[0]} to {choices[-1]}"
    return "" if not choices or value in choices else f"has to be one of {', '.join(choices)}"


def _servers(table: Any, at: Configured, problems: list[str]) -> Iterator[Server]:
    for name, held in table.items() if isinstance(table, dict) else ():
        where = at.at(SERVERS, name)
        if not isinstance(held, dict) or not str(held.get("url", "")).startswith(("http://", "https://")):
            problems.append(f'{where}: a server needs its address: url = "http://…".')
            continue
        for unknown in held.keys() - {"url", "token_file"}:
            hint = _hint(unknown, ("url", "token_file"))
            problems.append(f"{at.at(SERVERS, name, unknown)}: [servers.{name}] has no setting {unknown!r}. {hint}")
        file = held.get("token_file")
        yield Server(name, str(held["url"]), Path(str(file)).expanduser() if file else None)


def _hint(name: str, known: Any) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"It has {', '.join(known)}."
