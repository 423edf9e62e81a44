"""What prompts show of the skill: its files, and what changed in them."""

import difflib
from collections.abc import Mapping
from typing import Final

from skill_fleet_common.prompts import PromptFile
from skill_fleet_server.quality.skill import MAIN_FILE
from skill_fleet_server.workflows.file_text import described
from skill_fleet_server.workflows.job_run import JobRun

_INLINE_BYTES: Final = 24_000
"""Most text of files that travels inside a prompt; the rest is fetched by reference."""
_DIFF_CHARACTERS: Final = 12_000


def prompt_files(job: JobRun) -> list[PromptFile]:
    """The skill's files as a prompt shows them: whole as far as they fit, SKILL.md first."""
    room = _INLINE_BYTES
    shown: list[PromptFile] = []
    for path in sorted(job.files, key=lambda path: (path != MAIN_FILE, path)):
        file = described(path, job.files[path], job.revision)
        fits = file.size <= room
        room -= file.size if fits else 0
        shown.append(PromptFile(**file.model_dump(), text=job.files[path] if fits else None))
    return shown


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What changed between two versions of the files, as a unified diff, cut when long."""
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, ""), after.get(path, "")
        lines += difflib.unified_diff(old.splitlines(), new.splitlines(), path, path, lineterm="", n=2)
    text = "\n".join(lines)
    return text if len(text) <= _DIFF_CHARACTERS else text[:_DIFF_CHARACTERS] + "\n… (cut)"
