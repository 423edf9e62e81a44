"""Who asks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skill_fleet_common.access import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or a program that the server knows by a token."""

    name: str
    role: Role
    own_only: bool = False
    """Whether it sees no jobs but those it created."""
    expires_at: datetime | None = None

    @property
    def sees(self) -> str | None:
        """Whose jobs it sees: its own, or (`None`) everybody's."""
        return self.name if self.own_only else None

    @property
    def is_expired(self) -> bool:
        """Whether its token is not good any more."""
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)


ROOT: Final = Principal("owner", Role.ADMIN)
"""Whoever has the token of the settings or of the data directory."""
