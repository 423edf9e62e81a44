"""Names and paths of a skill, checked before they touch the file system."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from skill_fleet_server.errors import Invalid
from skill_fleet_server.quality.naming import NAME_CHARACTERS, is_strict
from skill_fleet_server.quality.skill import MAIN_FILE

FOLDERS: Final = ("references", "scripts", "assets")
"""Where bundled files go."""
PATH_CHARACTERS: Final = 200
"""Longest path of a bundled file."""
PART_BYTES: Final = 255
"""Longest name of one file or folder that common file systems take, in bytes."""
DEPTH: Final = 4
"""Most parts of a path that is written here."""
DEEPEST: Final = 12
"""Most parts of any skill's path."""
GROUPING_LEVELS: Final = 2
"""A category, and maybe a subcategory."""
FILES: Final = 100
"""Most files of a skill."""
FILE_BYTES: Final = 1_000_000
"""Largest file of a skill."""

_FORBIDDEN: Final = re.compile(r'[<>:"|?*\\]')
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_JOB_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")


def check_name(name: str) -> str:
    """The name of a skill and its directory.

    Raises:
        Invalid: If it is not one every client takes.
    """
    if not is_strict(name) or _DEVICES.fullmatch(name):
        wanted = f"lower-case letters, digits and single hyphens, at most {NAME_CHARACTERS}"
        raise Invalid(f"{_shown(name)} cannot be a skill's name; use {wanted}, such as processing-invoices.")
    return name


def check_taxonomy_path(path: str) -> str:
    """A category, or `category/subcategory`, as folders.

    Raises:
        Invalid: If a part of it is no slug, or there are too many.
    """
    parts = path.split("/")
    if len(parts) > GROUPING_LEVELS or not all(is_strict(part) and not _DEVICES.fullmatch(part) for part in parts):
        raise Invalid(
            f"{_shown(path)} is no category; write it as category or category/subcategory, in lower-case letters, "
            "digits and single hyphens."
        )
    return path


def check_job_id(job_id: str) -> str:
    """A job's id as the name of a directory.

    Raises:
        Invalid: If it is not made of letters, digits, hyphens and underscores.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise Invalid(f"{_shown(job_id)} is not a job's id; ids are letters, digits, hyphens and underscores.")
    return job_id


def check_path(path: str) -> str:
    """A path of a skill's file: `SKILL.md`, or one below `references/`, `scripts/` or `assets/`.

    Raises:
        Invalid: With what to do.
    """
    if path == MAIN_FILE:
        return path
    if problem := path_problem(path) or _misplaced(path):
        raise Invalid(f"{_shown(path)} cannot be a file of a skill: {problem}")
    return path


def check_files(files: Mapping[str, str]) -> Mapping[str, str]:
    """All files of a skill: paths, number, sizes, and that no two are the same to a case-blind file system.

    Raises:
        Invalid: With what to do.
    """
    if MAIN_FILE not in files:
        raise Invalid("A skill needs a SKILL.md; add one.")
    if len(files) > FILES:
        raise Invalid(f"A skill may have {FILES} files, and this one has {len(files)}; leave some out.")
    for path, text in files.items():
        check_path(path)
        if len(text) > FILE_BYTES or len(text.encode(errors="surrogatepass")) > FILE_BYTES:
            raise Invalid(f"{path} is larger than {FILE_BYTES:,} bytes; shorten it.")
    check_together(files)
    return files


def check_together(paths: Iterable[str]) -> None:
    """That no two paths are one file to a case-blind file system, and none is both a file and a folder.

    Raises:
        Invalid: With what to do.
    """
    seen: dict[str, str] = {}
    for path in paths:
        folded = unicodedata.normalize("NFC", path).casefold()
        if folded in seen:
            raise Invalid(f"{path} and {seen[folded]} are one file on some systems; rename one.")
        seen[folded] = path
    for folded, path in seen.items():
        parts = folded.split("/")
        for depth in range(1, len(parts)):
            if above := seen.get("/".join(parts[:depth])):
                raise Invalid(f"{above} is a file and {path} needs it to be a folder; rename one.")


def path_problem(path: str) -> str | None:
    """What keeps a path from being a file of any skill, wherever that was written: what to do, or `None`.

    Looser than `check_path`, which is for skills that are written here.
    """
    if not path or len(path) > PATH_CHARACTERS:
        return f"give it a path of 1 to {PATH_CHARACTERS} characters."
    if any(unicodedata.category(character)[0] == "C" for character in path):
        return "leave out characters that cannot be seen."
    if _FORBIDDEN.search(path):
        return 'leave out < > : " | ? * and backslashes; separate folders with /.'
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "write it relative to the skill, without empty parts, . and .."
    if len(parts) > DEEPEST:
        return f"nest it at most {DEEPEST - 1} folders deep."
    if any(_is_awkward(part) for part in parts):
        return "give every part a plain name that neither begins nor ends with a space or a dot."
    return None


def _misplaced(path: str) -> str | None:
    parts = path.split("/")
    if parts[0] not in FOLDERS or len(parts) < 2:
        return f"put it below {', '.join(f'{folder}/' for folder in FOLDERS)}."
    return f"nest it at most {DEPTH - 1} folders deep." if len(parts) > DEPTH else None


def _is_awkward(part: str) -> bool:
    too_long = len(part.encode()) > PART_BYTES
    return too_long or part[0] in ". -~" or part[-1] in ". " or _DEVICES.fullmatch(part) is not None


def _shown(text: str) -> str:
    """The text as it can be shown in a sentence: quoted, escaped, short."""
    return ascii(text if len(text) <= 60 else f"{text[:59]}…") if not text.isprintable() else repr(text[:60])
