"""Waits that can be counted anew, a ramp after a stop, two people, retirement, and the log of every change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from offswitch.ledger import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and tables. Off periods that ended before have let go of everything long ago."""
    op.add_column("entries", sa.Column("arrived", columns.Moment(), nullable=True))
    op.add_column("entries", sa.Column("wait", columns.Span(), nullable=True))
    op.add_column("entries", sa.Column("version", sa.Text(), nullable=False, server_default=""))
    op.add_column("entries", sa.Column("ramp", columns.Span(), nullable=False, server_default="0"))
    op.add_column("entries", sa.Column("doubts", columns.Json(), nullable=True))
    op.add_column("off_periods", sa.Column("released", columns.Moment(), nullable=True))
    op.execute("UPDATE off_periods SET released = closed")
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", columns.Moment(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("agreed", columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("requests_open", "requests", ["kind", "subject"], unique=False)
    op.create_table(
        "retirements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", columns.Moment(), nullable=False),
        sa.Column("until", columns.Moment(), nullable=False),
        sa.Column("undone", columns.Moment(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=False),
        sa.Column("done", columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recoveries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("since", columns.Moment(), nullable=False),
        sa.Column("until", columns.Moment(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", columns.Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    people = sa.text("\"by\" <> 'machine'")
    op.create_index("audit_of_people", "audit", ["n"], unique=False, sqlite_where=people, postgresql_where=people)
