"""The records the server keeps. Migrations in `migrations/versions` must agree with them; a test checks that."""

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import JSON, Field, SQLModel


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC, on databases that keep the zone and on those that do not."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Store in UTC."""
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Read as UTC."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


POSITION: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A position in the log. On SQLite a key of this type is the row's own number."""


class Log(SQLModel, table=True):
    """The one row that says which log this is and where it stands."""

    id: int = Field(default=1, primary_key=True)
    epoch: str
    """Identity of the log; changes only when history may have been lost."""
    head: int = Field(default=0, sa_type=POSITION)
    """Position of the newest event."""
    trimmed: int = Field(default=0, sa_type=POSITION)
    """Highest position that was ever deleted: a cursor before it cannot be honoured."""
    boot: str = ""
    """Changes when history may have been lost (`Backend.history_mark`); empty after a clean shutdown on SQLite."""


_HAS_KEY: Final = sa.text("key IS NOT NULL")


class EventRow(SQLModel, table=True):
    """One durable event."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("job_id", "seq"),
        sa.Index("event_key", "job_id", "key", unique=True, sqlite_where=_HAS_KEY, postgresql_where=_HAS_KEY),
    )

    pos: int = Field(sa_column=sa.Column(POSITION, primary_key=True, autoincrement=False))
    job_id: str
    seq: int
    v: int
    type: str
    key: str | None = None
    """What makes the event unique within its job; a second append with the same key changes nothing."""
    body: str
    """The envelope's JSON without `v`, `type` and `pos`."""


class JobRow(SQLModel, table=True):
    """One job: what was asked for, and its view."""

    __tablename__ = "job"

    job_id: str = Field(primary_key=True)
    created_pos: int = Field(index=True, sa_type=POSITION)
    """Position of its first event: the order of the list."""
    status: str = Field(index=True)
    request: dict[str, Any] = Field(sa_type=JSON)
    """`CreateJob`, as it was accepted."""
    view: str
    """`JobView` as JSON: the fold of all its events, kept in the same transaction as they."""
    updated_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str = Field(default="", index=True)
    """Name of the principal who asked for it."""
    forked_from: str | None = None
    fork_step: int | None = None
    """With `forked_from`: the first checkpoint that is not shared."""
    fork_answer: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """`PreparedAnswer`: what was given with a fork, for the question where it begins."""


class PromptRow(SQLModel, table=True):
    """One prompt, and the answer that won."""

    __tablename__ = "prompt"

    prompt_id: str = Field(primary_key=True)
    job_id: str = Field(index=True)
    version: int
    status: str = Field(index=True)
    """`open`, `answered`, `expired` or `withdrawn`."""
    prompt: str
    """`Prompt` as JSON."""
    opened_pos: int = Field(sa_type=POSITION)
    answer: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """`Answer`, once answered."""
    answer_key: str | None = Field(default=None, index=True)
    """Idempotency key of the winning answer."""
    answer_digest: str | None = None
    """Of the request that won, to tell a repeat from a reuse of its key."""
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_pos: int | None = Field(default=None, sa_type=POSITION)


class IdempotencyRow(SQLModel, table=True):
    """A job-creating request that carried a key."""

    __tablename__ = "idempotency"

    key: str = Field(primary_key=True)
    digest: str
    """Of the request, to tell a repeat from a reuse of its key."""
    job_id: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class FileRow(SQLModel, table=True):
    """The text of one file of a skill at one revision."""

    __tablename__ = "file"

    job_id: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    text: str


class TokenRow(SQLModel, table=True):
    """A principal beside the one that the data directory's token makes."""

    __tablename__ = "token"

    name: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    """SHA-256 of the token, which is kept nowhere."""
    role: str
    own_only: bool = False
    """Whether it sees no jobs but those it created."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MemberRow(SQLModel, table=True):
    """One process of a fleet that shares this database."""

    __tablename__ = "member"

    executor: str = Field(primary_key=True)
    """Its name, which no other process ever had."""
    version: str
    """Of the workflows it can run."""
    since: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    """Its last heartbeat, by the database's clock."""
    works: bool = True
    """Whether it runs jobs."""


# The same tables for SQLAlchemy Core, which reads and writes them in bulk without building objects.
LOG: Final = SQLModel.metadata.tables["log"]
EVENT: Final = SQLModel.metadata.tables["event"]
JOB: Final = SQLModel.metadata.tables["job"]
PROMPT: Final = SQLModel.metadata.tables["prompt"]
IDEMPOTENCY: Final = SQLModel.metadata.tables["idempotency"]
FILE: Final = SQLModel.metadata.tables["file"]
TOKEN: Final = SQLModel.metadata.tables["token"]
MEMBER: Final = SQLModel.metadata.tables["member"]
