"""Who may do what: roles, and the tokens by which a server knows people and programs."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class Role(StrEnum):
    """What a principal may do. Each may do what those before it may."""

    VIEWER = "viewer"
    """Read: jobs, their events, the library."""
    ANSWERER = "answerer"
    """Answer what jobs ask."""
    OWNER = "owner"
    """Create, cancel, retry and fork jobs; change the library."""
    ADMIN = "admin"
    """Manage tokens."""

    def may(self, needed: "Role") -> bool:
        """Whether this role includes another."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class TokenInfo(BaseModel):
    """A token, without itself: the server does not keep it."""

    name: str
    role: Role
    own_only: bool = False
    """Whether it sees no jobs but those it created."""
    created_at: datetime
    expires_at: datetime | None = None


class CreateToken(BaseModel):
    """What `POST /tokens` takes."""

    name: str = Field(pattern=r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$")
    """What the log says when its bearer does something: a person's or a program's short name."""
    role: Role = Role.OWNER
    own_only: bool = False
    days: float | None = Field(default=None, gt=0, le=36_500)
    """After how many days it expires; never if left out."""


class TokenCreated(TokenInfo):
    """A new token. It is shown this once."""

    token: str


class TokenList(BaseModel):
    """Every token but the server's own, by name."""

    tokens: list[TokenInfo]
