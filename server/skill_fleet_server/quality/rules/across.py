"""N05, D08, D09: skills that are kept together can be told apart, and all fit into what clients list."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from skill_fleet_common.library import ClientBudget
from skill_fleet_common.skills import Severity
from skill_fleet_server.quality.across import Card, RuleAcross, Together
from skill_fleet_server.quality.examples import Example
from skill_fleet_server.quality.listing import budget
from skill_fleet_server.quality.profiles import DRAFT, PROFILES, SPEC
from skill_fleet_server.quality.registry import Notice
from skill_fleet_server.quality.routing import Listed
from skill_fleet_server.quality.similarity import TOO_ALIKE, alike, likest

NAMED: Final = 3
"""Most other skills that a finding names."""

_OTHER: Final = Example(
    name="reviewing-migrations",
    directory="reviewing-migrations",
    description="Reviews SQL migrations for locks and lost data. Use when a pull request changes the database schema.",
)
_LONG: Final = tuple(
    Example(
        name=f"filling-form-{number}",
        directory=f"filling-form-{number}",
        description=f"Fills form {number}. Use when form {number} comes in. {'It has many fields. ' * 40}",
        caption="twelve skills with descriptions of 850 characters" if number == 0 else "",
    )
    for number in range(12)
)


@RuleAcross(
    "N05",
    "across",
    Severity.ERROR,
    source="clients list skills by name: one hides the other",
    fails=(
        Example(added="For leave.", caption="team/filling-pdf-forms beside mine/filling-pdf-forms, another skill"),
        Example(added="For tax."),
    ),
    passes=(Example(), _OTHER),
)
def names_are_unique(together: Together) -> Iterator[tuple[int, Notice]]:
    """No two skills that are kept together have the same name. A copy that is the same to the letter is a warning."""
    by_name: dict[str, list[int]] = defaultdict(list)
    for number, card in enumerate(together.cards):
        by_name[_key(card.name)].append(number)
    for number in _asked(together):
        card = together.cards[number]
        namesakes = by_name[_key(card.name)]
        others = [together.cards[each] for each in namesakes if each != number]
        if not others or (together.asked is None and number == namesakes[0]):
            continue
        copies = card.digest and all(other.digest == card.digest for other in others)
        where = _joined([other.where for other in others])
        yield (
            number,
            Notice(
                message=f"There is another skill of this name: {where}. Clients take one of them.",
                place=card.name_place,
                text=card.name,
                fix="Delete one copy, or keep them apart." if copies else "Rename one of them.",
                severity=Severity.WARNING if copies else None,
            ),
        )


@RuleAcross(
    "D08",
    "across",
    Severity.WARNING,
    source="Codex: source; 8,000 characters for the list of all skills",
    profiles=(SPEC, DRAFT, "codex"),
    fails=_LONG,
    passes=(Example(), _OTHER),
)
def the_list_fits(together: Together) -> Iterator[tuple[int, Notice]]:
    """Names, descriptions and paths of all skills fit into what a client gives to the list of them."""
    listed = [card.listed for card in together.cards]
    clients = budget(listed).clients
    asked = _asked(together)
    for client in clients:
        if not client.over or client.limit is None or not asked:
            continue
        longest = sorted(asked, key=lambda number: (-len(listed[number].description), number))
        elsewhere = ", ".join(f"{each.characters:,} in {_title(each)}" for each in clients if each is not client)
        named = _joined([f"{listed[each].name} ({len(listed[each].description):,})" for each in longest[:NAMED]])
        card = together.cards[longest[0]]
        yield (
            longest[0],
            Notice(
                message=f"The list of all {len(listed):,} skills takes {client.characters:,} characters in "
                f"{_title(client)}, which gives it {client.limit:,}, then shortens descriptions and leaves skills out "
                f"({elsewhere}).",
                place=card.description_place,
                text=card.description,
                fix=f"Shorten the longest, {named}; or keep apart what is not needed at the same time.",
            ),
        )


@RuleAcross(
    "D09",
    "across",
    Severity.WARNING,
    source="measured: between the nearest of one repository the likeness is 0.78 (95th percentile)",
    fails=(
        Example(caption="filling-pdf-forms beside filling-out-pdf-forms, with the same description"),
        Example(name="filling-out-pdf-forms", directory="filling-out-pdf-forms"),
    ),
    passes=(Example(), _OTHER),
)
def descriptions_differ(together: Together) -> Iterator[tuple[int, Notice]]:
    """No two skills say nearly the same in name and description; likeness is counted in words, rare ones more."""
    listed = [card.listed for card in together.cards]
    near: dict[int, _Near] = defaultdict(_Near)
    compared = len(listed)
    if together.asked is None:
        pairs = alike(listed)
        compared = pairs.compared
        for number, other, likeness in pairs:
            near[number].add(listed, number, other, likeness)
    for number in together.asked or ():
        for other, likeness in likest(number, listed):
            near[number].add(listed, number, other, likeness)
    yield from ((number, found.notice(together.cards[number])) for number, found in sorted(near.items()) if found.count)
    if compared < len(listed):
        message = f"Only the first {compared:,} of {len(listed):,} descriptions were compared with each other."
        yield compared, Notice(message=message, fix="Check fewer skills at a time.", severity=Severity.INFO)


@dataclass
class _Near:
    """The skills that are like one."""

    best: list[tuple[float, str]] = field(default_factory=list)
    """The most alike, by name."""
    count: int = 0

    def add(self, listed: Sequence[Listed], number: int, other: int, likeness: float) -> None:
        name = listed[other].name
        if _key(name) == _key(listed[number].name):  # which N05 says
            return
        self.count += 1
        self.best = sorted([*self.best, (likeness, name)], key=lambda each: (-each[0], each[1]))[:NAMED]

    def notice(self, card: Card) -> Notice:
        too_alike = self.best[0][0] >= TOO_ALIKE
        named = _joined([f"{name} ({likeness:.0%})" for likeness, name in self.best], self.count)
        hard = "An agent can hardly tell them apart." if too_alike else "An agent may take the wrong one."
        return Notice(
            message=f"Name and description are much like those of {named}. {hard}",
            place=card.description_place,
            text=card.description,
            fix="Say in each what it is for and what not, or make them one skill.",
            severity=None if too_alike else Severity.INFO,
        )


def _key(name: str) -> str:
    """What two names have in common that some file systems, or readers, take for one."""
    return unicodedata.normalize("NFKC", name).casefold()


def _asked(together: Together) -> Sequence[int]:
    return range(len(together.cards)) if together.asked is None else together.asked


def _title(client: ClientBudget) -> str:
    return PROFILES[client.client].title


def _joined(names: Sequence[str], count: int = 0) -> str:
    left = max(count, len(names)) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {left:,} more" if left > 0 else "")
