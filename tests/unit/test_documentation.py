"""The documentation says what is so: what is generated is up to date, what is linked or named exists."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer.main

from skill_fleet_common.prompts import AnswerRequest
from skill_fleet_server.settings import ServerSettings
from skill_fleet_server.settings_file import SettingsFile
from skill_fleet_tui.__main__ import parser as dashboard_parser
from skill_fleet_tui.cli.main import app
from skill_fleet_tui.setup.settings import ClientSettings
from tests.support.documentation.commands import THE_SERVERS_OWN, servers_help
from tests.support.documentation.pages import PICTURE, ROOT, generated
from tests.support.documentation.protocol import frame_types
from tests.support.documentation.settings import MODEL_VARIABLES

PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_VARIABLE = re.compile(r"SKILL_FLEET_[A-Z_]+")
_ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")
_SEPARATORS = {"|", "||", "&&", ";", "do", "{", "}", "done", ">", "<"}


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """The code blocks of a page in these languages, without their indentation."""
    for indent, language, text in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield "\n".join(line.removeprefix(indent) for line in text.splitlines())


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The headings of a page as code hosts name them in links."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    bare = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in bare}


def commands(page: Path, *programs: str) -> Iterator[list[str]]:
    """The words of every call of these programs, in code blocks and in inline code."""
    lines = [line for block in blocks(page, "sh") for line in block.replace("\\\n", " ").splitlines()]
    lines += [
        code
        for code in re.findall(r"`([^`\n]+)`", prose(page))
        if code.strip() and code.split()[0].rpartition("/")[2] in programs
    ]
    for line in lines:
        lexer = shlex.shlex(line.replace("…", "x"), posix=True, punctuation_chars="|&;<>{}")
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:  # a quotation that goes on in the next line: no program of ours begins there
            continue
        while words:
            cut = next((at for at, word in enumerate(words) if word in _SEPARATORS), len(words))
            call, words = words[:cut], words[cut + 1 :]
            while call and _ASSIGNMENT.fullmatch(call[0]):
                call = call[1:]
            if call and call[0].rpartition("/")[2] in programs:
                yield [call[0].rpartition("/")[2], *call[1:]]


def test_generated_pages_are_up_to_date() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, "out of date; run `make docs`"


def test_every_type_of_frame_is_in_a_group_of_the_protocol() -> None:
    from skill_fleet_common import events

    grouped = [name for names in frame_types().values() for name in names]
    assert sorted(grouped) == sorted(model.model_fields["type"].default for model in events.FRAMES)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    broken = []
    for target in _LINK.findall(prose(page)):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        inside = file.is_relative_to(ROOT) and file.exists()
        if not inside or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("name", NAMES)
def test_commands_exist(name: str) -> None:
    group: Any = typer.main.get_command(app)
    for call in commands(ROOT / name, "skill-fleet"):
        at, words = group, call[1:]
        while words and (inner := getattr(at, "commands", {}).get(words[0])):
            at, words = inner, words[1:]
        if at is group:
            assert not words or words[0].startswith("-"), f"no command {' '.join(call)}"
        options = {name for parameter in at.params for name in parameter.opts} | {"-h", "--help"}
        flags = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
        if at.name in THE_SERVERS_OWN:
            options = set(re.findall(r"--[a-z-]+", servers_help(at.name, *words[:1])))
        assert flags <= options, f"{' '.join(call)}: no option {flags - options}"


@pytest.mark.parametrize("name", NAMES)
def test_flags_of_the_dashboard_exist(name: str) -> None:
    known = {flag for action in dashboard_parser()._actions for flag in action.option_strings}
    for call in commands(ROOT / name, "skill-fleet-tui"):
        assert {word for word in call[1:] if word.startswith("-")} <= known, " ".join(call)


@pytest.mark.parametrize("name", NAMES)
def test_targets_of_make_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for call in commands(ROOT / name, "make"):
        named = {word for word in call[1:] if re.fullmatch(r"[a-z]+", word)}
        assert named <= targets, " ".join(call)


@pytest.mark.parametrize("name", NAMES)
def test_settings_exist(name: str) -> None:
    known = {f"SKILL_FLEET_{field.upper()}" for field in (*ServerSettings.model_fields, *ClientSettings.model_fields)}
    known |= {*MODEL_VARIABLES.values(), "SKILL_FLEET_TEST_DATABASE_URL"}  # the last is of the tests
    assert set(_VARIABLE.findall((ROOT / name).read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("name", NAMES)
def test_examples_of_the_settings_file_can_be_loaded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SKILL_FLEET_MODEL", "SKILL_FLEET_API_BASE", "SKILL_FLEET_MODELS"):
        monkeypatch.delenv(variable, raising=False)
    for number, block in enumerate(blocks(ROOT / name, "toml")):
        file = tmp_path / f"{number}.toml"
        file.write_text(block, encoding="utf-8")
        settings = ServerSettings.load({"config": file})
        assert settings.models.model_dump(mode="json", exclude_unset=True) == SettingsFile.read(file).table("models")
        assert tomllib.loads(block)


def test_the_answer_shown_in_the_protocol_is_one() -> None:
    page = (ROOT / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")
    body = re.search(r"-d '(\{\"prompt_id\".*?\})'\n```", page, re.DOTALL)
    assert body
    assert AnswerRequest.model_validate_json(body[1]).answers


def test_the_picture_is_one() -> None:
    assert ElementTree.parse(PICTURE).getroot().tag.endswith("svg")


@pytest.mark.parametrize("name", NAMES)
def test_no_page_knows_the_machine_it_was_written_on(name: str) -> None:
    assert not re.findall(r"(?<![\w.~])/(?:home|Users|root|work|mnt)/\S*", (ROOT / name).read_text(encoding="utf-8"))
