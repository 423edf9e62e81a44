"""Shows a text in the person's own pager, with the terminal given away meanwhile."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp


class NoPager(Exception):
    """There is no pager, or it cannot be run here; the message says what to do."""


def page(app: "SkillFleetApp", text: str, name: str) -> None:
    """Show a text until the pager is left.

    Args:
        app: Whose terminal it is.
        text: Safe to show.
        name: Of the file that the pager reads, as it will say it.

    Raises:
        NoPager: If the text could not be shown.
    """
    try:
        command = shlex.split(os.environ.get("PAGER") or "less")
    except ValueError as error:
        raise NoPager(f"$PAGER cannot be read: {error}.") from None
    with tempfile.TemporaryDirectory(prefix="skill-fleet-") as directory:
        file = Path(directory) / name
        file.write_text(text, encoding="utf-8")
        try:
            # The pager owns the terminal: the loop stands still with it, and the stream resumes afterwards.
            with app.suspend():
                code = subprocess.run([*command, str(file)], check=False).returncode  # noqa: S603 (the person's own)
        except SuspendNotSupported:
            raise NoPager("A pager cannot be opened here; x saves the log to a file.") from None
        except OSError as error:
            raise NoPager(
                f"{command[0]} cannot be run: {error.strerror}. Set $PAGER to your pager, or save the log with x."
            ) from None
    if code:
        raise NoPager(f"{command[0]} ended with code {code}.")
