"""Puts skills where agents look for them: flat folders, copied, never over what somebody else put there.

What was written is remembered beside it (`.skill-fleet.json`), so that an update knows its own work from a person's.
"""

import hashlib
import io
import json
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from skill_fleet_tui.client.errors import NotUnderstood, UsageProblem

MEMORY_FILE: Final = ".skill-fleet.json"
UNPACKED_BYTES: Final = 600_000_000
"""More than a server sends is not unpacked."""
FILES: Final = 100_000

_MANIFEST: Final = ".claude-plugin/marketplace.json"
_FORBIDDEN: Final = '\\:*?"<>|'
_DEVICES: Final = frozenset({"con", "prn", "aux", "nul"})


class File(NamedTuple):
    """One file of a skill."""

    content: bytes
    executable: bool = False
    """Whether it may be executed; nothing else of its mode is known."""


@dataclass
class Installed:
    """What became of each skill."""

    written: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def install(archive: bytes, folder: Path, *, force: bool = False) -> Installed:
    """Put every skill of an exported zip into a folder; all of them, or none when one is in the way.

    Raises:
        NotUnderstood: If the zip is not one that a server makes.
        UsageProblem: If something is in the way and `force` is not set, or the disk does not let it.
    """
    return _install(_by_skill(unpack(archive)), folder, force=force)


def install_marketplace(archive: bytes, folder: Path, *, force: bool = False) -> Installed:
    """Make a folder a marketplace of plugins: `skills/` and `.claude-plugin/marketplace.json`.

    Raises:
        NotUnderstood, UsageProblem: As `install` does.
    """
    files = unpack(archive)
    manifest = files.pop(_MANIFEST, File(b"{}")).content
    skills = {path.removeprefix("skills/"): file for path, file in files.items() if path.startswith("skills/")}
    target = folder / _MANIFEST
    if _exists(target) and not force and _name_in(target) != _name_in(manifest):
        raise UsageProblem(f"{target} is of another marketplace. Nothing was written.", "Choose another folder.")
    done = _install(_by_skill(skills), folder / "skills", force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, manifest)
    except OSError as error:
        raise UsageProblem(f"{target} cannot be written: {error.strerror}.") from error
    return done


def unpack(archive: bytes) -> dict[str, File]:
    """The files of a zip, by names that have been checked.

    Raises:
        NotUnderstood: If a name leads out of it, or it is too large, or no zip.
    """
    files: dict[str, File] = {}
    left = UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            infos = [info for info in opened.infolist() if not info.is_dir()]
            if len(infos) > FILES:
                raise NotUnderstood("The server sent more files than a library has.")
            for info in infos:
                _check_name(info.filename)
                with opened.open(info) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise NotUnderstood("The server sent more than can be unpacked.")
                files[info.filename] = File(content, bool(info.external_attr >> 16 & stat.S_IXUSR))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:
        raise NotUnderstood(f"What the server sent is not a zip: {error}.") from error
    return files


def _check_name(name: str) -> None:
    parts = name.split("/")
    odd = len(parts) < 2 or not name.isprintable() or any(one in name for one in _FORBIDDEN)
    if odd or any(_is_odd(part) for part in parts):
        raise NotUnderstood(f"The server sent a file of an odd name, {name[:80]!a}. Nothing was written.")


def _is_odd(part: str) -> bool:
    return part in ("", ".", "..") or part[-1] in ". " or part.partition(".")[0].casefold() in _DEVICES


def _by_skill(files: Mapping[str, File]) -> dict[str, dict[str, File]]:
    skills: dict[str, dict[str, File]] = {}
    for path, file in files.items():
        name, _, within = path.partition("/")
        if name.startswith(".") or not within:
            raise NotUnderstood(f"The server sent {name[:80]!a}, which is no skill. Nothing was written.")
        skills.setdefault(name, {})[within] = file
    return skills


def _install(skills: Mapping[str, Mapping[str, File]], folder: Path, *, force: bool) -> Installed:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remembered = _remembered(folder)
        found = {name: _digest_of(folder / name) for name in skills if _exists(folder / name)}
        digests = {
            name: _digest({path: file.content for path, file in files.items()}) for name, files in skills.items()
        }
        in_the_way = [name for name, there in found.items() if there not in (digests[name], remembered.get(name))]
        if in_the_way and not force:
            raise UsageProblem(
                f"{folder} has {_listed(in_the_way)} already, and not as it was installed. Nothing was written.",
                "Move it away, or replace it with --force.",
            )
        done = Installed(unchanged=[name for name, there in found.items() if there == digests[name]])
        for name, files in skills.items():
            if name in done.unchanged:
                _let_run(folder / name, files)
            else:
                _put(folder, name, files)
                (done.updated if name in found else done.written).append(name)
        _remember(folder, remembered | digests)
    except OSError as error:
        raise UsageProblem(f"{error.filename or folder} cannot be written: {error.strerror}.") from error
    return done


def _put(folder: Path, name: str, files: Mapping[str, File]) -> None:
    """A skill's folder in place of what is there, in two renames; what is there is back when the second fails."""
    scratch = Path(tempfile.mkdtemp(prefix=".skill-fleet-", dir=folder))
    try:
        for path, file in files.items():
            target = scratch / "new" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
        _let_run(scratch / "new", files)
        place, aside = folder / name, scratch / "old"
        if _exists(place):
            place.rename(aside)
        try:
            (scratch / "new").rename(place)
        except OSError:
            if _exists(aside):
                aside.rename(place)
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _let_run(place: Path, files: Mapping[str, File]) -> None:
    """Let those that may read a file execute it, too, where it is executable in the library."""
    for path, file in files.items():
        mode = stat.S_IMODE((place / path).stat().st_mode)
        wanted = (mode | (mode & 0o444) >> 2) & 0o777
        if file.executable and mode != wanted:
            (place / path).chmod(wanted)


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _digest(files: Mapping[str, bytes]) -> str:
    made = hashlib.sha256()
    for path in sorted(files):
        made.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return made.hexdigest()


def _digest_of(place: Path) -> str:
    """Of what is there; of a link or a file none that any skill has."""
    if place.is_symlink() or not place.is_dir():
        return "not a folder"
    files = {
        each.relative_to(place).as_posix(): each for each in place.rglob("*") if each.is_file() or each.is_symlink()
    }
    return _digest({path: b"link" if each.is_symlink() else each.read_bytes() for path, each in files.items()})


def _remembered(folder: Path) -> dict[str, str]:
    try:
        read = json.loads((folder / MEMORY_FILE).read_text("utf-8"))
        return {name: str(digest) for name, digest in read["skills"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}  # nothing is known then, and nothing overwritten


def _remember(folder: Path, digests: Mapping[str, str]) -> None:
    about = {"about": "Skills that Skill Fleet has installed here.", "skills": dict(sorted(digests.items()))}
    _replace(folder / MEMORY_FILE, (json.dumps(about, indent=2) + "\n").encode())


def _replace(target: Path, content: bytes) -> None:
    """Write a file so that nobody reads half of it."""
    new = target.with_name(f"{target.name}.new")
    new.write_bytes(content)
    new.replace(target)


def _name_in(manifest: Path | bytes) -> str:
    try:
        return str(json.loads(manifest if isinstance(manifest, bytes) else manifest.read_bytes())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _listed(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
