"""Who is alive, for those who watch over a fleet."""

from dataclasses import dataclass

import sqlalchemy as sa

from skill_fleet_server.database.tables import MEMBER
from skill_fleet_server.fleet.silence import SILENCE_S


@dataclass(frozen=True, slots=True)
class Member:
    """A process of the fleet, as the database knows it."""

    executor: str
    version: str
    """Of the workflows it can run."""
    works: bool
    """Whether it runs jobs."""
    is_alive: bool
    """Whether it was heard of lately, by the database's clock: at one look there is no other."""


def census(connection: sa.Connection) -> list[Member]:
    """All members, by name; the dead ones too, until a living one has taken over what they had."""
    silence = sa.func.make_interval(0, 0, 0, 0, 0, 0, SILENCE_S)
    is_alive = MEMBER.c.seen_at >= sa.func.clock_timestamp() - silence
    query = sa.select(MEMBER.c.executor, MEMBER.c.version, MEMBER.c.works, is_alive.label("is_alive"))
    return [Member(**row) for row in connection.execute(query.order_by(MEMBER.c.executor)).mappings()]
