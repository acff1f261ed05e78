"""Stops that end by themselves, signed reviews, lifted rules, and an index for what guardrails count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from offswitch.ledger import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column, tables and indexes."""
    op.add_column("stops", sa.Column("until", columns.Moment(), nullable=True))
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("reviews_of_flow", "reviews", ["flow", "at"], unique=False)
    op.create_table(
        "lifts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", columns.Moment(), nullable=False),
        sa.Column("ended", columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    lasting = sa.text("ended IS NULL")
    op.create_index("lifts_lasting", "lifts", ["flow"], unique=False, sqlite_where=lasting, postgresql_where=lasting)
    sent = sa.text("counts AND state = 'performed' AND actor = 'machine'")
    op.create_index("effects_sent", "effects", ["flow", "at"], unique=False, sqlite_where=sent, postgresql_where=sent)
    harmful = sa.text("kind IN ('contact.unsubscribed', 'message.bounced', 'message.complained')")
    op.create_index("events_of_harm", "events", ["kind", "at"], unique=False, sqlite_where=harmful, postgresql_where=harmful)
    op.create_index("runs_of_flow", "runs", ["flow", "started"], unique=False)
