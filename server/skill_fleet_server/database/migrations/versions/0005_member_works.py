"""A member says whether it runs jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Members of the version before, which may run on beside this one, do not set it."""
    op.add_column("member", sa.Column("works", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("member", "works")
