"""The same verdict as the reference validator on whole directories: mutated good skills, and what is odd on disk."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from skills_ref import validate

from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.engine import check_skill
from skill_fleet_server.quality.frontmatter import LARGEST, MOST_LINES
from skill_fleet_server.quality.profiles import SKILLS_REF
from skill_fleet_server.quality.reading import MAIN_BYTES, read_skill
from skill_fleet_server.quality.repair import repair
from skill_fleet_server.quality.rules.reference import INTENDED_DIFFERENCES
from tests.support.skills import good_skill

Mutate = Callable[[random.Random, str], str]


def frontmatter_line(chance: random.Random, text: str, change: Callable[[str], str]) -> str:
    lines = text.split("\n")
    at = chance.randrange(1, lines.index("---", 1))
    lines[at] = change(lines[at])
    return "\n".join(lines)


OPERATORS: dict[str, Mutate] = {
    "as it is": lambda chance, text: text,
    "a line less": lambda chance, text: frontmatter_line(chance, text, lambda line: "#"),
    "a line twice": lambda chance, text: frontmatter_line(chance, text, lambda line: f"{line}\n{line}"),
    "a line indented": lambda chance, text: frontmatter_line(chance, text, lambda line: f" {line}"),
    "a tab in front": lambda chance, text: frontmatter_line(chance, text, lambda line: f"\t{line}"),
    "without quotes": lambda chance, text: frontmatter_line(chance, text, lambda line: line.replace('"', "")),
    "an open quote": lambda chance, text: frontmatter_line(chance, text, lambda line: f'{line}"'),
    "a colon more": lambda chance, text: frontmatter_line(chance, text, lambda line: f"{line}: more"),
    "a comment": lambda chance, text: frontmatter_line(chance, text, lambda line: f"{line} # said"),
    "three dashes inside": lambda chance, text: frontmatter_line(chance, text, lambda line: f"{line} --- more"),
    "capitals": lambda chance, text: frontmatter_line(chance, text, str.title),
    "an unknown field": lambda chance, text: text.replace("---\n", f"---\n{chance.choice('abc')}: 1\n", 1),
    "a flow list": lambda chance, text: text.replace("---\n", "---\nlicense: [a, b]\n", 1),
    "a flow mapping": lambda chance, text: text.replace("---\n", "---\nmetadata: {a: b}\n", 1),
    "a block list": lambda chance, text: text.replace("---\n", "---\nallowed-tools:\n  - Read\n", 1),
    "an anchor": lambda chance, text: text.replace("name: ", "name: &a ", 1),
    "a tag": lambda chance, text: text.replace("name: ", "name: !!str ", 1),
    "a folded description": lambda chance, text: text.replace('description: "', 'description: >-\n  "', 1),
    "a long description": lambda chance, text: text.replace(
        'description: "', 'description: "' + "x" * chance.choice([500, 1023, 2000])
    ),
    "a long compatibility": lambda chance, text: text.replace(
        "---\n", f"---\ncompatibility: {'y' * chance.choice([499, 500, 501])}\n", 1
    ),
    "an empty compatibility": lambda chance, text: text.replace("---\n", "---\ncompatibility:\n", 1),
    "another name": lambda chance, text: text.replace("name: ", f"name: {chance.choice(['x-', '-', 'Ü'])}", 1),
    "never closed": lambda chance, text: text.replace("\n---\n", "\n", 1),
    "a blank line first": lambda chance, text: "\n" + text,
    "a byte order mark": lambda chance, text: "\ufeff" + text,
    "other line ends": lambda chance, text: text.replace("\n", "\r\n"),
    "cut somewhere": lambda chance, text: text[: chance.randrange(len(text) // 4)],
    "a control character": lambda chance, text: text[:30] + "\x07" + text[30:],
    "an umlaut and a dash": lambda chance, text: text.replace("as they are", "as they äre – 技能", 1),
}


def reference_passes(directory: Path) -> bool:
    try:
        return validate(directory) == []
    except Exception:  # it crashes: it does not accept the skill
        return False


def we_pass(directory: Path) -> bool:
    return check_skill(read_skill(directory), SKILLS_REF) == []


def mutated(root: Path, each: int) -> list[Path]:
    """Every operator applied to so many good skills of its own."""
    made = []
    for number, (label, mutate) in enumerate(OPERATORS.items()):
        for variant in range(each):
            seed = number * 100 + variant
            skill = good_skill(seed)
            directory = skill.write(root / f"{number}-{label.replace(' ', '-')}")
            text = mutate(random.Random(seed), skill.files["SKILL.md"])
            (directory / "SKILL.md").write_bytes(text.encode())
            made.append(directory)
    return made


def test_the_verdict_on_hundreds_of_mutated_skills_is_the_same(tmp_path):
    directories = mutated(tmp_path, 14)
    verdicts = {directory: reference_passes(directory) for directory in directories}
    assert len(directories) > 300
    assert 0.2 < sum(verdicts.values()) / len(verdicts) < 0.8
    assert [directory for directory, passes in verdicts.items() if we_pass(directory) is not passes] == []


def test_no_errors_of_ours_means_none_of_the_reference_and_repairs_lead_there(tmp_path):
    refused_by_it = []
    healed = 0
    for directory in mutated(tmp_path, 4):
        skill = read_skill(directory)
        repaired = repair(skill)
        after = Path(tmp_path / "after" / directory.parent.name / repaired.skill.directory)
        after.mkdir(parents=True)
        for path, text in repaired.skill.files.items():
            (after / path).parent.mkdir(exist_ok=True)
            (after / path).write_bytes(text.encode(errors="replace"))
        clean = all(found.severity is not Severity.ERROR for found in check_skill(read_skill(after)))
        if clean and not reference_passes(after):
            refused_by_it.append(after)
        healed += clean and not reference_passes(directory)
    assert refused_by_it == []
    assert healed > 20


@pytest.fixture
def good(tmp_path) -> Path:
    return good_skill(1).write(tmp_path)


def test_a_main_file_that_is_a_directory_is_refused_by_both(good):
    (good / "SKILL.md").unlink()
    (good / "SKILL.md").mkdir()
    (good / "skill.md").write_text("---\nname: x\n---\n")
    assert (we_pass(good), reference_passes(good)) == (False, False)


def test_a_main_file_that_is_not_utf8_is_refused_by_both(good):
    (good / "SKILL.md").write_bytes((good / "SKILL.md").read_bytes() + b"\xe9")
    assert (we_pass(good), reference_passes(good)) == (False, False)


def test_a_main_file_in_small_letters_is_accepted_by_both(good):
    (good / "SKILL.md").rename(good / "skill.md")
    assert (we_pass(good), reference_passes(good)) == (True, True)


def test_a_linked_directory_goes_by_the_links_name_for_both(good, tmp_path):
    link = tmp_path / "elsewhere"
    link.symlink_to(good)
    assert (we_pass(link), reference_passes(link)) == (False, False)


def test_the_intended_differences_are_these_and_no_others(good, tmp_path, monkeypatch):
    monkeypatch.chdir(good)
    differs = {"the directory is named as .": we_pass(Path()) is not reference_passes(Path())}
    monkeypatch.chdir(tmp_path)

    linked = good_skill(2).write(tmp_path)
    os.rename(linked / "SKILL.md", linked / "real.md")
    (linked / "SKILL.md").symlink_to("real.md")
    differs["SKILL.md is a link"] = we_pass(linked) is not reference_passes(linked)

    for number, (label, more) in enumerate(
        {
            "SKILL.md has more than 16 MB": ("\n# t\n", "x" * (MAIN_BYTES + 1)),
            f"the frontmatter has more than {LARGEST:,} characters": ("---\n", f"---\n#{'x' * LARGEST}\n"),
            f"the frontmatter has more than {MOST_LINES:,} lines": ("---\n", "---\n" + "#\n" * (MOST_LINES + 1)),
        }.items(),
        3,
    ):
        directory = good_skill(number).write(tmp_path)
        text = good_skill(number).files["SKILL.md"]
        (directory / "SKILL.md").write_text(text.replace(*more, 1) if more[0] in text else text + more[1])
        differs[label] = we_pass(directory) is not reference_passes(directory)

    assert differs == dict.fromkeys(INTENDED_DIFFERENCES, True)
