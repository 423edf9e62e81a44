"""Changes of skills that the library has: another place, another name, out of it and back again."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from skill_fleet_common.library import Change, Removed
from skill_fleet_server.errors import Invalid, NameTaken, NotFound
from skill_fleet_server.library.aliases import redirected, without
from skill_fleet_server.library.disk import write_file, write_files
from skill_fleet_server.library.journal import FOLDER, Step
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.paths import check_name, check_taxonomy_path
from skill_fleet_server.library.promotion import note_of, renamed, stamped

_TRASH_ID: Final = re.compile(r"\d{8}T\d{12}Z-[a-z0-9-]{1,64}")


def move(library: Library, name: str, taxonomy_path: str, *, by: str) -> str:
    """Put a skill into another category; the old path stays as an alias. Returns its name.

    Raises:
        NotFound, NameTaken: As `Catalog.find` does.
        Invalid: If there is no such category.
        LibraryUnwritable: If the disk does not let it.
    """
    with library.change() as staging:
        place = library.catalog.find(name)
        actual = place.directory.name
        path = library.check_category(taxonomy_path)
        if path == place.taxonomy_path:
            return actual
        contents = stamped(library.read(place), path)
        write_files(staging / "new", contents.files, contents.executable)
        note = note_of(Change.MOVED, by, actual, contents, note=f"from {place.taxonomy_path} to {path}")
        kept = library.revisions.supersede(staging, place.directory, note, library.revisions.evidence(actual))
        aliases = redirected(library.aliases.all(), f"{place.taxonomy_path}/{actual}", actual)
        aliases = without(aliases, f"{path}/{actual}")
        new = Step(staging / "new", library.folder(path, actual))
        library.commit([*kept, new, *library.aliases.steps(aliases, staging)])
        return actual


def rename(library: Library, name: str, new_name: str, *, by: str) -> str:
    """Call a skill something else, folder and frontmatter; the old name stays as an alias. Returns the new one.

    Raises:
        NotFound: As `Catalog.find` does.
        Invalid: If the name does not do, or SKILL.md has none that could be replaced.
        NameTaken: If another skill has it.
        LibraryUnwritable: If the disk does not let it.
    """
    check_name(new_name)
    with library.change() as staging:
        place = library.catalog.find(name)
        actual = place.directory.name
        if actual == new_name:
            return actual
        if library.catalog.has(new_name):
            raise NameTaken(f"The library has a skill {new_name} already. Choose another name.")
        contents = renamed(library.read(place), new_name)
        write_files(staging / "new", contents.files, contents.executable)
        note = note_of(Change.RENAMED, by, new_name, contents, note=f"from {actual} to {new_name}")
        kept = library.revisions.supersede(staging, place.directory, note, library.revisions.evidence(actual))
        folder = library.revisions.folder(new_name)
        stale = [Step(folder, staging / "stale")] if folder.exists() else []
        taken = [*stale, Step(library.revisions.folder(actual), folder)]
        aliases = library.aliases.steps(redirected(library.aliases.all(), actual, new_name), staging)
        new = Step(staging / "new", library.folder(place.taxonomy_path, new_name))
        library.commit([*kept, *taken, new, *aliases])
        return new_name


def remove(library: Library, name: str, *, by: str) -> Removed:
    """Take a skill out of the library. It can be restored.

    Raises:
        NotFound: If there is none of that name; an alias does not count.
        NameTaken: If there are several.
        LibraryUnwritable: If the disk does not let it.
    """
    with library.change() as staging:
        place = library.catalog.find(name)
        actual = place.directory.name
        if place.alias:
            raise NotFound(f"{name} is called {actual} now; remove it by that name.")
        now = datetime.now(UTC)
        trash_id = f"{now:%Y%m%dT%H%M%S%f}Z-{actual}"
        removed = Removed(
            trash_id=trash_id,
            name=actual,
            taxonomy_path=place.taxonomy_path,
            description=_description(library, place.directory),
            removed_at=now,
            by=by,
        )
        about = {**removed.model_dump(mode="json"), "aliases": library.aliases.of(actual)}
        write_file(staging / "about.json", json.dumps(about).encode())
        folder = _trash(library) / trash_id
        steps = [Step(staging / "about.json", folder / "about.json"), Step(place.directory, folder / "skill")]
        revisions = library.revisions.folder(actual)
        if revisions.is_dir():
            steps.append(Step(revisions, folder / "revisions"))
        left = {alias: target for alias, target in library.aliases.all().items() if target != actual}
        library.commit([*steps, *library.aliases.steps(left, staging)])
        return removed


def restore(library: Library, trash_id: str) -> str:
    """Put a removed skill back where it was. Returns its name.

    Raises:
        NotFound: If there is nothing of that id.
        NameTaken: If another skill has its name by now.
        LibraryUnwritable: If the disk does not let it.
    """
    with library.change() as staging:
        folder = _trash(library) / trash_id
        found = _about(folder) if _TRASH_ID.fullmatch(trash_id) else None
        if found is None or not (folder / "skill").is_dir():
            raise NotFound(f"Nothing was removed under the id {trash_id[:120]!r}.")
        removed, aliases = found
        if library.catalog.has(removed.name):
            raise NameTaken(f"The library has another skill {removed.name} by now. Rename that one first.")
        target = library.folder(removed.taxonomy_path, removed.name)
        steps = [Step(folder / "skill", target)]
        revisions = library.revisions.folder(removed.name)
        if revisions.exists():
            steps.append(Step(revisions, staging / "stale"))
        if (folder / "revisions").is_dir():
            steps.append(Step(folder / "revisions", revisions))
        now = library.aliases.all()
        back = without({**dict.fromkeys(aliases, removed.name), **now}, removed.name)
        steps += [*library.aliases.steps(back, staging), Step(folder, staging / "emptied")]
        library.commit(steps)
        return removed.name


def trash(library: Library) -> list[Removed]:
    """What was removed and can be restored, newest first."""
    root = _trash(library)
    if not root.is_dir() or root.is_symlink():
        return []
    folders = sorted((each for each in root.iterdir() if _TRASH_ID.fullmatch(each.name)), reverse=True)
    return [found[0] for each in folders if (found := _about(each))]


def _trash(library: Library) -> Path:
    return library.root / FOLDER / "trash"


def _about(folder: Path) -> tuple[Removed, list[str]] | None:
    try:
        about = json.loads((folder / "about.json").read_text("utf-8"))
        removed = Removed.model_validate(about)
        check_name(removed.name)
        check_taxonomy_path(removed.taxonomy_path)
    except (OSError, ValueError, ValidationError, RecursionError, Invalid):
        return None
    return removed, [str(alias) for alias in about.get("aliases", [])]


def _description(library: Library, directory: Path) -> str:
    entries = library.catalog.entries()
    return next((each.description for each in entries if each.name == directory.name), "")
