"""A database's URL without what is secret in it."""

from typing import Final

import sqlalchemy as sa

_SECRET: Final = ("password", "sslpassword")
"""Parameters after the `?` that are as secret as the password before the `@`."""


def without_password(url: sa.URL) -> sa.URL:
    """The same, with stars where a secret is."""
    hidden = {name: "***" for name in _SECRET if name in url.query}
    return (url.update_query_dict(hidden) if hidden else url).set(password="***" if url.password else None)


def shown(url: sa.URL) -> str:
    """A URL as people may read it."""
    return without_password(url).render_as_string(hide_password=False)
