"""The tables of dry runs: where everybody would stand, and what would have been decided. Nothing else reads or counts them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from offswitch.ledger.columns import Json, Moment
from offswitch.ledger.tables import ACTIVE, entries, metadata

# The same columns as `entries`: an entry is an entry, whoever would act on it.
shadow_entries = Table(
    "shadow_entries",
    metadata,
    *[Column(one.name, one.type, primary_key=one.primary_key, nullable=one.nullable) for one in entries.c],
    Index("shadow_entries_due", "flow", "due", "id", sqlite_where=text(ACTIVE)),
    Index("shadow_entries_of_contact", "contact_id", "flow"),
    Index("shadow_entries_of_event", "event_id", "flow"),
)

shadow_decisions = Table(
    "shadow_decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("flow", Text, nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),  # what began the journey: the real entry has the same
    Column("entry_id", Text, nullable=False),  # of the shadow entry; "" where there is none
    Column("step", Text, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("work", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("plan", Json),  # the decision that the visit is pinned to, on its first action
    Column("text", Text, nullable=False),  # of the draft, as plain text
    Index("shadow_decisions_of_entry", "entry_id"),
    Index("shadow_decisions_of_contact", "flow", "contact_id", "at"),
    Index("shadow_decisions_of_flow", "flow", "at"),
)
