"""Whether a shell script is whole: quotes, here-documents and blocks are closed. Nothing is run.

A reader of the outer structure only, on purpose: it takes everything it does not know for a word. So it misses
errors, but what it calls one, a shell calls one as well.
"""

import re
from dataclasses import dataclass
from typing import Final

_OPENS: Final = {"if": "fi", "case": "esac", "do": "done", "{": "}"}
_CLOSES: Final = frozenset(_OPENS.values())
_STARTS_COMMAND: Final = frozenset({"then", "else", "elif", "do", "{", "!", "if", "while", "until", "time", "("})
_WORD: Final = re.compile(r"[^\s;&|()<>\"'`$\\]+")
_HEREDOC: Final = re.compile(r"<<(-?)[ \t]*(['\"]?)([\w.-]+)\2|<<(-?)[ \t]*\\([\w.-]+)")


@dataclass(frozen=True)
class Fault:
    """What is not closed, and the line on which it opens, counted from 1."""

    message: str
    line: int


class _Unclosed(Exception):
    def __init__(self, what: str, at: int) -> None:
        self.what, self.at = what, at


def fault_in(script: str) -> Fault | None:
    """The first thing that is not closed or was never opened; `None` for a whole script."""
    script = script.replace("\r\n", "\n")
    try:
        message, at = _Reader(script).read() or ("", -1)
    except _Unclosed as unclosed:
        message, at = f"{unclosed.what} is never closed", unclosed.at
    return Fault(message, script.count("\n", 0, at) + 1) if at >= 0 else None


class _Reader:
    def __init__(self, script: str) -> None:
        self.text = script
        self.at = 0
        self.blocks: list[tuple[str, int]] = []
        self.heredocs: list[tuple[str, bool, int]] = []
        self.command_next = True
        self.words_since_for = 3
        """`for name do` is the one place where a reserved word follows others."""

    def read(self) -> tuple[str, int] | None:
        text = self.text
        while self.at < len(text):
            here = text[self.at]
            if here == "\n":
                self.at += 1
                self._heredocs()
                self.command_next = True
            elif here in " \t\r":
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif here == "#" and (self.at == 0 or text[self.at - 1] in " \t\n;&|()"):
                self.at = self._end_of_line()
            elif here in ";&|":
                self.at += 1
                self.command_next = True
            elif text.startswith("<<<", self.at):
                self.at += 3
            elif found := _HEREDOC.match(text, self.at):
                self.heredocs.append((found[3] or found[5], bool(found[1] or found[4]), self.at))
                self.at = found.end()
            elif here in "<>":
                self.at += 1
            elif here == "(":
                if text.startswith("((", self.at) and (end := text.find("))", self.at)) >= 0:
                    self.at = end + 2
                else:
                    self.at += 1
                    self.command_next = True
            elif here == ")":
                self.at += 1
                self.command_next = True
            elif problem := self._word():
                return problem
        if self.heredocs:
            raise _Unclosed(f"The here-document {self.heredocs[0][0]}", self.heredocs[0][2])
        if self.blocks:
            opener, at = self.blocks[0]
            raise _Unclosed(f"`{opener}`", at)
        return None

    def _word(self) -> tuple[str, int] | None:
        start = self.at
        self._skip_word()
        word = self.text[start : self.at]
        self.words_since_for = 1 if word == "for" and self.command_next else self.words_since_for + 1
        if not self.command_next and not (word == "do" and self.words_since_for == 3):
            return None
        if word in _OPENS:
            self.blocks.append((word, start))
        elif word in _CLOSES and not (self.blocks and self.blocks[-1][0] == "case" and word != "esac"):
            if not self.blocks or _OPENS[self.blocks[-1][0]] != word:
                open_now = f" inside `{self.blocks[-1][0]}`" if self.blocks else ""
                return f"`{word}` closes nothing{open_now}", start
            self.blocks.pop()
        self.command_next = word in _STARTS_COMMAND or word in _CLOSES
        return None

    def _skip_word(self) -> None:
        while self.at < len(self.text):
            here = self.text[self.at]
            if here in " \t\n\r;&|<>()":
                if self.at and here == "(" and self.text[self.at - 1] in "@?*+!=":
                    self._nested("(", ")", "A parenthesis")
                    continue
                return
            if here == "\\":
                self.at += 2
            elif here == "'":
                self._to("'", "A single quote")
            elif here == '"':
                self._double()
            elif here == "`":
                self._to("`", "A backquote", escapes=True)
            elif here == "$":
                self._dollar()
            elif found := _WORD.match(self.text, self.at):
                self.at = found.end()
            else:
                self.at += 1

    def _to(self, closer: str, what: str, *, escapes: bool = False) -> None:
        start = self.at
        self.at += 1
        while self.at < len(self.text):
            here = self.text[self.at]
            self.at += 2 if escapes and here == "\\" else 1
            if here == closer:
                return
        raise _Unclosed(what, start)

    def _double(self) -> None:
        start = self.at
        self.at += 1
        while self.at < len(self.text):
            here = self.text[self.at]
            if here == '"':
                self.at += 1
                return
            if here == "\\":
                self.at += 2
            elif here == "$":
                self._dollar()
            elif here == "`":
                self._to("`", "A backquote", escapes=True)
            else:
                self.at += 1
        raise _Unclosed("A double quote", start)

    def _dollar(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "(":
            self.at += 1
            self._nested("(", ")", "`$(`")
        elif following == "{":
            self.at += 1
            self._nested("{", "}", "`${`")
        elif following == "'":
            self.at += 1
            self._to("'", "A single quote", escapes=True)
        else:
            self.at += 1

    def _nested(self, opener: str, closer: str, what: str) -> None:
        start, depth = self.at, 0
        arithmetic = self.text.startswith("((", self.at)
        while self.at < len(self.text):
            here = self.text[self.at]
            if here == "\\":
                self.at += 2
                continue
            if here == '"':
                self._double()
                continue
            if here == "'" and opener == "(" and not arithmetic:
                self._to("'", "A single quote")
                continue
            if here == "`":
                self._to("`", "A backquote", escapes=True)
                continue
            if here == "$":
                self._dollar()
                continue
            if here == "#" and opener == "(" and not arithmetic and self.text[self.at - 1] in " \t\n":
                self.at = self._end_of_line()
                continue
            self.at += 1
            depth += (here == opener) - (here == closer)
            if depth == 0:
                return
        # A `case` inside `$(…)` has parentheses without partners: such a script is taken for whole.
        if re.search(r"\bcase\b|<<", self.text[start:]):
            return
        raise _Unclosed(what, start)

    def _heredocs(self) -> None:
        for name, stripped, at in self.heredocs:
            while True:
                if self.at >= len(self.text):
                    self.heredocs = []
                    raise _Unclosed(f"The here-document {name}", at)
                end = self._end_of_line()
                line = self.text[self.at : end]
                self.at = end + 1
                if (line.lstrip("\t") if stripped else line) == name:
                    break
        self.heredocs = []

    def _end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end
