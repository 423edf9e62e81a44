"""PostgreSQL: one log that several servers and workers share."""

from typing import Final

import sqlalchemy as sa

from skill_fleet_server.database.backend import Backend

CHANNEL: Final = "skill_fleet_log"
"""Notified with every commit that adds events. Only wakes: the table is the truth."""

_READERS: Final = 5

_LOG_LOCK: Final = 0x5F1EE7
"""Of `pg_advisory_xact_lock`. Positions are given in the order of commits only while one writer at a time holds it."""

_IDLE_IN_TRANSACTION_MS: Final = 5_000
"""A writer that stops in the middle (a paused machine) loses its transaction after this, and with it the lock."""

_CONNECTING: Final = {
    "connect_timeout": "5",
    # A peer that is gone without a word is noticed in seconds; the system would take a quarter of an hour.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""What every connection is made with, those outside the pools included, unless the URL says otherwise."""

_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_LOG_LOCK)
_ANNOUNCE: Final = sa.text("SELECT pg_current_xact_id()::text FROM pg_notify(:channel, '')").bindparams(channel=CHANNEL)
_FATE: Final = sa.text("SELECT pg_xact_status(CAST(:receipt AS xid8))")
_TIMELINE: Final = sa.text(
    "SELECT s.system_identifier || '/' || c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c"
)


class PostgreSQL(Backend):
    """A server, reached through psycopg 3."""

    shared = True

    def __init__(self, url: sa.URL) -> None:
        self._url = url.set(query={**_CONNECTING, **url.query})
        self.writer = self._engine("READ COMMITTED", pool_size=1)
        self.reader = self._engine("REPEATABLE READ", pool_size=_READERS)
        self.aside = self.reader.execution_options(isolation_level="READ COMMITTED")

    def lock_log(self, connection: sa.Connection) -> None:
        """Wait for the lock on the log. Every read after it sees what the last holder committed."""
        connection.execute(_LOCK)

    def announce(self, connection: sa.Connection) -> str:
        """Wake every process that listens, when this is committed; returns the transaction's number."""
        return connection.scalar(_ANNOUNCE) or ""

    def was_committed(self, connection: sa.Connection, receipt: str) -> bool:
        """Ask for the fate of a transaction by its number."""
        return connection.scalar(_FATE, {"receipt": receipt}) == "committed"

    def json_text(self, column: sa.ColumnElement[str], field: str) -> sa.ColumnElement[str]:
        """With the operator of its JSON type, which keeps the text as it is."""
        return sa.cast(column, sa.JSON)[field].as_string()

    def history_mark(self, connection: sa.Connection) -> str:
        """The cluster and its timeline: both change when a standby or a backup takes its place."""
        return connection.scalar(_TIMELINE) or ""

    def advice(self, error: BaseException) -> str:
        """What PostgreSQL says, as what to do. Never repeats the URL, which may hold a password."""
        said = str(error)
        where = f"{self._url.host or 'the local socket'}, port {self._url.port or 5432}"
        match said:
            case _ if "password authentication failed" in said or "no password supplied" in said:
                return f"PostgreSQL on {where} refused the user or password in SKILL_FLEET_DATABASE_URL."
            case _ if "does not exist" in said and "database" in said:
                return f"There is no database {self._url.database} on {where}. Create it: createdb {self._url.database}"
            case _ if "does not exist" in said and "role" in said:
                return f"PostgreSQL on {where} has no user {self._url.username}. Mend SKILL_FLEET_DATABASE_URL."
            case _ if "invalid connection option" in said or "invalid URI query parameter" in said:
                return "SKILL_FLEET_DATABASE_URL has a parameter after its ? that PostgreSQL does not know."
            case _ if "permission denied" in said:
                return f"The user {self._url.username} may not write in {self._url.database}. Grant it the schema."
            case _ if "too many connections" in said or "remaining connection slots" in said:
                return "PostgreSQL has no connection left. Raise max_connections, or run fewer servers."
            case _ if "connection" in said or "could not translate host" in said or "failed to resolve" in said:
                return f"PostgreSQL cannot be reached on {where}. Start it, or mend SKILL_FLEET_DATABASE_URL."
            case _ if "No space left" in said:
                return "PostgreSQL's disk is full. Free some space; nothing that was accepted is lost."
        return ""

    @property
    def dsn(self) -> str:
        """For connections outside the pools. Holds the password."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    def _engine(self, isolation: str, *, pool_size: int) -> sa.Engine:
        return sa.create_engine(
            self._url.set(drivername="postgresql+psycopg"),
            isolation_level=isolation,
            pool_size=pool_size,
            max_overflow=0,
            # A server that was restarted is noticed before a transaction begins, not in its middle.
            pool_pre_ping=True,
            connect_args={
                "application_name": "skill-fleet",
                "options": f"-c idle_in_transaction_session_timeout={_IDLE_IN_TRANSACTION_MS}",
            },
        )
