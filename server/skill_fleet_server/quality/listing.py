"""What skills take of the list that each client shows a model before any of them is loaded.

Limits are those that clients document (Claude Code, VS Code) or have in their source (Codex).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.library import Budget, ClientBudget, ListingSize
from skill_fleet_server.quality.routing import Listed


@dataclass(frozen=True)
class _Client:
    name: str
    count: Callable[[Listed], int]
    how: str
    each: int | None = None
    total: int | None = None


def _described(skill: Listed) -> int:
    return len(skill.name) + len(skill.description)


def _located(skill: Listed) -> int:
    return _described(skill) + len(f".agents/skills/{skill.name}/SKILL.md")


_CLIENTS: Final = (
    _Client(
        "claude",
        lambda skill: len(skill.description),
        "Characters of the description; Claude Code shows at most 1,536 of each skill.",
        each=1_536,
    ),
    _Client(
        "codex",
        _located,
        "Characters of name, description and path; where it does not know the size of the context, Codex gives 8,000 "
        "to all skills together, shortens descriptions first and then leaves skills out.",
        total=8_000,
    ),
    _Client(
        "vscode",
        _described,
        "Characters of name and description; VS Code cuts a description at 1,024.",
        each=1_024 + 64,
    ),
    _Client("gemini", _described, "Characters of name and description; no limit is known."),
)


def listing_sizes(skill: Listed) -> list[ListingSize]:
    """What one skill takes in each client's list."""
    return [
        ListingSize(client=client.name, characters=client.count(skill), limit=client.each, how=client.how)
        for client in _CLIENTS
    ]


def budget(skills: Sequence[Listed]) -> Budget:
    """What all skills take together in each client's list."""
    return Budget(skills=len(skills), clients=[_of_client(client, skills) for client in _CLIENTS])


def _of_client(client: _Client, skills: Sequence[Listed]) -> ClientBudget:
    return ClientBudget(
        client=client.name,
        characters=sum(client.count(skill) for skill in skills),
        limit=client.total,
        how=client.how,
        too_long=[skill.name for skill in skills if client.each and client.count(skill) > client.each],
        limit_each=client.each,
    )
