"""Repairs: shown as a difference, asked about, written whole or not at all, and then checked again."""

import difflib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from skill_fleet_server.cli.printing import printable
from skill_fleet_server.quality.reading import read_skill
from skill_fleet_server.quality.repair import Repair, repair
from skill_fleet_server.quality.secrets import masked

Asked = Callable[[str], bool]
"""Whether somebody agrees."""


class NotWritten(Exception):
    """A repair could not be written; says which and why."""


def fix(directory: Path, profile: str, only: frozenset[str], console: Console, agreed: Asked) -> Path:
    """Show what can be put right in one skill, and write it if that is wanted. Returns where the skill is then.

    Raises:
        NotWritten: If the disk did not take it. Files that were written before stay written.
        OSError: If the directory cannot be read.
    """
    skill = read_skill(directory)
    repaired = repair(skill, profile, only)
    if not repaired.rules:
        return directory
    _show(directory, {path: skill.files[path] for path in repaired.files}, repaired, console)
    what = f"{printable(directory)}: apply the fixes of {', '.join(repaired.rules)}?"
    if not agreed(what):
        return directory
    for path, text in repaired.files.items():
        _write(directory, path, text)
    return _rename(directory, repaired.directory) if repaired.directory else directory


def _show(directory: Path, before: dict[str, str], repaired: Repair, console: Console) -> None:
    for path, text in sorted(repaired.files.items()):
        name = (directory / path).as_posix().lstrip("/")
        lines = difflib.unified_diff(
            masked(before[path]).splitlines(), masked(text).splitlines(), f"a/{name}", f"b/{name}", lineterm=""
        )
        for line in lines:
            style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            console.print(Text(printable(line), style=style), soft_wrap=True)
        if before[path].splitlines() == text.splitlines():
            console.print(Text("  line ends or the byte order mark change", style="dim"))
    if repaired.directory:
        console.print(Text(f"rename {printable(directory)} to {repaired.directory}", style="cyan"))


def _write(directory: Path, path: str, text: str) -> None:
    """Replace a file by a finished one, so that nobody ever reads half of it. Never through a link."""
    target = directory.joinpath(*path.split("/"))
    root = os.path.realpath(directory)
    inside = os.path.realpath(target.parent)
    if target.is_symlink() or (inside != root and not inside.startswith(root + os.sep)):
        raise NotWritten(f"{printable(target)} leads out of the skill; it was not written.")
    temporary = ""
    try:
        mode = target.stat().st_mode & 0o7777
        descriptor, temporary = tempfile.mkstemp(prefix=".fix-", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", errors="replace"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        reason = error.strerror or type(error).__name__
        raise NotWritten(f"{printable(target)} was not written: {reason}. Put that right and run it again.") from error


def _rename(directory: Path, name: str) -> Path:
    directory = Path(os.path.abspath(directory))
    target = directory.with_name(name)
    if os.path.lexists(target):
        raise NotWritten(f"{printable(directory)} was not renamed: there is a {name} beside it already.")
    try:
        directory.rename(target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotWritten(f"{printable(directory)} was not renamed to {name}: {reason}.") from error
    return target
