"""The pages of commands and of keys."""

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from functools import cache
from typing import Any, Final

from skill_fleet_server.__main__ import WITHOUT_A_SERVER
from tests.support.documentation.markdown import code, page, table
from tests.support.documentation.models import doc_of

_HELP_COLUMNS: Final = "80"


def cli_page() -> str:
    """Every command's help, and the exit codes."""
    from skill_fleet_tui.cli import exits

    codes = [(str(one.value), doc_of(exits.Exit, one.name)) for one in exits.Exit]
    parts = [f"## `{' '.join(words)}`\n\n```text\n{text}\n```" for words, text in helps()]
    return page("Commands", _CLI_INTRO, "## Exit codes", table(("code", "meaning"), codes), *parts)


_CLI_INTRO: Final = """\
`skill-fleet-tui` opens the dashboard; `skill-fleet` is everything without a screen. Both find the server of this
machine, or start one. With `--url` (or `SKILL_FLEET_URL`) they use another.

What a command finds is written to stdout, what it does meanwhile to stderr. With `--json` stdout holds JSON only: one
document, or one per line where a command follows something. An error is then
`{"error": {"message": …, "hint": …, "code": …}}` on stderr."""


def helps() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every command with its help."""
    from skill_fleet_tui.__main__ import parser

    with _Columns():
        yield ("skill-fleet-tui",), parser().format_help().strip()
        for words in commands():
            yield words, _help(words)


def commands() -> list[tuple[str, ...]]:
    """Every command of `skill-fleet`, itself first."""
    import typer.main

    from skill_fleet_tui.cli.main import app

    def below(words: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
        yield words
        for name, inner in getattr(command, "commands", {}).items():
            yield from below((*words, name), inner)

    return list(below(("skill-fleet",), typer.main.get_command(app)))


THE_SERVERS_OWN: Final[dict[str, tuple[str, ...]]] = {
    "serve": (),
    "worker": (),
    "db": ("upgrade", "check", "backup", "copy"),
    "doctor": (),
    **dict.fromkeys(WITHOUT_A_SERVER, ()),
}
"""Commands that become the server's program, with their actions: their flags are its."""


@cache
def _help(words: tuple[str, ...]) -> str:
    if words[-1] in THE_SERVERS_OWN:
        command = words[-1]
        return "\n\n".join([servers_help(command), *(servers_help(command, at) for at in THE_SERVERS_OWN[command])])
    from typer.testing import CliRunner

    from skill_fleet_tui.cli.main import app

    result = CliRunner().invoke(app, [*words[1:], "--help"], prog_name=words[0])
    return result.output.strip()


def servers_help(*words: str) -> str:
    """What the server's program says to `--help`; words that name no action are left out."""
    words = (words[0], *(word for word in words[1:] if word in THE_SERVERS_OWN[words[0]]))
    from skill_fleet_server.__main__ import main as server

    said = io.StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        server([*words, "--help"])
    return said.getvalue().strip()


class _Columns:
    """Help as a terminal of a fixed width shows it."""

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in ("COLUMNS", "NO_COLOR")}
        os.environ.update(COLUMNS=_HELP_COLUMNS, NO_COLOR="1")

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def keys_page() -> str:
    """Every key of the dashboard."""
    from skill_fleet_tui.commands.bound import everything_bound
    from skill_fleet_tui.commands.keymap import KeyMap
    from skill_fleet_tui.commands.registry import MORE_KEYS

    keys, places = KeyMap(), dict[str, list[tuple[str, str, str, str]]]()
    for one in everything_bound():
        row = (_keys(keys.shown(one.id, one.keys)), code(one.typed) if one.typed else "", one.help, code(one.id))
        places.setdefault(one.place, []).append(row)
    places["In a question"] += [(_keys(shown), "", said, "") for shown, said in MORE_KEYS]
    parts = [part for place, rows in places.items() for part in (f"## {place}", _keys_table(rows))]
    return page("Keys of the dashboard", _KEYS_INTRO, *parts)


def _keys_table(rows: list[tuple[str, str, str, str]]) -> str:
    if any(typed for _, typed, _, _ in rows):
        return table(("key", "typed", "what it does", "id"), rows)
    return table(("key", "what it does", "id"), [(key, said, binding) for key, _, said, binding in rows])


_KEYS_INTRO: Final = """\
`?` shows the same in the dashboard, for the focused panel first. Letters work whenever the focus is not in a text
field. `^p` is Control and p. `:` opens a line in which commands are typed, by some letters of their names: `tab`
completes it, `↑` brings back what was typed before. Every key can be changed by its id in the settings file:

```toml
[dashboard.keys]
"job.create" = "ctrl+n"
"view.follow" = ["space", "b"]
```"""


def _keys(shown: str) -> str:
    return " ".join(key if key == "…" else code(key) for key in shown.split())
