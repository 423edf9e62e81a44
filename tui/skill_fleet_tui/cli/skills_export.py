"""`skills export, install`: write skills where people and agents want them."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from skill_fleet_common.library import ExportFormat
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.errors import UsageProblem
from skill_fleet_tui.client.installing import Installed, install_marketplace
from skill_fleet_tui.client.installing import install as install_skills
from skill_fleet_tui.client.skills import SkillsClient


class Form(StrEnum):
    """What an export makes, instead of a folder per skill. In the order of the flags."""

    XML = "xml"
    ZIP = "zip"
    MARKETPLACE = "marketplace"


_HERE: Final = Path(".")


def export(
    session: Session, names: Sequence[str], *, category: str, forms: Sequence[Form], to: Path | None, force: bool
) -> Exit:
    """Write skills out in one form."""
    if len(forms) > 1:
        raise UsageProblem(f"An export has one form, not {' and '.join(forms)}.", "Leave all but one out.")
    match forms[0] if forms else None:
        case Form.XML:
            root = str(to.expanduser().absolute()) if to else ""
            session.line(_exported(session, names, category, "xml", root=root).decode("utf-8").rstrip("\n"))
            return Exit.OK
        case Form.ZIP:
            return _write_zip(session, names, category, (to or _HERE).expanduser(), force=force)
        case Form.MARKETPLACE:
            folder = _needed(to)
            done = install_marketplace(_exported(session, names, category, "marketplace"), folder, force=force)
            _say(session, folder / "skills", done)
            session.note(f"Use it with: /plugin marketplace add {folder}", "dim")
            return Exit.OK
        case _:
            folder = _needed(to)
            _say(session, folder, install_skills(_exported(session, names, category, "zip"), folder, force=force))
            return Exit.OK


def install(session: Session, names: Sequence[str], *, every: bool, folders: Sequence[Path], force: bool) -> Exit:
    """Copy skills to where agents look for them."""
    if bool(names) is every:
        raise UsageProblem("Name the skills, or install every one with --all.", "See them: skill-fleet skills list")
    archive = _exported(session, names, "", "zip")
    for folder in folders:
        _say(session, folder, install_skills(archive, folder, force=force))
    return Exit.OK


def _exported(
    session: Session, names: Sequence[str], category: str, form: ExportFormat, *, root: str = ""
) -> bytes:  # fmt: skip
    return session.request(lambda api: SkillsClient(api).export(names, category=category, form=form, root=root))


def _write_zip(session: Session, names: Sequence[str], category: str, folder: Path, *, force: bool) -> Exit:
    one = len(names) == 1
    content = _exported(session, names, category, "skill" if one else "zip")
    target = folder / (f"{_file_name(names[0])}.skill" if one else "skills.zip")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with target.open("wb" if force else "xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise UsageProblem(f"{target} is there already.", "Replace it with --force, or choose another --to.") from error
    except OSError as error:
        raise UsageProblem(f"{target} cannot be written: {error.strerror}.") from error
    if session.json:
        session.document({"file": str(target), "bytes": len(content)})
    else:
        session.line(f"{target}  {len(content):,} bytes")
    return Exit.OK


def _file_name(name: str) -> str:
    return name.rpartition("/")[2]


def _needed(to: Path | None) -> Path:
    if to is None:
        raise UsageProblem("Say where to: --to DIR.", "For an agent: skill-fleet skills install NAME --for claude")
    return to.expanduser()


def _say(session: Session, folder: Path, done: Installed) -> None:
    if session.json:
        session.document(
            {
                "folder": str(folder),
                "written": done.written,
                "updated": done.updated,
                "unchanged": done.unchanged,
            }
        )
        return
    for word, names in (("installed", done.written), ("updated", done.updated), ("as it was", done.unchanged)):
        for name in names:
            session.line(f"{word:<10} {folder / name}")
    session.note("Agents load their skills when a session begins.", "dim")
