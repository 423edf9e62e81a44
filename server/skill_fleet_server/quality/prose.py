"""Measures of the text itself: whether it is sentences, whether its steps are in order, how hard it is to read.

They are there so that a heap of the right words, or the right steps shuffled, does not measure like a skill.
"""

import math
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it.token import Token

from skill_fleet_common.skills import Measure
from skill_fleet_server.quality.skill import ParsedSkill, prose_blocks

with warnings.catch_warnings():
    # It finds its word list through pkg_resources, whose import complains to people who can do nothing about it.
    warnings.simplefilter("ignore", UserWarning)
    import textstat

SENTENCES: Final = "plain sentences"
ORDER: Final = "steps in order"
READABILITY: Final = "readability"

FEWEST_PROSE_WORDS: Final = 30
"""A grade of fewer words would be noise."""
SHORTEST_SENTENCE: Final = 4
"""A list item of fewer words is a name, and is not counted."""
FUNCTION_SHARE: Final = 0.12
"""Least share of function words in a sentence; English prose has 0.35 to 0.5, instructions somewhat less."""
LARGEST_REPETITION: Final = 1 / 3
"""Most of a sentence's words that may be one and the same."""

HARD: Final = 14.8
"""Grade above which are 1 of 100 skills of vendors."""

_VOWELS: Final = re.compile(r"[aeiouyà-ÿ]+", re.IGNORECASE)
_END: Final = re.compile(r"[.!?:](?=\s|$)|\n")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_FUNCTION_WORDS: Final = frozenset(
    """a about above after again all also always an and any anything are as at be because been before being below
    between both but by can cannot could did do does don't down during each either else every everything except few for
    from had has have he her here his how i if in into is it its itself just like may me more most must my need never
    next no nor not nothing of off on once one only or other our out over own same she should since so some such than
    that the their them then there these they this those through to too under unless until up upon us was we were what
    when where whether which while who why will with within without would yet you your""".split()  # noqa: SIM905 a list would fill a screen
)
_OPENS: Final = re.compile(r"(?:first|to begin|start by|begin by)\b", re.IGNORECASE)
_FOLLOWS: Final = re.compile(
    r"(?:then|next|after that|afterwards|finally|lastly|at last|once that is done)\b", re.IGNORECASE
)
_CLOSES: Final = re.compile(r"(?:finally|lastly|at last|last)\b[, ]", re.IGNORECASE)


def sentences(skill: ParsedSkill) -> Measure:
    """The share of paragraphs and list items that read as sentences, by their function words."""
    blocks = [_WORD.findall(block.text.casefold()) for block in prose_blocks(skill) if not block.quoted]
    counted = [words for words in blocks if len(words) >= SHORTEST_SENTENCE]
    if not counted:
        return Measure(name=SENTENCES, how=f"Not measured: nothing has {SHORTEST_SENTENCE} words or more.")
    plain = sum(_is_sentence(words) for words in counted)
    how = (
        f"{plain} of {len(counted)} paragraphs and list items read as sentences: at least {FUNCTION_SHARE:.0%} of "
        "their words are words such as the, and, if; and no word is a third of them."
    )
    return Measure(name=SENTENCES, value=plain / len(counted), unit="share", how=how)


def order(skill: ParsedSkill) -> Measure:
    """The share of numbered steps that follow the one before them."""
    lists = [steps for steps in _numbered(skill) if len(steps) > 1]
    if not lists:
        return Measure(name=ORDER, how="Not measured: there is no list of numbered steps.")
    pairs = [follows for steps in lists for follows in _following(steps)]
    right = sum(pairs)
    how = (
        f"{right} of {len(pairs)} numbered steps come where their number and words such as first, then, finally put "
        "them. Words only: it does not know what has to be done before what."
    )
    return Measure(name=ORDER, value=right / len(pairs), unit="share", how=how)


def readability(skill: ParsedSkill) -> Measure:
    """The Flesch-Kincaid grade of the prose."""
    blocks = [block.text.strip() for block in prose_blocks(skill) if block.text.strip()]
    text = "\n".join(each if each[-1] in ".!?:" else f"{each}." for each in blocks)
    if len(text.split()) < FEWEST_PROSE_WORDS:
        return Measure(name=READABILITY, how=f"Not measured: fewer than {FEWEST_PROSE_WORDS} words of prose.")
    how = "Flesch-Kincaid grade of the prose without code, tables and headings; most well-kept skills have 6 to 11."
    grade = float(textstat.textstat.flesch_kincaid_grade(text))
    return Measure(name=READABILITY, value=grade, unit="grade", how=how)


def hardest(skill: ParsedSkill) -> float:
    """A grade that the prose is not above, quickly: from groups of vowels, where `readability` looks up syllables."""
    text = "\n".join(block.text for block in prose_blocks(skill))
    found = [len(_VOWELS.findall(word)) or 1 for word in _WORD.findall(text)]
    sentences = sum(_WORD.search(piece) is not None for piece in _END.split(text))
    if len(found) < FEWEST_PROSE_WORDS:
        return 0.0
    return 0.39 * len(found) / max(1, sentences) + 11.8 * sum(found) / len(found) - 15.59


def _is_sentence(words: Sequence[str]) -> bool:
    function_words = sum(word.replace("’", "'") in _FUNCTION_WORDS for word in words)
    if function_words < math.ceil(FUNCTION_SHARE * len(words)):
        return False
    for word in set(words):
        most = LARGEST_REPETITION if word not in _FUNCTION_WORDS else 1 / 2
        if words.count(word) > max(1, most * len(words)):
            return False
    return True


def _numbered(skill: ParsedSkill) -> Iterator[list[tuple[int, str]]]:
    """Each numbered list of the body: the numbers as written, and the text of each step."""
    for start, token in enumerate(skill.tokens):
        if token.type == "ordered_list_open":
            yield list(_steps(skill.tokens, start))


def _steps(tokens: Sequence[Token], start: int) -> Iterator[tuple[int, str]]:
    level = tokens[start].level
    for index in range(start + 1, len(tokens)):
        token = tokens[index]
        if token.level == level:
            return
        if token.type == "list_item_open" and token.level == level + 1 and token.info.isdigit():
            text = next((each.content for each in tokens[index:] if each.type == "inline"), "")
            yield int(token.info), text.lstrip("*_ ")


def _following(steps: Sequence[tuple[int, str]]) -> Iterator[bool]:
    """For each step, whether it is where it says it is."""
    all_the_same = len({number for number, _ in steps}) == 1
    last = len(steps) - 1
    for index, (number, text) in enumerate(steps):
        begins = index > 0 or number in (0, 1)
        counted = all_the_same or (number == steps[index - 1][0] + 1 if index else begins)
        said = not (index and _OPENS.match(text)) and not (index == 0 and _FOLLOWS.match(text))
        yield counted and said and not (index < last and _CLOSES.match(text))
