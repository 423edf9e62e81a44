"""A fork may bring the answer to the question where it begins."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column for it."""
    op.add_column("job", sa.Column("fork_answer", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("job", "fork_answer")
