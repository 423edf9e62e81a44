"""Which of several texts a query is about, by the words they share: BM25 (Robertson and Zaragoza, 2009)."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

K1: Final = 1.2
"""How soon a repeated word stops counting."""
B: Final = 0.75
"""How much a long text is held against it."""

STOP_WORDS: Final = frozenset(
    """a about after all also an and any are as at be because been but by can could do does doing for from get had has
    have how i if in into is it its just me more most my need no not of on only or other our out over should so some
    such than that the their them then there these they this those through to use used user users using want was we
    what when where which while who will with would you your""".split()  # noqa: SIM905 a list would fill a screen
)

_WORD: Final = re.compile(r"[^\W_]+(?:[.+#][^\W_]+|[+#]+)*")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SUFFIXES: Final = ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "ed", "es", "s")
_SHORTEST_STEM: Final = 4


def words(text: str) -> list[str]:
    """The words that count: case-folded, split at anything but letters and digits (and in camelCase), without stop
    words, and without the commonest English endings (`generating` and `generates` are one word).
    """
    found = (word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", text)))
    return [_stem(word) for word in found if word not in STOP_WORDS]


def said_words(text: str) -> dict[str, str]:
    """Each word that counts, as it is compared, with how the text says it first."""
    said: dict[str, str] = {}
    for word in _WORD.findall(_CAMEL.sub(" ", text)):
        for stem in words(word):
            said.setdefault(stem, word)
    return said


def _stem(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM - 1 and not word.endswith("ss"):
            stem = word[: -len(suffix)]
            return stem + "y" if suffix in {"ies", "ied"} else stem.removesuffix("e")
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


@dataclass(frozen=True)
class Bm25:
    """An index of texts. Built once, asked many times."""

    counts: Sequence[Counter[str]]
    rarity: dict[str, float]
    """Inverse document frequency by word; never negative."""
    lengths: Sequence[int]
    mean_length: float

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Bm25":
        """Index texts; scores come in their order."""
        counts = [Counter(words(text)) for text in texts]
        lengths = [count.total() for count in counts]
        containing = Counter(word for count in counts for word in count)
        rarity = {word: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for word, n in containing.items()}
        return cls(counts, rarity, lengths, (sum(lengths) / len(lengths) if lengths else 0.0) or 1.0)

    def scores(self, query: str) -> list[float]:
        """How much each text is about the query; 0 when they share no word."""
        wanted = set(words(query))
        return [self._score(wanted, count, length) for count, length in zip(self.counts, self.lengths, strict=True)]

    def explain(self, query: str, text: int) -> dict[str, float]:
        """What each word that the query shares with a text, by its number, adds to its score; the heaviest first."""
        weighed = self._weigh(set(words(query)), self.counts[text], self.lengths[text])
        return dict(sorted(weighed.items(), key=lambda pair: (-pair[1], pair[0])))

    def _score(self, wanted: set[str], count: Counter[str], length: int) -> float:
        return math.fsum(self._weigh(wanted, count, length).values())

    def _weigh(self, wanted: set[str], count: Counter[str], length: int) -> dict[str, float]:
        norm = K1 * (1 - B + B * length / self.mean_length)
        shared = wanted & count.keys()
        return {word: self.rarity[word] * count[word] * (K1 + 1) / (count[word] + norm) for word in shared}


def likeness(text: str, others: Sequence[str]) -> list[float]:
    """How alike a text is to each of others by its words: the cosine of their TF-IDF vectors, 0 to 1."""
    own, *rest = vectors((text, *others))
    return [product(own, other) for other in rest]


def vectors(texts: Sequence[str]) -> list[dict[str, float]]:
    """What each word of each text weighs there (TF-IDF); every text has the length 1, or 0 when it has no words."""
    counts = [Counter(words(each)) for each in texts]
    containing = Counter(word for count in counts for word in count)
    rarity = {word: math.log((1 + len(counts)) / (1 + n)) + 1 for word, n in containing.items()}
    weighed = [{word: n * rarity[word] for word, n in count.items()} for count in counts]
    return [_of_length_1(each) for each in weighed]


def _of_length_1(vector: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(math.fsum(n * n for n in vector.values()))
    return {word: n / length for word, n in vector.items()}


def product(one: dict[str, float], other: dict[str, float]) -> float:
    """The scalar product of two vectors: their cosine, as all are of length 1."""
    return math.fsum(one[word] * other[word] for word in one.keys() & other.keys())
