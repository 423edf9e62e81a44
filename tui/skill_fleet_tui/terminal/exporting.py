"""Writes what is on the screen to files: the log as text, a job's events as JSON lines, the screen as a picture."""

import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from skill_fleet_tui.store.log_text import log_text

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.job import JobState

_MOST_NUMBERS: Final = 1_000
"""Files of one name after which something is wrong."""

_NAME_CHARACTERS: Final = 60
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")


class NotSaved(Exception):
    """A file could not be written; the message says why."""


async def export(app: "SkillFleetApp", job: "JobState | None", kind: str) -> None:
    """Save one of `text`, `events` and `screen`, and say where."""
    from skill_fleet_tui.client.errors import ClientError

    try:
        name, text = await _content(app, job, kind)
        if app.is_web:
            app.deliver_text(StringIO(text), save_filename=name)
            return
        app.toast(f"Saved {save_new(Path.cwd(), name, text)}")
    except (NotSaved, ClientError) as error:
        app.toast(str(error), wrong=True)


async def _content(app: "SkillFleetApp", job: "JobState | None", kind: str) -> tuple[str, str]:
    if kind == "screen":
        return "skill-fleet.svg", app.export_screenshot(title="Skill Fleet")
    if job is None:
        raise NotSaved("There is no job to save anything of.")
    if kind == "text":
        return f"{plain_name(job.title)}.log.txt", log_text(job)
    if app.session is None:
        raise NotSaved("There is no server to read the job's events from.")
    return f"{plain_name(job.title)}.events.jsonl", await app.session.read_events(job.id)


def plain_name(title: str) -> str:
    """A title that others wrote as the beginning of a file's name: never a path, never hidden."""
    return _NOT_IN_NAMES.sub("-", title.lower())[:_NAME_CHARACTERS].strip("-") or "job"


def save_new(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file that is not there yet: where one of that name is, a number is added.

    Raises:
        NotSaved: If it cannot be written.
    """
    stem, _, ending = name.partition(".")
    for number in range(1, _MOST_NUMBERS):
        path = folder / (f"{stem}-{number}.{ending}" if number > 1 else name)
        try:
            with path.open("xb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        except FileExistsError:
            continue
        except OSError as error:
            raise NotSaved(f"{path} cannot be written: {error.strerror}.") from error
        return path
    raise NotSaved(f"{folder} has too many files that are called {name}.")
