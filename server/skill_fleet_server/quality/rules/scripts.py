"""X: bundled scripts and data can be read by what will run them. They are parsed, never run."""

import ast
import json
import re
import sys
import textwrap
import tomllib
import warnings
from collections.abc import Callable, Iterator
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import Notice, Rule
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.fetched import unpinned
from skill_fleet_server.quality.frontmatter import Place
from skill_fleet_server.quality.shell import fault_in
from skill_fleet_server.quality.skill import ParsedSkill

PARSED_CHARACTERS: Final = 200_000
"""Longer files are not parsed: they are data or made by a program."""
DEEPEST: Final = 80
"""Brackets inside each other beyond which a text is not given to a parser: some crash on it."""

_SCRIPTS: Final = "scripts/"
_ELLIPSIS: Final = re.compile(r"\.\.\.|…|<[a-zA-Z][\w -]*>|\{\{|^\s*[-+]{1,3} |^\s*(?:\$|>>>|>) ", re.MULTILINE)
_ASKS: Final = re.compile(
    r"(?m)^[^#\n]*?(?<![\w.])(?:input\(|getpass\.getpass\(|getpass\()|^\s*read\s+(?:-\w+\s+)*-\w*p"
)
_TAKES: Final = re.compile(r"\bsys\.argv\[[1-9]|\bsys\.argv\[1:\]|[\"' =]\$\{?[1-9]\b")
_TELLS: Final = re.compile(
    r"argparse|optparse|getopt|\bclick\b|\btyper\b|\bfire\b|docopt|tyro|--help|\busage\b", re.IGNORECASE
)
_ENVIRONMENT: Final = re.compile(r"(?m)^#!\s*/\S*")

Fault = tuple[str, Place]


def _python(text: str) -> Fault | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.msg, Place(max(1, error.lineno or 1), max(1, error.offset or 1))
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or "it is nested too deeply", Place(1, 1)
    return None


def _shell(text: str) -> Fault | None:
    fault = fault_in(text)
    return (fault.message, Place(fault.line, 1)) if fault else None


def _json(text: str) -> Fault | None:
    try:
        json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return error.msg, Place(error.lineno, error.colno)
    except RecursionError:
        return "it is nested too deeply", Place(1, 1)
    return None


def _yaml(text: str) -> Fault | None:
    try:
        for event in YAML(typ="rt", pure=True, plug_ins=[]).parse(text):  # events only: aliases are never expanded
            del event
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        return error.problem or error.context or "it is not YAML", place
    except (YAMLError, RecursionError, ValueError, AttributeError, IndexError) as error:
        return " ".join(str(error).split())[:120] or "it is not YAML", Place(1, 1)
    return None


def _toml(text: str) -> Fault | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        return str(error), Place(int(found[1]), int(found[2])) if found else Place(1, 1)
    except RecursionError:
        return "it is nested too deeply", Place(1, 1)
    return None


_BY_LANGUAGE: Final[dict[str, Callable[[str], Fault | None]]] = {
    "python": _python, "shell": _shell, "json": _json, "yaml": _yaml, "toml": _toml,
}  # fmt: skip
_NAMES: Final = {
    "py": "python", "python": "python", "python3": "python", "sh": "shell", "bash": "shell", "shell": "shell",
    "json": "json", "yaml": "yaml", "yml": "yaml", "toml": "toml",
}  # fmt: skip


def language(path: str, text: str) -> str | None:
    """The language of a file, by its ending or its first line, if it is one that can be checked."""
    name, dot, ending = path.rpartition(".")
    if dot and "/" not in ending and name:
        return _NAMES.get(ending.lower())
    first = text.partition("\n")[0]
    if first.startswith("#!"):
        return "python" if "python" in first else "shell" if re.search(r"\b(?:ba)?sh\b", first) else None
    return None


