"""The tables of stops, off periods, what takes two people, reviews and lifted rules."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, text

from offswitch.ledger.columns import Moment
from offswitch.ledger.tables import metadata

LASTING = "ended IS NULL"

stops = Table(
    "stops",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("ended", Moment),
    Column("ended_by", Text, nullable=False),
    Column("until", Moment),  # when it ends by itself; null: when somebody says so
)

off_periods = Table(
    "off_periods",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("flow", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("closed", Moment),
    Column("closed_by", Text, nullable=False),
    Column("released", Moment),  # when what waited was let go
)

# Two people for what can't be taken back: one asks, another agrees.
requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),  # on | retire | reconcile
    Column("subject", Text, nullable=False),  # the flow, or "" for all
    Column("size", Integer, nullable=False),  # how many it would touch
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("agreed_by", Text, nullable=False),
    Column("agreed", Moment),
    Index("requests_open", "kind", "subject"),
)

retirements = Table(
    "retirements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("flow", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("agreed_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),  # can be undone before this
    Column("undone", Moment),
    Column("undone_by", Text, nullable=False),
    Column("done", Moment),  # everybody's journey has been ended
)

# Times that the ledger has lost because a backup was restored, and who took the risk of going on.
recoveries = Table(
    "recoveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("since", Moment, nullable=False),  # the newest thing that the copy knows
    Column("until", Moment, nullable=False),  # when the loss was noticed
    Column("gone", Integer, nullable=False),  # transactions
    Column("by", Text, nullable=False),
    Column("agreed_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Somebody has looked at a flow and signed for it.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("flow", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("reviews_of_flow", "flow", "at"),
)

# Rules of pace that two people have lifted for a few days.
lifts = Table(
    "lifts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("flow", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),  # when a pass first went by it
    Column("ended", Moment),
    Index("lifts_lasting", "flow", sqlite_where=text(LASTING)),
)
