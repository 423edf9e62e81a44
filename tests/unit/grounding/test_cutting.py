"""Cutting an instruction takes that instruction out, and nothing else."""

import pytest

from skill_fleet_server.grounding import instructions, without

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
