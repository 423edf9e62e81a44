"""Whether a reply passes a check, by code: the same reply is always graded the same."""

import ast
import json
import re
import warnings
from typing import Final

from markdown_it import MarkdownIt
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from skill_fleet_server.evaluation.tasks import Check

_MARKDOWN: Final = MarkdownIt("commonmark")
_LANGUAGES: Final = {"python": {"python", "py", "python3"}, "json": {"json"}, "yaml": {"yaml", "yml"}}


def holds(check: Check, reply: str) -> bool | None:
    """Whether the check holds of a reply; `None` when no code can tell."""
    plain = " ".join(reply.split()).casefold()
    if check.contains is not None:
        return " ".join(check.contains.split()).casefold() in plain
    if check.lacks is not None:
        return " ".join(check.lacks.split()).casefold() not in plain
    if check.matches is not None:
        return re.search(check.matches, reply, re.MULTILINE) is not None
    if check.avoids is not None:
        return re.search(check.avoids, reply, re.MULTILINE) is None
    if check.at_most_words is not None:
        return len(reply.split()) <= check.at_most_words
    if check.parses is not None:
        texts = _fences(reply, check.parses) or [reply]
        return all(_parses(check.parses, text) for text in texts)
    return None


def _fences(reply: str, language: str) -> list[str]:
    wanted = _LANGUAGES[language]
    return [
        token.content
        for token in _MARKDOWN.parse(reply)
        if token.type == "fence" and token.info.strip().partition(" ")[0].casefold() in wanted
    ]


def _parses(language: str, text: str) -> bool:
    try:
        if language == "python":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                ast.parse(text)
        elif language == "json":
            json.loads(text)
        else:
            YAML(typ="safe", pure=True, plug_ins=[]).load(text)
    except (SyntaxError, ValueError, YAMLError, RecursionError, MemoryError):
        return False
    return True
