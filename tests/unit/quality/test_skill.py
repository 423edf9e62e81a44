"""Reading is lenient, and knows where everything is."""

from skill_fleet_server.quality import parse
from skill_fleet_server.quality.skill import Link, prose_blocks
from tests.unit.quality.builders import good


def read(text: str):
    return parse({"SKILL.md": text}, "pdf-forms")


def test_fields_have_the_places_of_their_keys_and_values():
    skill = read('---\nname: pdf-forms\ndescription: "Fills forms"\nmetadata:\n  author: "someone"\n---\nbody\n')
    description, metadata = skill.field("description"), skill.field("metadata")
    assert description
    assert metadata
    assert (description.place.line, description.value.line, description.value.column) == (3, 3, 14)
    assert metadata.kind == "mapping"
    assert [(inner.name, inner.text, inner.place.line) for inner in metadata.fields] == [("author", "someone", 5)]


def test_byte_order_mark_and_crlf_change_nothing_but_are_kept_in_the_files():
    text = "\ufeff" + good().replace("\n", "\r\n")
    assert read(text).string("name") == "pdf-forms"
    assert read(text).body == read(good()).body
    assert read(text).text == text


def test_frontmatter_ends_at_three_dashes_on_a_line_of_their_own():
    skill = read("---\nname: a\ndescription: x --- y\n---  \n\nbody --- still\n---\nmore\n")
    assert skill.string("description") == "x --- y"
    assert skill.body == "\nbody --- still\n---\nmore\n"
    assert skill.body_line == 5


def test_body_tokens_and_links_count_lines_of_the_file():
    skill = read("---\nname: a\n---\n\n# Title\n\nsee [one](a.md)\nand ![two](b.png)\n")
    assert skill.links() == [Link("a.md", 7), Link("b.png", 8)]
    assert skill.line_of(skill.tokens[0]) == 5


def test_numbers_dates_and_blanks_are_known_as_not_strings():
    skill = read('---\na: 1\nb: 2026-01-01\nc: true\nd:\ne: "1"\nf: text\ng: [x]\n---\n')
    assert skill.frontmatter
    kinds = {field.name: field.kind for field in skill.frontmatter.fields}
    assert [kinds[name] for name in "abcd"] == ["other scalar"] * 4
    assert (kinds["e"], kinds["f"], kinds["g"]) == ("string", "string", "list")


def test_duplicate_keys_are_all_there():
    skill = read("---\nname: a\nname: b\n---\n")
    assert skill.frontmatter
    assert [field.text for field in skill.frontmatter.fields] == ["a", "b"]


def test_broken_yaml_is_a_problem_with_a_place():
    skill = read("---\nname: a\ndescription: b: c\n---\n")
    assert skill.frontmatter
    assert skill.frontmatter.problem
    assert skill.frontmatter.problem.place.line == 3


def test_prose_is_paragraphs_and_list_items_without_code_tables_and_headings():
    body = "# No\n\nYes one.\n\n- yes `two`\n\n```\nno\n```\n\n| no |\n|----|\n| no |\n\n> yes three\n"
    blocks = prose_blocks(read("---\nname: a\n---\n" + body))
    assert [(block.text, block.line, block.in_list, block.quoted) for block in blocks] == [
        ("Yes one.", 6, False, False),
        ("yes two", 8, True, False),
        ("yes three", 18, False, True),
    ]
