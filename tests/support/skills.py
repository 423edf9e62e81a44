"""Good skills by the hundred, no two alike: for tests of rules on more than one text, and for measuring."""

import random
from dataclasses import dataclass
from pathlib import Path

THINGS = [
    "invoices",
    "contracts",
    "photographs",
    "recipes",
    "timetables",
    "schematics",
    "ledgers",
    "manifests",
    "transcripts",
    "blueprints",
]
ACTIONS = [
    "sorting",
    "checking",
    "merging",
    "converting",
    "archiving",
    "translating",
    "comparing",
    "summarising",
    "indexing",
    "cleaning",
]
TOOLS = ["pandoc", "ffmpeg", "jq", "ripgrep", "imagemagick", "sqlite", "tesseract", "graphviz", "exiftool", "csvkit"]
FIELDS = [
    "dates",
    "totals",
    "names",
    "captions",
    "headings",
    "margins",
    "signatures",
    "footnotes",
    "columns",
    "barcodes",
]
EXTRAS = (
    "",
    "license: MIT",
    'license: "Apache-2.0"\nmetadata:\n  author: "someone"',
    'metadata:\n  version: "1.2.0"\n  tags: "office, paper"',
    'compatibility: "Needs a shell."',
    'allowed-tools: "Read Bash(jq:*)"',
)


@dataclass(frozen=True)
class GoodSkill:
    """A skill in which no rule finds an error or a warning."""

    name: str
    files: dict[str, str]

    def write(self, root: Path) -> Path:
        """Write it below a directory; returns its own."""
        for path, text in self.files.items():
            target = root / self.name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return root / self.name


def good_skill(number: int, *, sections: int = 3) -> GoodSkill:
    """The good skill of that number; more sections make it longer."""
    chance = random.Random(number)
    action, thing = ACTIONS[number % 10], THINGS[number // 10 % 10]
    tool, field, other = chance.choice(TOOLS), *chance.sample(FIELDS, 2)
    name = f"{action}-{thing}-{number}"
    description = (
        f"{action.capitalize()} {thing} with {tool}, and leaves their {field} and {other} as they are. Use when the "
        f"user has {thing} in a folder, or asks for their {field}."
    )
    extra = chance.choice(EXTRAS)
    frontmatter = f'name: {name}\ndescription: "{description}"' + (f"\n{extra}" if extra else "")
    body = _body(chance, action, thing, tool, field, other, sections)
    files = {"SKILL.md": f"---\n{frontmatter}\n---\n\n{body}"}
    if "references/" in body:
        files[f"references/{field}.md"] = f"# {field.capitalize()}\n\nHow {thing} show their {field}, one by one.\n"
    if "scripts/" in body:
        files["scripts/count.py"] = f'#!/usr/bin/env python3\nimport sys\n\nprint("{thing}", len(sys.argv))\n'
    return GoodSkill(name, files)


def _body(
    chance: random.Random, action: str, thing: str, tool: str, field: str, other: str, sections: int
) -> str:  # fmt: skip
    parts = [
        f"# {action.capitalize()} {thing}\n\nGets a folder of {thing} done with `{tool}`. Without the check at the "
        f"end, lost {field} are seen only weeks later.",
        f"## When to use\n\n- Somebody hands over {thing} and says what should become of them.\n"
        f"- Not for {thing} on paper: ask for files first.",
        f"## Steps\n\n1. List the {thing} with `{tool} --version` at hand, and show how many there are.\n"
        f"2. Copy the folder, so that the {thing} as they came stay untouched.\n"
        f"3. Work through the copy and write down every file whose {field} are missing.",
        f'## Example\n\n```json\n{{"{field}": {chance.randint(2, 99)}, "{other}": "kept"}}\n```',
        f"## Gotchas\n\n- `{tool}` says nothing about empty files: count them before and after.\n"
        f"- {other.capitalize()} with umlauts come out wrong unless the encoding is named.",
    ]
    for section in range(3, sections):
        said = " ".join(
            f"Case {section}-{line}: the {chance.choice(FIELDS)} of file {chance.randint(100, 999)} go to the "
            f"{chance.choice(FIELDS)} of part {line}."
            for line in range(6)
        )
        parts.append(f"## Case {section}\n\n{said}\n\n```sh\n{tool} part-{section}.txt\n```")
    if chance.random() < 0.5:
        parts.append(f"## More\n\nRead [the {field}](references/{field}.md) when one of them looks odd.")
    if chance.random() < 0.5:
        parts.append("## Counting\n\nRun `scripts/count.py` on the copy.")
    parts.append(f"## Check the result\n\n- [ ] As many {thing} as before, and none of them empty.")
    return "\n\n".join(parts) + "\n"
