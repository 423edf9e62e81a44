"""The text of a skill that the library has, for a job that extends it: all of it or nothing."""

from typing import Final

from skill_fleet_server.errors import SkillFleetError
from skill_fleet_server.library.catalog import Catalog
from skill_fleet_server.library.contents import read_contents
from skill_fleet_server.library.paths import check_files, check_name

BYTES: Final = 300_000
"""Most text of one skill that a job takes in."""


def read_texts(catalog: Catalog, name: str) -> dict[str, str] | None:
    """A skill's files by path; `None` if a job could not carry all of them on. Not for an event loop's thread.

    That is so for files that are not text, links, hidden files, odd names and skills that are too large: the next
    revision would lose them.
    """
    try:
        contents = read_contents(catalog.find(check_name(name)).directory)
        if contents.left_out or sum(map(len, contents.files.values())) > BYTES:
            return None
        texts = {path: content.decode("utf-8") for path, content in contents.files.items()}
        return dict(check_files(texts))
    except (OSError, UnicodeDecodeError, SkillFleetError):
        return None
