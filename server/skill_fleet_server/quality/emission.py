"""SKILL.md in the strict form that every known client reads the same way.

One-line double-quoted description, block-style metadata with quoted strings, no `---`, `<` or `>` in the
frontmatter: naive readers cut at the first `---` wherever it is, uploads refuse angle brackets, and strict YAML
readers refuse flow style.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_NAMED_ESCAPES: Final = {'"': '\\"', "\\": "\\\\"}
_PLAIN: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NOT_STRINGS: Final = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
"""Words that some YAML reader makes something else of."""
_ARROWS: Final = re.compile(r"\s*(?:-+|=+)>\s*")
_DASHES: Final = re.compile(r"-{3,}")


def skill_md(
    name: str,
    description: str,
    body: str,
    *,
    metadata: Mapping[str, str] | None = None,
    license: str | None = None,  # noqa: A002 the specification's name
    compatibility: str | None = None,
    allowed_tools: str | None = None,
) -> str:
    """The text of a SKILL.md. Values are cleaned into one line each, never checked: that is `check`'s to do.

    A frontmatter that `body` begins with is dropped: models like to write their own.
    """
    lines = [f"name: {scalar(name)}", f"description: {quoted(description)}"]
    if license and one_line(license):
        lines.append(f"license: {quoted(license)}")
    if compatibility and one_line(compatibility):
        lines.append(f"compatibility: {quoted(compatibility)}")
    if allowed_tools and one_line(allowed_tools):
        lines.append(f"allowed-tools: {quoted(allowed_tools)}")
    if metadata:
        lines.append("metadata:")
        lines.extend(f"  {scalar(key)}: {quoted(value)}" for key, value in metadata.items())
    frontmatter = "\n".join(lines)
    return f"---\n{frontmatter}\n---\n\n{clean_body(body)}\n"


def one_line(text: str) -> str:
    """The text on one line, without what frontmatter cannot hold: control characters, `---`, `<` and `>`."""
    text = _ARROWS.sub(" to ", text)
    text = "".join(_printable(character) for character in text)
    text = text.replace("<", "").replace(">", "")
    return " ".join(_DASHES.sub("-", text).split())


def clean_body(body: str) -> str:
    """The Markdown body: LF line ends, no control characters, no frontmatter of its own, no blank edges."""
    body = body.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    body = "".join(character for character in body if character in "\n\t" or _is_text(character))
    return _without_frontmatter(body).strip("\n").rstrip()


def _without_frontmatter(body: str) -> str:
    stripped = body.lstrip()
    match = re.match(r"---[ \t]*\n(?P<inside>.*?)\n---[ \t]*(?:\n|\Z)", stripped, re.DOTALL)
    if match and re.search(r"^(?:name|description)\s*:", match["inside"], re.MULTILINE):
        return stripped[match.end() :]
    return body


def scalar(text: str) -> str:
    """The text as it is if it is a plain word to every YAML reader, else in double quotes."""
    return text if _PLAIN.fullmatch(text) and text not in _NOT_STRINGS else quoted(text)


def quoted(text: str) -> str:
    """The text as a double-quoted YAML string on one line, cleaned by `one_line`."""
    return '"' + "".join(_NAMED_ESCAPES.get(character, character) for character in one_line(text)) + '"'


def _printable(character: str) -> str:
    if _is_text(character):
        return character
    return " " if character in "\n\r\t\v\f\x85\u2028\u2029" else ""


def _is_text(character: str) -> bool:
    """Whether YAML readers take the character: no controls, surrogates, separators, noncharacters."""
    return (
        unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        and character != "\ufeff"
        and ord(character) & 0xFFFE != 0xFFFE
        and not 0xFDD0 <= ord(character) <= 0xFDEF
    )
