"""A promise may stand for one that was imported, and may have a new day."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the columns of this revision."""
    with op.batch_alter_table("promises") as table:
        table.add_column(sa.Column("moved_to", sa.Date(), nullable=True))
        table.add_column(sa.Column("replaces", sa.Text(), nullable=True))
        table.create_unique_constraint("uq_promises_replaces", ["replaces"])
