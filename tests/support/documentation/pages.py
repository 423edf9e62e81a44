"""Which pages and sections are generated, and where they stand."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.support import screenshot
from tests.support.documentation.commands import cli_page, keys_page
from tests.support.documentation.protocol import (
    endpoints,
    event_types,
    failure_codes,
    frame_types,
    library_types,
    limits_table,
    models_tables,
    other_types,
    problem_codes,
    prompt_kinds,
)
from tests.support.documentation.rules import rules_page
from tests.support.documentation.settings import settings_page

ROOT: Final = Path(__file__).parents[3]
PICTURE: Final = ROOT / "docs" / "images" / "dashboard.svg"
REFERENCE: Final = ROOT / "docs" / "reference"

_SECTION: Final = "<!-- generated: {name} -->\n{text}\n<!-- end -->"
_SECTIONS: Final = re.compile(r"<!-- generated: ([\w-]+) -->\n.*?<!-- end -->", re.DOTALL)

_PAGES: Final[dict[str, Callable[[], str]]] = {
    "settings": settings_page,
    "cli": cli_page,
    "keys": keys_page,
    "rules": rules_page,
}

_PARTS: Final[dict[str, Callable[[], str]]] = {
    "endpoints": endpoints,
    "durable-events": lambda: event_types(frame_types()["durable"]),
    "text-in-flight": lambda: event_types(frame_types()["in flight"]),
    "control-frames": lambda: event_types(frame_types()["control"]),
    "job-view": lambda: models_tables(["jobs.JobView"]),
    "create-job": lambda: models_tables(["api.CreateJob", "api.Source"]),
    "prompt-kinds": prompt_kinds,
    "prompt": lambda: models_tables(["prompts.PromptBase", "prompts.Question", "prompts.Option"]),
    "answer": lambda: models_tables(["prompts.AnswerRequest"]),
    "problem": lambda: models_tables(["problems.Problem"]),
    "problem-codes": problem_codes,
    "failure-codes": failure_codes,
    "other-types": other_types,
    "library": library_types,
    "limits": limits_table,
}


def main() -> None:
    """Write every generated page and section, and draw the picture."""
    for path, text in generated().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    screenshot.main(PICTURE)
    print(f"drew {PICTURE.relative_to(ROOT)}")


def generated() -> dict[Path, str]:
    """Each page that is generated, whole or in part, as it should be."""
    pages = {REFERENCE / f"{name}.md": make() for name, make in _PAGES.items()}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if path not in pages and _SECTIONS.search(text):
            pages[path] = _SECTIONS.sub(_section, text)
    return pages


def _section(match: re.Match[str]) -> str:
    name = match[1]
    return _SECTION.format(name=name, text=_PARTS[name]().strip("\n"))
