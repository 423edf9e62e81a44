"""The URL of a database: read, and shown without what is secret in it."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from skill_fleet_server.errors import CannotStart

_SECRET: Final = ("password", "sslpassword")
"""Parameters after the `?` that are as secret as the password before the `@`."""


def parsed(url: str) -> sa.URL:
    """A URL. What is wrong with it is said without quoting it: it may hold a password."""
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise CannotStart(
            "SKILL_FLEET_DATABASE_URL is not the URL of a database. Write postgresql://user@host:port/name; a user or "
            "password with other characters than letters and digits needs them percent-encoded."
        ) from None
    # The name that other programs use for the same.
    return parsed.set(drivername="postgresql") if parsed.drivername == "postgres" else parsed


def without_password(url: sa.URL) -> sa.URL:
    """The same, with stars where a secret is."""
    hidden = {name: "***" for name in _SECRET if name in url.query}
    return (url.update_query_dict(hidden) if hidden else url).set(password="***" if url.password else None)


def shown(url: sa.URL) -> str:
    """A URL as people may read it."""
    return without_password(url).render_as_string(hide_password=False)
