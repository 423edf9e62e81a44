"""Commands as they are typed: `/create TEXT`, `theme nord`. Reads a line, and completes it. Knows no widget."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from textual.fuzzy import FuzzySearch

from skill_fleet_tui.commands.registry import Command

MOST_SHOWN: Final = 8
"""Completions that are offered at once."""


One = TypeVar("One")


class CannotRun(Exception):
    """A line that is no command; the message says what to type instead."""


@dataclass(frozen=True)
class Argument:
    """Something that can be typed after a command's name."""

    value: str
    said: str = ""


@dataclass(frozen=True)
class Completion:
    """What a line can become."""

    line: str
    shown: str
    """The command with its argument, or the argument."""
    said: str


Arguments = Callable[[Command], Sequence[Argument]]
"""What is known of a command's argument; nothing for a free text."""


def read_line(line: str, commands: Iterable[Command]) -> tuple[Command, str]:
    """The command and what was typed after its name. The slash may be left out, and the name cut short.

    Raises:
        CannotRun: If there is no such command now, or it takes no argument.
    """
    name, text = _split(line)
    known = {command.name: command for command in commands}
    begun = [one for one in known if one.startswith(name)]
    found = known.get(name) or (known[begun[0]] if name and len(begun) == 1 else None)
    if found is None:
        close = begun or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"Did you mean {' or '.join(f'/{one}' for one in close[:3])}?" if close else "Tab shows what there is."
        raise CannotRun(f"There is no command /{name} now. {hint}")
    if text and not found.argument:
        raise CannotRun(f"/{found.name} takes nothing after it.")
    return found, text


def completions(line: str, commands: Iterable[Command], arguments: Arguments) -> list[Completion]:
    """What the line can become, the best first: commands by some letters, then their known arguments."""
    name, text = _split(line)
    if " " not in line.strip("/ ") and not line.endswith(" "):
        ranked = _ranked(name, [(command.name, command) for command in commands])
        return [_of_command(command) for command in ranked][:MOST_SHOWN]
    command = next((one for one in commands if one.name == name), None)
    if command is None or not command.argument:
        return []
    ranked = _ranked(text, [(f"{one.value} {one.said}", one) for one in arguments(command)])
    return [Completion(f"/{name} {one.value}", one.value, one.said) for one in ranked][:MOST_SHOWN]


def _split(line: str) -> tuple[str, str]:
    name, _, text = line.strip().removeprefix("/").lstrip().partition(" ")
    return name.lower(), text.strip()


def _of_command(command: Command) -> Completion:
    line = f"/{command.name} " if command.argument else f"/{command.name}"
    return Completion(line, f"{line.rstrip()} {command.argument}".rstrip(), command.help)


def _ranked(letters: str, named: Sequence[tuple[str, One]]) -> list[One]:
    """Those that have the letters in their order, the nearest first; all of them for no letters."""
    if not letters:
        return [one for _, one in named]
    search = FuzzySearch()
    scored = [(search.match(letters, name)[0], name.lower().startswith(letters.lower()), one) for name, one in named]
    return [one for score, _, one in sorted(scored, key=lambda each: (not each[1], -each[0])) if score > 0]