def fault(language_: str, text: str) -> Fault | None:
    """Why a text is not of its language, and where. Text that is too large or nested too deeply passes."""
    if len(text) > PARSED_CHARACTERS or _depth(text) > DEEPEST:
        return None
    return _BY_LANGUAGE[language_](text.replace("\r\n", "\n"))


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in re.finditer(r"[\[({]|[\])}]", text):
        depth = depth + 1 if match.group() in "[({" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


@Rule(
    "X01",
    "scripts",
    Severity.ERROR,
    source="what runs or reads the file refuses it",
    fails=Example(added="Run scripts/fill.py.", files={"scripts/fill.py": "#!/usr/bin/env python3\nprint('a'\n"}),
    passes=Example(added="Run scripts/fill.py.", files={"scripts/fill.py": "#!/usr/bin/env python3\nprint('a')\n"}),
)
def files_can_be_parsed(skill: ParsedSkill) -> Iterator[Notice]:
    """Python, shell, JSON, YAML and TOML files are whole."""
    for path, text in sorted(skill.files.items()):
        known = None if path.endswith(".md") or "template" in path.casefold() else language(path, text)
        if known and (found := fault(known, text)):
            message, place = found
            yield Notice(
                message=f"This cannot be read as {known}: {message}.",
                place=place,
                path=path,
                text=next(iter(text.split("\n")[place.line - 1 : place.line]), ""),
                fix="Correct it, or leave the file out.",
            )


@Rule(
    "X02",
    "scripts",
    Severity.INFO,
    source="measured: a quarter of well-kept public scripts have none",
    fails=Example(added="Run scripts/fill.py.", files={"scripts/fill.py": "print('a')\n"}),
    passes=Example(added="Run `python3 scripts/fill.py`.", files={"scripts/fill.py": "print('a')\n"}),
)
def scripts_say_what_runs_them(skill: ParsedSkill) -> Iterator[Notice]:
    """A script begins with `#!`, or the text says which interpreter runs it."""
    for path, text in _scripts(skill):
        if not _ENVIRONMENT.match(text) and not re.search(
            rf"\b(?:python3?|bash|sh|uv run|node)\s+\S*{re.escape(path)}", skill.body
        ):
            fix = "Begin it with #!/usr/bin/env …, or write the interpreter before its path."
            yield Notice(message="Nothing says what runs this script.", path=path, place=Place(1, 1), fix=fix)


@Rule(
    "X03",
    "scripts",
    Severity.WARNING,
    source="specification, scripts guide: an agent cannot answer",
    fails=Example(
        added="Run scripts/fill.py.", files={"scripts/fill.py": "#!/usr/bin/env python3\nname = input('Name? ')\n"}
    ),
    passes=Example(
        added="Run scripts/fill.py.",
        files={
            "scripts/fill.py": "#!/usr/bin/env python3\nimport argparse\n\nargparse.ArgumentParser().parse_args()\n"
        },
    ),
)
def scripts_can_be_run_by_agents(skill: ParsedSkill) -> Iterator[Notice]:
    """No script waits for somebody to type, and one that takes arguments says which: `--help`, or a usage line."""
    for path, text in _scripts(skill):
        if (taken := _TAKES.search(text)) and not _TELLS.search(text):
            line = text.count("\n", 0, taken.start()) + 1
            yield Notice(
                message="The script takes arguments, and has no --help that says which.",
                place=Place(line, 1),
                path=path,
                text=text.split("\n")[line - 1],
                fix="Read them with argparse or getopts, or print a usage line when they are missing.",
                severity=Severity.INFO,
            )
        if found := _ASKS.search(text):
            line = text.count("\n", 0, found.end()) + 1
            yield Notice(
                message="The script waits for somebody to type; an agent cannot.",
                place=Place(line, 1),
                path=path,
                text=text.split("\n")[line - 1],
                fix="Take it as an argument or from a file.",
            )


_PEP_723: Final = "# /// script"


