"""How far the changes that people make in CRMs have been taken in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from offswitch.ledger import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "registers",
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("asked", columns.Moment(), nullable=False),
        sa.Column("edited", columns.Moment(), nullable=True),
        sa.Column("strangers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("crm"),
    )
