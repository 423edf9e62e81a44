"""Commands that fetch a program and run it at once: `npx`, `uvx`, `pipx`, and whether they say which version."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_FETCHES: Final = re.compile(
    r"(?:^|[;&|(]|\bsudo)[ \t]*\$?[ \t]*(?P<runner>npx|bunx|(?:pnpm|yarn) dlx|uvx|uv tool (?:run|install)|"
    r"pipx (?:run|install))(?P<rest>(?:[ \t]+[^\s;&|()#]+)+)",
    re.MULTILINE,
)
_NAMES_PACKAGE: Final = {"-p", "--package", "--from", "--spec"}
_TAKES_VALUE: Final = {"-c", "--call", "--with", "--python", "--index", "--index-url", "--registry", "--directory"}
_ALREADY_THERE: Final = {"--no-install", "--no", "--offline"}
_PACKAGE: Final = re.compile(r"@?[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?(?:\[[\w,.-]*\])?")
_TAG: Final = re.compile(r"@(?:latest|next|canary|beta|alpha|main)\Z")


@dataclass(frozen=True)
class Fetched:
    """A program that is fetched in whatever version is the newest."""

    command: str
    """The command as far as the program's name."""
    pinned: str
    """How to name the program with a version, for which VERSION stands."""
    line: int
    """In the text, counted from 0."""
    text: str
    """The whole line."""


def unpinned(text: str) -> Iterator[Fetched]:
    """The programs that a text of shell commands fetches without saying their version, in order."""
    for found in _FETCHES.finditer(text):
        runner, words = found["runner"], found["rest"].split()
        package = _package(words)
        if package is None:
            continue
        name = _TAG.sub("", package)
        if _PACKAGE.fullmatch(name):
            line = text.count("\n", 0, found.start("runner"))
            version = "@VERSION" if runner in {"npx", "bunx", "pnpm dlx", "yarn dlx"} else "==VERSION"
            yield Fetched(f"{runner} {package}", name + version, line, text.split("\n")[line])


def _package(words: list[str]) -> str | None:
    """What is fetched; `None` when nothing is, or when it cannot be told."""
    if _ALREADY_THERE & set(words):
        return None
    for number, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in _NAMES_PACKAGE:
            return value if equals else next(iter(words[number + 1 :]), None)
        if word.startswith("-") or (number and words[number - 1] in _TAKES_VALUE):
            continue
        return word
    return None
