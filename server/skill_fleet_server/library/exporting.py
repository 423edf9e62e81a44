"""The library for other programs: zips of flat folders, `<available_skills>` for a prompt, a marketplace of plugins."""

import html
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import IO, Final

from skill_fleet_common import __version__
from skill_fleet_server.errors import Invalid
from skill_fleet_server.library.catalog import Place
from skill_fleet_server.library.contents import read_contents
from skill_fleet_server.library.library import Library
from skill_fleet_server.quality.skill import MAIN_FILE, parse

BYTES: Final = 500_000_000
"""Most that an export holds before it is packed."""
IN_MEMORY: Final = 8 * 1024 * 1024

_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The same skills make the same zip."""
_PLAIN: Final = 0o100644 << 16
_EXECUTABLE: Final = 0o100755 << 16
_UNIX: Final = 3
_OWNER: Final = "skill-fleet"


def chosen(library: Library, names: Sequence[str], category: str = "") -> list[Place]:
    """The skills of these names, or all below a category, by name.

    Raises:
        NotFound, NameTaken: As `Catalog.find` does.
        Invalid: If there are none.
    """
    if names:
        found = {place.directory.name: place for place in map(library.catalog.find, names)}
    else:
        within = [Place(*each) for each in library.catalog.places() if _is_within(each[1], category)]
        found = {place.directory.name: place for place in within}
    if not found:
        raise Invalid("There are no skills to export" + (f" in {category}." if category else " in the library."))
    return [found[name] for name in sorted(found)]


def zipped(places: Sequence[Place], *, below: str = "") -> IO[bytes]:
    """A zip with a folder per skill, to be read and closed by the caller.

    Raises:
        Invalid: If they are too large together.
    """
    # Closed by whoever reads it; here only when it is not handed on.
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            _pack(made, places, below)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def marketplace(library: Library, places: Sequence[Place]) -> IO[bytes]:
    """A zip that is a marketplace of plugins, one per category.

    Raises:
        Invalid: If they are too large together.
    """
    file = zipped(places, below="skills/")
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as made:
        text = json.dumps(_manifest(library, places), indent=2, ensure_ascii=False) + "\n"
        made.writestr(_info(".claude-plugin/marketplace.json"), text)
    file.seek(0)
    return file


def available_skills(places: Sequence[Place], *, root: str = "") -> str:
    """`<available_skills>`, as the reference implementation writes it, but with locations escaped.

    Args:
        places: By name.
        root: The folder they are exported to, flat; their place in the library if empty.
    """
    lines = ["<available_skills>"]
    for place in places:
        name, description = _described(place)
        location = f"{root.rstrip('/')}/{name}/{MAIN_FILE}" if root else str(place.directory / MAIN_FILE)
        lines.append("<skill>")
        for tag, text in (("name", name), ("description", description), ("location", location)):
            lines += [f"<{tag}>", html.escape(text), f"</{tag}>"]
        lines.append("</skill>")
    return "\n".join([*lines, "</available_skills>"]) + "\n"


def _pack(made: zipfile.ZipFile, places: Sequence[Place], below: str) -> None:
    total = 0
    for place in places:
        contents = read_contents(place.directory)
        for path, content in sorted(contents.files.items()):
            total += len(content)
            if total > BYTES:
                raise Invalid(f"These skills are larger than {BYTES:,} bytes together. Export fewer at once.")
            name = f"{below}{place.directory.name}/{path}"
            made.writestr(_info(name, executable=path in contents.executable), content)


def _info(name: str, *, executable: bool = False) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    info.create_system = _UNIX
    info.external_attr = _EXECUTABLE if executable else _PLAIN
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _manifest(library: Library, places: Sequence[Place]) -> dict[str, object]:
    titles = {path: (one.title, one.description) for path, one in library.taxonomy().walk()}
    by_category = sorted(places, key=lambda place: place.taxonomy_path.partition("/")[0])
    plugins = []
    for category, group in groupby(by_category, key=lambda place: place.taxonomy_path.partition("/")[0]):
        title, description = titles.get(category, (category, ""))
        plugins.append(
            {
                "name": category,
                "description": f"{title}: {description}" if description else title,
                "source": "./",
                "strict": False,
                "category": category,
                "skills": [f"./skills/{place.directory.name}" for place in group],
            }
        )
    about = {"description": "Skills of a Skill Fleet library.", "version": __version__}
    return {"name": "skill-fleet-library", "owner": {"name": _OWNER}, "metadata": about, "plugins": plugins}


def _described(place: Place) -> tuple[str, str]:
    skill = parse(read_contents(place.directory).texts, place.directory.name)
    return place.directory.name, " ".join((skill.string("description") or "").split())


def _is_within(path: str, category: str) -> bool:
    return not category or f"{path}/".startswith(f"{category}/")


def pieces(file: IO[bytes], size: int = 256 * 1024) -> Iterator[bytes]:
    """What is in a file, piece by piece; closes it."""
    with file:
        while piece := file.read(size):
            yield piece
