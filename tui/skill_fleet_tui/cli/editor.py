"""Text edited in the person's own editor."""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from skill_fleet_tui.client.errors import UsageProblem


def editor_command() -> list[str] | None:
    """The editor of `VISUAL` or `EDITOR`, or one that is usually there; `None` if there is none."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if named:
        return shlex.split(named)
    found = next((path for name in ("nano", "vim", "vi") if (path := shutil.which(name))), None)
    return [found] if found else None


def edit(text: str, *, name: str = "answer.md") -> str:
    """The text as the person leaves it.

    Raises:
        UsageProblem: If there is no editor, or it ends with an error.
    """
    command = editor_command()
    if not command:
        raise UsageProblem("There is no editor here.", "Name one in the environment variable EDITOR.")
    with tempfile.TemporaryDirectory(prefix="skill-fleet-") as directory:
        path = Path(directory) / Path(name).name
        path.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*command, str(path)], check=True)  # noqa: S603  the person's own choice, and no shell
            return path.read_text(encoding="utf-8")
        except (OSError, subprocess.CalledProcessError, UnicodeDecodeError) as error:
            raise UsageProblem(f"The editor {command[0]} did not work: {error}.") from error
