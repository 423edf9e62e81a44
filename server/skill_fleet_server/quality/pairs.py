"""Which of many texts are alike, without comparing each with each.

Of every text only so many of its words are indexed, the rarest, that two texts which share none of them cannot be
alike (Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity search"). What is in nearly every text would make
it a comparison of each with each; it is looked at only for those that are left. Texts made to be alike can still cost
that: so the work is counted beforehand, and as many texts are compared as it allows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from skill_fleet_server.quality.ranking import product, vectors

TEXTS: Final = 5_000
"""Most texts that are compared with each other."""
WORK: Final = 5_000_000
"""Most words of two texts that are looked at: a second or two of work."""

_ROUNDING: Final = 1e-9

Vector = dict[str, float]


class Alike(NamedTuple):
    """Two texts that are alike, by their numbers."""

    later: int
    earlier: int
    likeness: float
    """The cosine of their TF-IDF vectors, 0 to 1."""


@dataclass(frozen=True)
class _Split:
    """The words of a text."""

    indexed: Vector
    rest: Vector
    most: float
    """No text is more alike to it than this by the rest of its words."""


@dataclass(frozen=True)
class Pairs:
    """Texts that are to be compared with each other."""

    at_least: float
    compared: int
    """How many, counted from the first."""
    _texts: Sequence[_Split]

    @classmethod
    def of(cls, texts: Sequence[str], at_least: float, work: int = WORK) -> "Pairs":
        """Make ready to find every two texts whose likeness is at least so much."""
        all_words = vectors(texts[:TEXTS])
        spread = Counter(word for vector in all_words for word in vector)
        heaviest: Vector = {}
        for vector in all_words:
            for word, weight in vector.items():
                heaviest[word] = max(weight, heaviest.get(word, 0.0))
        split = [_split(vector, spread, heaviest, at_least) for vector in all_words]
        return cls(at_least, _within(split, work), split)

    def __iter__(self) -> Iterator[Alike]:
        """Each pair, in the order of the later of the two."""
        index: dict[str, list[tuple[int, float]]] = {}
        for number, text in enumerate(self._texts[: self.compared]):
            shared: dict[int, float] = {}
            for word, weight in (*text.indexed.items(), *text.rest.items()):
                for other, its_weight in index.get(word, ()):
                    shared[other] = shared.get(other, 0.0) + weight * its_weight
            for other, so_far in shared.items():
                if so_far + self._texts[other].most < self.at_least - _ROUNDING:
                    continue
                rest = self._texts[other].rest
                value = so_far + product(text.indexed, rest) + product(text.rest, rest)
                if value >= self.at_least - _ROUNDING:
                    yield Alike(number, other, value)
            for word, weight in text.indexed.items():
                index.setdefault(word, []).append((number, weight))


def _split(vector: Vector, spread: Counter[str], heaviest: Vector, at_least: float) -> _Split:
    """Leave the commonest words out of the index, as many as could not make two texts alike by themselves."""
    indexed, rest, most = {}, {}, 0.0
    for word in sorted(vector, key=lambda each: (-spread[each], each)):
        could_be = most + vector[word] * heaviest[word]
        if not indexed and could_be < at_least - _ROUNDING:
            rest[word], most = vector[word], could_be
        else:
            indexed[word] = vector[word]
    return _Split(indexed, rest, most)


def _within(texts: Sequence[_Split], work: int) -> int:
    """How many of the texts can be compared with so much work."""
    seen: Counter[str] = Counter()
    for number, text in enumerate(texts):
        work -= sum(seen[word] for part in (text.indexed, text.rest) for word in part)
        if work < 0:
            return number
        seen.update(text.indexed.keys())
    return len(texts)
