"""Cutting an instruction takes that instruction out, and nothing else."""

import pytest

from skill_fleet_common.skills import Severity
from skill_fleet_server.grounding import instructions, without
from skill_fleet_server.quality import check

HEAD = '---\nname: a\ndescription: "b"\n---\n\n'


def cut(body: str, *texts: str) -> str:
    """The body after the instructions that begin like this are cut."""
    skill_md = HEAD + body
    ids = [each.id for each in instructions(skill_md) if each.text.startswith(texts)]
    assert len(ids) == len(texts)
    return without(skill_md, ids).removeprefix(HEAD)


def test_an_item_goes_and_the_numbers_after_it_are_counted_down() -> None:
    body = "# A\n\n1. Open the file.\n2. Close the door.\n3. Read the page.\n4. Save the page.\n"
    assert cut(body, "Close") == "# A\n\n1. Open the file.\n2. Read the page.\n3. Save the page.\n"
    assert cut(body, "Open", "Read") == "# A\n\n1. Close the door.\n2. Save the page.\n"


def test_numbers_that_are_all_the_same_stay_so() -> None:
    assert (
        cut("1. Open the file.\n1. Close the door.\n1. Read it all.\n", "Open")
        == "1. Close the door.\n1. Read it all.\n"
    )


def test_code_of_a_step_goes_with_it_and_steps_below_it_move_up() -> None:
    body = (
        "1. Run the check:\n\n   ```sh\n   make check\n   ```\n\n   - Read what it says.\n   - Mend the first.\n"
        "2. Save it all.\n"
    )
    assert cut(body, "Run") == "- Read what it says.\n- Mend the first.\n1. Save it all.\n"


def test_one_sentence_of_a_paragraph_goes_with_its_marks() -> None:
    body = "# A\n\nUse `git` for this. **Never push to main.** See [the\nguide](references/guide.md) first.\n"
    assert cut(body, "Never") == "# A\n\nUse `git` for this. See [the\nguide](references/guide.md) first.\n"


def test_two_instructions_on_one_line_have_ids_of_their_own() -> None:
    told = instructions(HEAD + "Use the form. Never use the fax.\n")
    assert [each.id for each in told] == ["6", "6.2"]
    assert without(HEAD + "Use the form. Never use the fax.\n", ["6.2"]) == HEAD + "Use the form.\n"


def test_a_section_that_is_left_empty_goes_but_not_the_title() -> None:
    body = "# A\n\nUse it well.\n\n## Mistakes\n\n### Rare\n\n- Never do that.\n\n## Check\n\n- Look at it.\n"
    assert cut(body, "Never") == "# A\n\nUse it well.\n\n## Check\n\n- Look at it.\n"
    assert cut(body, "Look") == "# A\n\nUse it well.\n\n## Mistakes\n\n### Rare\n\n- Never do that.\n"
    assert cut("# A\n\nUse it well.\n", "Use").startswith("# A\n")


def test_a_heading_with_subsections_left_stays() -> None:
    body = "## Steps\n\n- Do it now.\n\n### More\n\n- Do it again.\n"
    assert cut(body, "Do it now") == "## Steps\n\n### More\n\n- Do it again.\n"


@pytest.mark.parametrize("ids", [[], ["99"], ["6.7"], [""]])
def test_an_unknown_id_changes_nothing(ids: list[str]) -> None:
    assert without(HEAD + "Use the form.\n", ids) == HEAD + "Use the form.\n"


STEPS = "1. Open the file.\n2. Close the door.\n3. Read the page.\n4. Save the page.\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("See step 4.", "See step 3."),
        ("See **Step 3** and step 1.", "See **Step 2** and step 1."),
        ("Repeat steps 3 and 4.", "Repeat steps 2 and 3."),
        ("Repeat steps 1-3.", "Repeat steps 1-2."),
        ("Repeat steps 2 to 4.", "Repeat steps 2 to 3."),
        ("Repeat steps 1–2.", "Repeat step 1."),
        ("Repeat steps 1, 3, and 4.", "Repeat steps 1, 2, and 3."),
        ("After step 2, wait.", "After step [2?], wait."),
        ("Call `step 4`, take footstep 4 or step 4.1.", "Call `step 4`, take footstep 4 or step 4.1."),
        ("There is no step 9.", "There is no step 9."),
    ],
)
def test_what_the_text_says_of_later_steps_is_counted_down(before: str, after: str) -> None:
    left = "1. Open the file.\n2. Read the page.\n3. Save the page.\n"
    assert cut(f"# A\n\n{STEPS}\n{before}\n", "Close") == f"# A\n\n{left}\n{after}\n"


def test_a_list_that_is_counted_for_its_readers_is_counted_down_too() -> None:
    body = "1. Open the file.\n1. Close the door.\n1. Go back to step 1, or to\n   step 3.\n"
    assert cut(body, "Close") == "1. Open the file.\n1. Go back to step 1, or to\n   step 2.\n"


def test_inside_a_list_its_own_steps_are_meant() -> None:
    body = f"## A\n\n{STEPS}\n## B\n\n1. Take it.\n2. Sort it.\n3. Keep it, as in step 2.\n"
    assert cut(body, "Close").endswith("3. Keep it, as in step 2.\n")
    assert cut(body, "Take").endswith("1. Sort it.\n2. Keep it, as in step 1.\n")


def test_where_two_lists_have_the_step_the_number_is_marked_and_a_rule_finds_it() -> None:
    body = f"## A\n\n{STEPS}\n## B\n\n1. Take it.\n2. Sort it.\n3. Keep it.\n\n## C\n\nThen see step 3, and step 1.\n"
    left = cut(body, "Close")
    assert left.endswith("Then see step [3?], and step 1.\n")
    [finding] = [each for each in check({"SKILL.md": HEAD + left}, "a", profile="draft") if "[3?]" in each.message]
    assert (finding.rule, finding.severity) == ("B21", Severity.WARNING)
    assert "was step 3 before a step was cut" in finding.message


def test_steps_that_are_headings_are_not_those_of_a_list() -> None:
    body = f"## Step 3: all the rest\n\n{STEPS}\nThat was step 3.\n"
    assert cut(body, "Close").endswith("That was step 3.\n")


def test_two_cuts_count_down_twice() -> None:
    assert cut(f"{STEPS}\nSee step 4.\n", "Open", "Close").endswith("See step 2.\n")
