"""The first schema: the log and its events, jobs, prompts, idempotency keys, files."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("head", POSITION, nullable=False),
        sa.Column("trimmed", POSITION, nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("pos", POSITION, primary_key=True, autoincrement=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("v", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.UniqueConstraint("job_id", "seq"),
    )
    with_key = sa.text("key IS NOT NULL")
    op.create_index(
        "event_key", "event", ["job_id", "key"], unique=True, sqlite_where=with_key, postgresql_where=with_key
    )
    op.create_table(
        "job",
        sa.Column("job_id", sa.String(), primary_key=True),
        sa.Column("created_pos", POSITION, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forked_from", sa.String(), nullable=True),
        sa.Column("fork_step", sa.Integer(), nullable=True),
    )
    op.create_index("ix_job_created_pos", "job", ["created_pos"])
    op.create_index("ix_job_status", "job", ["status"])
    op.create_table(
        "prompt",
        sa.Column("prompt_id", sa.String(), primary_key=True),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("opened_pos", POSITION, nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("answer_key", sa.String(), nullable=True),
        sa.Column("answer_digest", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_pos", POSITION, nullable=True),
    )
    op.create_index("ix_prompt_job_id", "prompt", ["job_id"])
    op.create_index("ix_prompt_status", "prompt", ["status"])
    op.create_index("ix_prompt_answer_key", "prompt", ["answer_key"])
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "file",
        sa.Column("job_id", sa.String(), primary_key=True),
        sa.Column("path", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True),
        sa.Column("text", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """There is nothing before the first schema."""
    raise NotImplementedError("the first schema has no predecessor")
