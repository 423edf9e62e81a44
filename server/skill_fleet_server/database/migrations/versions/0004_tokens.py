"""More than one principal: their tokens, and who created which job."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of tokens, and the creator of each job."""
    op.create_table(
        "token",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("digest", sa.String(), nullable=False, unique=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("own_only", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column("job", sa.Column("created_by", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_job_created_by", "job", ["created_by"])


def downgrade() -> None:
    """Remove both."""
    op.drop_index("ix_job_created_by", "job")
    op.drop_column("job", "created_by")
    op.drop_table("token")
