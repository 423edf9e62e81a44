"""A script that may be executed stays so on its way through the library, and nothing else of a mode comes along."""

import io
import stat
import zipfile
from pathlib import Path

from skill_fleet_common.library import Promote
from skill_fleet_server.library.changes import move, remove, rename, restore
from skill_fleet_server.library.exporting import chosen, marketplace, zipped
from skill_fleet_server.library.importing import import_skills
from skill_fleet_server.library.promotion import promote, unpromote
from skill_fleet_tui.client.installing import install, install_marketplace
from skill_fleet_tui.client.packing import packed
from tests.unit.library.builders import draft, library, skill

SCRIPT = "scripts/fill.py"


def archive(mode: int, *, system: int = 3) -> io.BytesIO:
    """A zip with a skill whose script has that mode."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("pdf-forms/SKILL.md", skill())
        info = zipfile.ZipInfo(f"pdf-forms/{SCRIPT}")
        info.create_system = system
        info.external_attr = (stat.S_IFREG | mode) << 16
        made.writestr(info, "print()\n")
    file.seek(0)
    return file


def bits(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def runs(file: Path) -> bool:
    return bool(bits(file) & stat.S_IXUSR)


def script(data_dir: Path, path: str = "development/pdf-forms") -> Path:
    return data_dir / "library" / path / SCRIPT


def brought(data_dir: Path, mode: int = 0o755) -> None:
    import_skills(library(data_dir), archive(mode), by="anna")


def test_import_keeps_it_and_every_change_carries_it(tmp_path):
    brought(tmp_path)
    assert runs(script(tmp_path))
    assert not runs(script(tmp_path).parent.parent / "SKILL.md")
    move(library(tmp_path), "pdf-forms", "data", by="anna")
    rename(library(tmp_path), "pdf-forms", "tax-forms", by="anna")
    restore(library(tmp_path), remove(library(tmp_path), "tax-forms", by="anna").trash_id)
    assert runs(script(tmp_path, "data/tax-forms"))


def test_nothing_else_of_a_mode_comes_along(tmp_path):
    brought(tmp_path, 0o6777)
    file = script(tmp_path)
    assert runs(file)
    assert not bits(file) & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX)
    plain = file.parent.parent / "SKILL.md"
    assert bits(file) & 0o666 == bits(plain), "what others may do is for the server's umask to say"


def test_a_plain_file_stays_plain_whatever_others_might_do_with_it(tmp_path):
    brought(tmp_path, 0o611)
    assert not runs(script(tmp_path))


def test_a_zip_of_a_system_without_modes_says_nothing(tmp_path):
    import_skills(library(tmp_path), archive(0o755, system=0), by="anna")
    assert not runs(script(tmp_path))


def test_promoting_and_taking_back_keep_it(tmp_path):
    draft(tmp_path, **{"scripts/fill.py": "print()\n"})
    kept = tmp_path / "drafts/job-1/pdf-forms" / SCRIPT
    kept.chmod(0o755)
    promote(library(tmp_path), "job-1", Promote(), by="anna")
    assert runs(script(tmp_path))
    unpromote(library(tmp_path), "pdf-forms")
    assert runs(kept)


def test_a_job_that_extends_a_skill_does_not_lose_it(tmp_path):
    brought(tmp_path)
    draft(tmp_path, **{"scripts/fill.py": "print(2)\n", "scripts/new.py": "print()\n"})
    promote(library(tmp_path), "job-1", Promote(replace=True), by="anna")
    assert runs(script(tmp_path))
    assert not runs(script(tmp_path).with_name("new.py"))


def test_what_is_exported_and_installed_can_be_executed(tmp_path):
    brought(tmp_path)
    found = library(tmp_path)
    with zipped(chosen(found, [])) as file:
        content = file.read()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in opened.infolist()}
    assert modes == {"pdf-forms/SKILL.md": 0o644, f"pdf-forms/{SCRIPT}": 0o755}
    install(content, tmp_path / "agents")
    assert runs(tmp_path / "agents/pdf-forms" / SCRIPT)
    assert not runs(tmp_path / "agents/pdf-forms/SKILL.md")
    with marketplace(found, chosen(found, [])) as file:
        install_marketplace(file.read(), tmp_path / "market")
    assert runs(tmp_path / "market/skills/pdf-forms" / SCRIPT)


def test_installing_again_mends_what_an_older_program_lost(tmp_path):
    brought(tmp_path)
    with zipped(chosen(library(tmp_path), [])) as file:
        content = file.read()
    install(content, tmp_path / "agents")
    file_there = tmp_path / "agents/pdf-forms" / SCRIPT
    file_there.chmod(0o640)
    assert install(content, tmp_path / "agents").unchanged == ["pdf-forms"]
    assert bits(file_there) == 0o750, "whoever may read it may execute it"


def test_a_checkout_that_is_packed_for_an_import_keeps_it(tmp_path):
    source = tmp_path / "checkout/pdf-forms"
    (source / "scripts").mkdir(parents=True)
    (source / "SKILL.md").write_text(skill())
    (source / SCRIPT).write_text("print()\n")
    (source / SCRIPT).chmod(0o700)
    with packed(tmp_path / "checkout") as sent:
        import_skills(library(tmp_path), sent.file, by="anna")
    assert runs(script(tmp_path))


def test_the_same_skill_with_other_bits_is_present_all_the_same(tmp_path):
    brought(tmp_path, 0o644)
    [report] = import_skills(library(tmp_path), archive(0o755), by="anna").skills
    assert report.verdict == "present"
