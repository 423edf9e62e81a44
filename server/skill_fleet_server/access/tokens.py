"""The tokens of principals. The database keeps their digests: a token itself is shown once, to who made it."""

import hashlib
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from skill_fleet_common.access import CreateToken, Role, TokenCreated, TokenInfo
from skill_fleet_server.access.principal import ROOT, Principal
from skill_fleet_server.database.engine import Database
from skill_fleet_server.database.tables import TOKEN
from skill_fleet_server.errors import NameTaken, NotFound

REMEMBERED_S: Final = 2.0
"""How long a token that was removed elsewhere may still be taken."""

_BYTES: Final = 32
_CACHED: Final = 4_096


class Tokens:
    """All tokens but the server's own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, Principal | None]] = {}

    async def identify(self, token: str) -> Principal | None:
        """Whose token this is, or was until it expired; `None` if it is nobody's."""
        digest = _digest(token)
        until, principal = self._known.get(digest, (0.0, None))
        if until < time.monotonic():
            principal = await self._database.read(lambda connection: _read(connection, digest))
            if len(self._known) >= _CACHED:
                self._known.clear()
            self._known[digest] = (time.monotonic() + REMEMBERED_S, principal)
        return principal

    async def add(self, wish: CreateToken) -> TokenCreated:
        """Make a token.

        Raises:
            NameTaken: If a principal has that name.
        """
        token = secrets.token_urlsafe(_BYTES)
        now = datetime.now(UTC)
        info = TokenInfo(
            name=wish.name,
            role=wish.role,
            own_only=wish.own_only,
            created_at=now,
            expires_at=now + timedelta(days=wish.days) if wish.days else None,
        )
        await self._database.write_aside(lambda connection: _insert(connection, info, _digest(token)))
        return TokenCreated(**info.model_dump(), token=token)

    async def list(self) -> list[TokenInfo]:
        """Every token, by name."""
        query = sa.select(TOKEN).order_by(TOKEN.c.name)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [TokenInfo.model_validate({name: row[name] for name in TokenInfo.model_fields}) for row in rows]

    async def remove(self, name: str) -> None:
        """Take a token back. Streams that were opened with it end within seconds.

        Raises:
            NotFound: If there is none of that name.
        """
        gone = sa.delete(TOKEN).where(TOKEN.c.name == name)
        if not await self._database.write_aside(lambda connection: connection.execute(gone).rowcount):
            raise NotFound(f"There is no token named {name}. `skill-fleet tokens` lists them.")
        self._known.clear()


def _insert(connection: sa.Connection, info: TokenInfo, digest: str) -> None:
    taken = connection.scalar(sa.select(TOKEN.c.name).where(TOKEN.c.name == info.name))
    if taken is not None or info.name == ROOT.name:
        raise NameTaken(f"The name {info.name} is taken. Choose another, or remove that token first.")
    try:
        connection.execute(sa.insert(TOKEN).values(**info.model_dump(), digest=digest))
    except IntegrityError:
        raise NameTaken(f"The name {info.name} was taken just now.") from None


def _read(connection: sa.Connection, digest: str) -> Principal | None:
    found = connection.execute(sa.select(TOKEN).where(TOKEN.c.digest == digest)).mappings().one_or_none()
    if found is None:
        return None
    return Principal(found["name"], Role(found["role"]), found["own_only"], found["expires_at"])


def _digest(token: str) -> str:
    """Of a token of 256 random bits: it needs neither salt nor slowness."""
    return hashlib.sha256(token.encode()).hexdigest()
