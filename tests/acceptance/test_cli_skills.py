"""Keeping skills from a shell: from a draft to an agent's folder and back, and hundreds at once from elsewhere."""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from skills_ref.validator import validate

from skill_fleet_tui.cli.exits import Exit
from tests.support.checkout import checkout
from tests.support.craft import grounded_job, keep_skill
from tests.support.person import Person
from tests.support.program import COMMAND, documents, environment, run
from tests.support.server import ServerProcess
from tests.support.terminal import Terminal


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path / "server" / "data")
    asyncio.run(server.start())
    yield server
    server.kill()


def finished(server: ServerProcess) -> str:
    """A job with a draft; its id."""
    ran = run(server, "create", "A skill for writing release notes", "--auto-approve", "--json")
    return documents(ran)[-1]["job"]["job_id"]


def test_from_a_job_to_an_agents_folder_and_back(server: ServerProcess, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    assert "skills promote JOB" in run(server, "skills").stderr
    created = run(server, "create", "A skill for writing release notes", "--auto-approve")
    job_id = created.stdout.split("Created ")[1].split()[0]
    assert f"Keep it: skill-fleet skills promote {job_id}" in created.stderr

    promoted = run(server, "skills", "promote", job_id)
    assert promoted.returncode == Exit.OK, promoted.stderr
    name = promoted.stdout.split()[0]
    assert [line.split("\t")[0] for line in run(server, "skills", "list").stdout.splitlines()] == [name]
    shown = run(server, "skills", "show", name).stdout
    assert "the demo model" in shown
    assert "there is no other skill for them to lead to" in shown
    kept = run(server, "jobs", "show", job_id).stdout
    assert f"/{name} r1 on 2" in kept
    assert "drafts/" not in kept
    assert "in the library: " in run(server, "jobs").stdout

    installed = run(server, "skills", "install", name, "--for", "claude", "--for", "codex", cwd=project)
    assert installed.returncode == Exit.OK, installed.stderr
    for folder in (".claude/skills", ".agents/skills"):
        assert validate(project / folder / name) == []

    undone = run(server, "skills", "unpromote", name)
    assert job_id in undone.stderr
    assert run(server, "skills", "list").stdout == ""
    assert "drafts/" in run(server, "jobs", "show", job_id).stdout
    assert run(server, "skills", "promote", job_id).returncode == Exit.OK


async def extended(server: ServerProcess) -> str:
    """A job whose draft extends the skill python-log-lines; its id."""
    async with server.client() as api:
        person = Person(api)
        first = await person.asked(await grounded_job(person, "confirm"), "confirm")
        answers = {**first["default"]["answers"], "overlap": "extend:python-log-lines"}
        await person.answer(first, action="proceed", answers=answers)
        await person.answer(await person.asked(first["job_id"], "confirm", 2))
        await person.until_over(first["job_id"])
        return first["job_id"]


def test_a_draft_that_extends_a_skill_becomes_its_next_revision_whatever_that_is_called_by_now(
    server: ServerProcess,
) -> None:
    keep_skill(server.data_dir, "development/python", "python-log-lines")
    job_id = asyncio.run(extended(server))
    run(server, "skills", "rename", "python-log-lines", "lines-of-logs")
    promoted = run(server, "skills", "promote", job_id)
    assert promoted.returncode == Exit.OK, promoted.stderr
    assert "It becomes the next revision of lines-of-logs (it was python-log-lines" in promoted.stderr
    assert [line.split("\t")[0] for line in run(server, "skills", "list").stdout.splitlines()] == ["lines-of-logs"]
    assert "development/python/lines-of-logs r3" in run(server, "jobs", "show", job_id).stdout


def test_an_installed_skill_is_updated_but_never_what_a_person_changed(server: ServerProcess, tmp_path: Path) -> None:
    promoted = run(server, "skills", "promote", finished(server), "--json")
    [skill] = documents(promoted)
    install = ("skills", "install", "--all", "--for", "claude")
    assert "installed" in run(server, *install, cwd=tmp_path).stdout
    assert "as it was" in run(server, *install, cwd=tmp_path).stdout
    run(server, "skills", "move", skill["name"], "security")
    assert "updated" in run(server, *install, cwd=tmp_path).stdout

    main_file = tmp_path / ".claude/skills" / skill["name"] / "SKILL.md"
    main_file.write_text("mine")
    refused = run(server, *install, cwd=tmp_path)
    assert (refused.returncode, main_file.read_text()) == (Exit.USAGE, "mine")
    assert "--force" in refused.stderr
    assert "updated" in run(server, *install, "--force", cwd=tmp_path).stdout
    assert main_file.read_text() != "mine"


def test_changes_lead_from_the_old_to_the_new_and_can_be_looked_at(server: ServerProcess) -> None:
    [skill] = documents(run(server, "skills", "promote", finished(server), "--json"))
    assert run(server, "skills", "move", skill["name"], "writing").returncode == Exit.OK
    assert run(server, "skills", "rename", skill["name"], "notes-for-people").returncode == Exit.OK
    shown = run(server, "skills", "show", skill["name"])
    assert shown.stdout.startswith("notes-for-people")
    changed = run(server, "skills", "diff", "notes-for-people", "1", "3").stdout
    assert "+name: notes-for-people" in changed
    assert '+  taxonomy: "writing-docs"' in changed
    before = run(server, "skills", "show", "notes-for-people", "--file", "SKILL.md", "--revision", "1")
    assert before.stdout == skill["text"]

    assert run(server, "skills", "remove", "notes-for-people").returncode == Exit.OK
    assert run(server, "skills", "show", "notes-for-people").returncode == Exit.NOT_FOUND
    assert run(server, "skills", "restore", "notes-for-people").returncode == Exit.OK
    assert run(server, "skills", "diff", "notes-for-people", "1", "3").stdout == changed


def test_three_hundred_skills_of_a_checkout_come_in_and_go_out(server: ServerProcess, tmp_path: Path) -> None:
    tree = checkout(tmp_path / "checkout", 300)
    (tree / "skills" / "broken").mkdir()
    (tree / "skills" / "broken" / "SKILL.md").write_text("no frontmatter\n")
    (tree / "skills" / "linked").symlink_to(tree / "skills" / "broken", target_is_directory=True)

    looked = run(server, "skills", "import", str(tree), "--category", "development", "--dry-run")
    assert "300 valid, 1 refused." in looked.stderr
    assert run(server, "skills", "list").stdout == ""
    taken = run(server, "skills", "import", str(tree), "--category", "development", "--yes")
    assert "Took 300 skills" in taken.stdout
    assert taken.returncode == Exit.FAILED, "one was refused"
    assert len(run(server, "skills", "list").stdout.splitlines()) == 300
    again = run(server, "skills", "import", str(tree), "--dry-run")
    assert "1 refused, 300 present." in again.stderr

    assert "cleaning-invoices would be picked" in run(server, "skills", "route", "clean my invoices").stdout
    out = tmp_path / "out"
    assert run(server, "skills", "export", "--to", str(out)).returncode == Exit.OK
    exported = sorted(each for each in out.iterdir() if each.is_dir())
    assert len(exported) == 300
    assert [problem for each in exported[::25] for problem in validate(each)] == []


def test_every_form_of_an_export(server: ServerProcess, tmp_path: Path) -> None:
    [skill] = documents(run(server, "skills", "promote", finished(server), "--json"))
    name = skill["name"]
    assert f"{tmp_path}/{name}/SKILL.md" in run(server, "skills", "export", "--xml", "--to", str(tmp_path)).stdout
    assert run(server, "skills", "export", name, "--zip", cwd=tmp_path).returncode == Exit.OK
    with zipfile.ZipFile(tmp_path / f"{name}.skill") as archive:
        assert f"{name}/SKILL.md" in archive.namelist()
    assert run(server, "skills", "export", name, "--zip", cwd=tmp_path).returncode == Exit.USAGE
    market = tmp_path / "market"
    assert run(server, "skills", "export", "--marketplace", "--to", str(market)).returncode == Exit.OK
    manifest = json.loads((market / ".claude-plugin/marketplace.json").read_text())
    [plugin] = manifest["plugins"]
    assert (market / plugin["skills"][0] / "SKILL.md").is_file()


def test_categories_are_shown_and_added(server: ServerProcess) -> None:
    assert "security\t0\tSecurity" in run(server, "taxonomy").stdout
    assert run(server, "taxonomy", "add", "cooking", "--title", "Cooking", "--alias", "food").returncode == Exit.OK
    assert run(server, "taxonomy", "add", "cooking/soups").returncode == Exit.OK
    assert run(server, "taxonomy", "alias", "cooking/soups", "broth").returncode == Exit.OK
    [shown] = documents(run(server, "taxonomy", "show", "--json"))
    assert shown["categories"][-1]["subcategories"][0]["aliases"] == ["broth"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "nothing"], Exit.NOT_FOUND, "nothing"),
        (["promote", "nothing"], Exit.NOT_FOUND, "no draft"),
        (["promote", "../x"], Exit.NOT_FOUND, ""),
        (["move", "nothing", "data"], Exit.NOT_FOUND, "nothing"),
        (["remove", "nothing"], Exit.NOT_FOUND, "nothing"),
        (["restore", "nothing"], Exit.USAGE, "nothing"),
        (["import", "nowhere"], Exit.USAGE, "nowhere"),
        (["import", "."], Exit.USAGE, "SKILL.md"),
        (["export"], Exit.USAGE, "--to"),
        (["export", "--xml", "--zip"], Exit.USAGE, "one form"),
        (["export", "--to", "x"], Exit.USAGE, "no skills"),
        (["install"], Exit.USAGE, "--all"),
        (["install", "nothing", "--for", "claude"], Exit.NOT_FOUND, "nothing"),
    ],
)
def test_what_goes_wrong_has_a_code_and_a_sentence(
    shared: ServerProcess, tmp_path: Path, arguments: list[str], code: Exit, said: str
) -> None:
    ran = run(shared, "skills", *arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (code, ""), ran.stderr
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_empty_library_says_what_to_do(shared: ServerProcess) -> None:
    for command in (["list"], ["search", "x"], ["route", "x"], ["restore"]):
        ran = run(shared, "skills", *command)
        assert (ran.returncode, ran.stdout) == (Exit.OK, ""), command
        assert ran.stderr.strip()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose library stays empty."""
    server = ServerProcess(tmp_path_factory.mktemp("empty") / "data")
    asyncio.run(server.start())
    yield server
    server.kill()


def test_a_draft_with_errors_is_refused_with_what_to_do(server: ServerProcess) -> None:
    job_id = finished(server)
    [draft] = (each for each in (server.data_dir / "drafts" / job_id).iterdir() if each.is_dir())
    (draft / "SKILL.md").write_text((draft / "SKILL.md").read_text() + "\nSee [more](references/none.md).\n")
    refused = run(server, "skills", "promote", job_id)
    assert (refused.returncode, refused.stdout) == (Exit.USAGE, "")
    assert "references/none.md" in refused.stderr
    assert f"skill-fleet skills promote {job_id} --force" in refused.stderr
    assert run(server, "skills", "promote", job_id, "--force").returncode == Exit.OK


def test_at_a_terminal_an_import_asks_first(server: ServerProcess, tmp_path: Path) -> None:
    tree = checkout(tmp_path / "checkout", 2)
    command = [*COMMAND, "skills", "import", str(tree), "--category", "data"]
    with Terminal(command, environment(server)) as terminal:
        terminal.expect("Take 2 skills into the library?")
        terminal.enter("n")
        assert terminal.exit_code() == Exit.FAILED
    with Terminal(command, environment(server)) as terminal:
        terminal.expect("Take 2 skills into the library?")
        terminal.enter("y")
        terminal.expect("Took 2 skills")
        assert terminal.exit_code() == Exit.OK


def test_a_hostile_archive_changes_nothing(server: ServerProcess, tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../../evil/SKILL.md", "---\nname: evil\ndescription: x\n---\n")
    (tmp_path / "evil.zip").write_bytes(file.getvalue())
    ran = run(server, "skills", "import", str(tmp_path / "evil.zip"), "--yes")
    assert (ran.returncode, ran.stdout) == (Exit.USAGE, "")
    assert "leads out of the archive" in ran.stderr
    assert not list(tmp_path.rglob("evil"))