@Rule(
    "X04",
    "scripts",
    Severity.INFO,
    source="specification, scripts guide: say what has to be installed",
    fails=Example(
        added="Run scripts/fill.py. Check it with `uvx pdfcheck`.",
        files={"scripts/fill.py": "#!/usr/bin/env python3\nimport pypdf\nprint(pypdf)\n"},
    ),
    passes=Example(
        added="Run scripts/fill.py after `pip install pypdf`. Check it with `uvx pdfcheck==1.4`.",
        files={"scripts/fill.py": "#!/usr/bin/env python3\nimport pypdf\nprint(pypdf)\n"},
    ),
)
def dependencies_are_said(skill: ParsedSkill) -> Iterator[Notice]:
    """What a Python script imports beyond the standard library is declared in it, or named in the text.

    What `npx`, `uvx` and `pipx` fetch to run it has a version.
    """
    yield from _fetched_without_version(skill)
    said = f"{skill.body}\n{skill.string('compatibility') or ''}".casefold()
    modules = {path.rpartition("/")[2].removesuffix(".py") for path in skill.files}
    folders = {part for path in skill.files for part in path.split("/")[:-1]}
    for path, text in _scripts(skill):
        if not path.endswith(".py") or _PEP_723 in text or len(text) > PARSED_CHARACTERS or _python(text):
            continue
        for name, line in _imports(text):
            if name in sys.stdlib_module_names or name in modules or name in folders or name.casefold() in said:
                continue
            if any(each.endswith("requirements.txt") and name in skill.files[each] for each in skill.files):
                continue
            fix = "Declare it in the script (PEP 723), or say in the text how to install it."
            message = f"The script needs {name}, and nothing says so."
            yield Notice(message=message, place=Place(line, 1), path=path, text=name, fix=fix)


def _fetched_without_version(skill: ParsedSkill) -> Iterator[Notice]:
    seen: set[str] = set()
    for path in skill.markdown:
        for code, line in skill.code(path):
            for each in unpinned(code):
                if each.command not in seen:
                    seen.add(each.command)
                    message = f"{each.command} runs whatever version is the newest."
                    place = Place(line + each.line, 1)
                    yield Notice(
                        message=message,
                        place=place,
                        path=path,
                        text=each.text,
                        fix=f"Name the version you tried: {each.pinned}.",
                    )


def _imports(text: str) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name.partition(".")[0], node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.setdefault(node.module.partition(".")[0], node.lineno)
    return list(found.items())


@Rule(
    "X05",
    "scripts",
    Severity.WARNING,
    source="authors' guides: agents copy code as it stands",
    fails=Example(added='```json\n{"days": 5,}\n```'),
    passes=Example(added='```json\n{"days": 5}\n```'),
)
def fenced_code_can_be_parsed(skill: ParsedSkill) -> Iterator[Notice]:
    """Python, shell, JSON, YAML and TOML in fences is whole, unless it shows `...`, a session or a difference."""
    for token in skill.tokens:
        known = _NAMES.get(token.info.strip().split(" ")[0].lower()) if token.type == "fence" else None
        if not known or not token.content.strip() or _ELLIPSIS.search(token.content):
            continue
        if known == "json" and re.search(r"(?<!:)//|/\*", token.content):
            continue
        if found := fault(known, textwrap.dedent(token.content)):
            message, place = found
            line = skill.line_of(token) + place.line
            text, fix = skill.line(line), "Correct it; write ... where something is left out."
            message = f"The {known} here cannot be read: {message}."
            yield Notice(message=message, place=Place(line, 1), text=text, fix=fix)


def _scripts(skill: ParsedSkill) -> Iterator[tuple[str, str]]:
    for path, text in sorted(skill.files.items()):
        if path.startswith(_SCRIPTS) and language(path, text) in {"python", "shell"} and _is_run(path, text):
            yield path, text


def _is_run(path: str, text: str) -> bool:
    return bool(text.strip()) and not path.endswith(("__init__.py", "conftest.py")) and "/test" not in path
