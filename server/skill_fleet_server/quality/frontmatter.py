"""The YAML between the two `---` lines, with the place of everything in it. A broken one says where it broke."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tokens import (
    AliasToken,
    AnchorToken,
    FlowMappingStartToken,
    FlowSequenceStartToken,
    ScalarToken,
    TagToken,
)

SPECIFIED: Final = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
"""The six fields of the specification, in the order we write them."""

CLAUDE_FIELDS: Final = frozenset(
    """when_to_use argument-hint arguments disable-model-invocation user-invocable model effort context agent hooks
    paths shell""".split()  # noqa: SIM905 a list would fill a screen
)
"""Fields that only Claude Code reads."""

LARGEST: Final = 100_000
"""More characters than this are not read as YAML."""
MOST_LINES: Final = 2_000
"""Nor more lines."""

DEEPEST: Final = 200
"""Brackets inside each other beyond which the text is not read: readers take a time that grows with its square."""

SHALLOW: Final = 2
DEEP: Final = 10
"""How many levels of mappings are read."""

_BRACKETS: Final = re.compile(r"[\[{\]}]")
_STRING: Final = "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class Place:
    """A line and a column of SKILL.md, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """Something YAML, or the strict part of it that every client reads, does not allow."""

    message: str
    place: Place


@dataclass(frozen=True)
class Field:
    """One key of a mapping and its value."""

    name: str
    place: Place
    """Of the key."""
    value: Place
    kind: Literal["string", "other scalar", "list", "mapping"]
    """`other scalar` is what YAML readers make a number, a date, a boolean or nothing of."""
    text: str | None = None
    """Of a scalar, as written but for quotes and folding."""
    style: str = ""
    """Of a scalar: empty for plain, or one of the characters ` " ' | > `."""
    fields: tuple["Field", ...] = ()
    """Of a mapping."""
    items: tuple[str, ...] = ()
    """Of a list: its scalars."""
    lines: int = 1
    """How many lines the value is written on."""
    cut: bool = False
    """There is more in it than `fields` and `items` say: it is nested more deeply than is read."""


@dataclass(frozen=True)
class Frontmatter:
    """What the frontmatter says, duplicate keys included."""

    source: str
    first_line: int
    fields: tuple[Field, ...] = ()
    problem: Problem | None = None
    """Why it could not be read; there are no fields then."""
    unusual: tuple[Problem, ...] = ()
    """YAML that strict readers refuse: flow collections, anchors, aliases, tags, merge signs, a key
    twice, sister mappings indented differently."""

    def get(self, name: str) -> Field | None:
        """The first field of that name."""
        return next((found for found in self.fields if found.name == name), None)


def read_frontmatter(source: str, *, first_line: int) -> Frontmatter:
    """Read YAML whose first line is `first_line` of its file. Never raises."""
    start = Place(first_line, 1)
    if len(source) > LARGEST:
        return Frontmatter(source, first_line, problem=Problem(f"it is longer than {LARGEST:,} characters", start))
    if source.count("\n") > MOST_LINES:
        return Frontmatter(source, first_line, problem=Problem(f"it has more than {MOST_LINES:,} lines", start))
    if _depth(source) > DEEPEST:
        return Frontmatter(source, first_line, problem=Problem("it is nested too deeply", start))
    try:
        # Typed as Any: ruamel gives no types for its nodes' union.
        root: Any = YAML(typ="rt", pure=True, plug_ins=[]).compose(source)
        if root is None:
            return Frontmatter(source, first_line, problem=Problem("it is empty", start))
        if not isinstance(root, MappingNode):
            return Frontmatter(source, first_line, problem=Problem("it is not a mapping of `key: value` lines", start))
        unusual = list(_unusual_tokens(source, first_line))
        # Aliases could make a deep walk endless, and are refused as they are.
        fields = tuple(_fields(root, first_line, depth=SHALLOW if unusual else DEEP))
        unusual.extend(_unusual_mappings(fields))
        return Frontmatter(source, first_line, fields, unusual=tuple(unusual))
    except MarkedYAMLError as error:
        return Frontmatter(source, first_line, problem=_problem(error, first_line))
    except (YAMLError, RecursionError, ValueError, AssertionError, AttributeError, IndexError, KeyError) as error:
        # ruamel raises more than its own errors on hostile input (nesting, odd directives, surrogates).
        return Frontmatter(source, first_line, problem=Problem(_sentence(str(error)), start))


def _depth(source: str) -> int:
    depth = deepest = 0
    for match in _BRACKETS.finditer(source):
        depth = depth + 1 if match.group() in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _problem(error: MarkedYAMLError, first_line: int) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(first_line + mark.line, mark.column + 1) if mark else Place(first_line, 1)
    return Problem(_sentence(error.problem or error.context or "it is not YAML"), place)


def _sentence(text: str) -> str:
    return " ".join(text.split())[:200] or "it cannot be read"


def _fields(mapping: MappingNode, first_line: int, depth: int) -> Iterator[Field]:
    for key, value in mapping.value:
        name = key.value if isinstance(key, ScalarNode) else ""
        yield _field(str(name), key, value, first_line, depth)


def _field(name: str, key: Node, value: Node, first_line: int, depth: int) -> Field:
    place, at = _place(key, first_line), _place(value, first_line)
    lines = max(1, value.end_mark.line - value.start_mark.line + (0 if value.end_mark.column == 0 else 1))
    if isinstance(value, ScalarNode):
        kind = "string" if str(value.tag) == _STRING or value.style else "other scalar"
        return Field(name, place, at, kind, str(value.value), value.style or "", lines=lines)
    if isinstance(value, SequenceNode):
        items = tuple(str(item.value) for item in value.value if isinstance(item, ScalarNode))
        return Field(name, place, at, "list", items=items, lines=lines, cut=len(items) < len(value.value))
    inner = tuple(_fields(value, first_line, depth - 1)) if depth > 1 and isinstance(value, MappingNode) else ()
    cut = len(inner) < len(value.value) or any(field.cut for field in inner)
    return Field(name, place, at, "mapping", fields=inner, lines=lines, cut=cut)


def _place(node: Node, first_line: int) -> Place:
    return Place(first_line + node.start_mark.line, node.start_mark.column + 1)


def _unusual_tokens(source: str, first_line: int) -> Iterator[Problem]:
    for token in YAML(typ="rt", pure=True, plug_ins=[]).scan(source):
        match token:
            case FlowMappingStartToken() | FlowSequenceStartToken():
                message = "a collection in `[…]` or `{…}`"
            case AnchorToken() | AliasToken():
                message = "an anchor (`&`) or an alias (`*`)"
            case TagToken():
                message = "a type tag (`!`)"
            case ScalarToken(plain=True, value="=" | "<<"):
                message = "a bare `=` or `<<`"
            case _:
                continue
        yield Problem(message, Place(first_line + token.start_mark.line, token.start_mark.column + 1))


def _unusual_mappings(fields: tuple[Field, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for field in fields:
        if field.name in seen:
            yield Problem(f"the key {field.name} twice", field.place)
        seen.add(field.name)
    mappings = [field for field in fields if field.kind == "mapping"]
    for field in mappings:
        if field.value.column != mappings[0].value.column:
            yield Problem("mappings that are indented differently", field.value)
        yield from _unusual_mappings(field.fields)
