"""Dry runs on live traffic, and which variant of a text a message had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from offswitch.ledger import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column and tables."""
    op.add_column("effects", sa.Column("variant", columns.Word(), nullable=True))
    _entries()
    _decisions()


def _entries() -> None:
    op.create_table(
        "shadow_entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("visits", columns.Json(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("lane_reason", sa.Text(), nullable=False),
        sa.Column("due", columns.Moment(), nullable=False),
        sa.Column("since", columns.Moment(), nullable=False),
        sa.Column("put_off", columns.Span(), nullable=False),
        sa.Column("or_when", columns.Json(), nullable=True),
        sa.Column("approved", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.Column("entered", columns.Moment(), nullable=False),
        sa.Column("ended", columns.Moment(), nullable=True),
        sa.Column("arrived", columns.Moment(), nullable=True),
        sa.Column("wait", columns.Span(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("ramp", columns.Span(), nullable=False),
        sa.Column("doubts", columns.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    active = sa.text("state IN ('waiting', 'held', 'worklist')")
    op.create_index(
        "shadow_entries_due", "shadow_entries", ["flow", "due", "id"], unique=False, sqlite_where=active, postgresql_where=active
    )
    op.create_index("shadow_entries_of_contact", "shadow_entries", ["contact_id", "flow"], unique=False)
    op.create_index("shadow_entries_of_event", "shadow_entries", ["event_id", "flow"], unique=False)


def _decisions() -> None:
    op.create_table(
        "shadow_decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("at", columns.Moment(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("plan", columns.Json(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("shadow_decisions_of_entry", "shadow_decisions", ["entry_id"], unique=False)
    op.create_index("shadow_decisions_of_contact", "shadow_decisions", ["flow", "contact_id", "at"], unique=False)
    op.create_index("shadow_decisions_of_flow", "shadow_decisions", ["flow", "at"], unique=False)
