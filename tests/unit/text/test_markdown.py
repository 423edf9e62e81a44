from skill_fleet_tui.text.diff_lines import coloured_diff
from skill_fleet_tui.text.markdown import coloured, split_frontmatter


def test_lines_have_the_style_of_what_they_are() -> None:
    text = "# Title\nSome `code` and **more**.\n- item\n```python\n# not a heading\n```\n> said"
    styles = [line.style for line in coloured(text)]
    assert styles == ["heading", "", "", "fence", "code", "fence", "quote"]


def test_inline_marks_are_spans_of_their_line() -> None:
    (line,) = coloured("Use `x` and **y**, see [z](z.md).")
    assert [(line.text[span.start : span.end], span.style) for span in line.spans] == [
        ("`x`", "code"),
        ("**y**", "strong"),
        ("[z](z.md)", "link"),
    ]


def test_a_longer_fence_is_closed_only_by_one_as_long() -> None:
    assert [line.style for line in coloured("````\n```\n````\nout")] == ["fence", "code", "fence", ""]


def test_frontmatter_is_taken_off() -> None:
    pairs, body = split_frontmatter('---\nname: x\ndescription: "Does x: well."\n---\n\n# X\n')
    assert pairs == [("name", "x"), ("description", "Does x: well.")]
    assert body == "# X\n"


def test_text_without_frontmatter_stays_whole() -> None:
    assert split_frontmatter("# X\n---\n") == ([], "# X\n---\n")
    assert split_frontmatter("---\nname: never closed\n") == ([], "---\nname: never closed\n")


def test_a_diff_is_coloured_by_line() -> None:
    assert [line.style for line in coloured_diff("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z")] == [
        "fence", "fence", "marker", "removed", "added", "",
    ]  # fmt: skip
