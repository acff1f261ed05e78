"""Reads from the ledger what people would have to do by hand in a day if a flow were off (docs/semantics.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from offswitch.journey.graph import graph_of
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.capacity import ByHand
from offswitch.policy.schema import Effective, Outside, Rung

DAY, WEEK, QUARTER = timedelta(days=1), timedelta(days=7), timedelta(days=90)
ENOUGH = 5  # timed items, before they count for more than the policy's estimate


def by_hand(book: Book, journey: Journey, policy: Effective, now: datetime, rung: int | None = None) -> ByHand:
    """The projection at a rung, counted from 0; at the one where the flow stands if none is named."""
    flow, kind = journey.name, journey.starts_on.kind
    count, first = book.events.received_since(kind, now - WEEK)
    days = min(max((now - first) / DAY, 1.0), 7.0) if first else 7.0
    inflow = count / days
    timed = book.work.minutes(flow, now - QUARTER)
    measured = len(timed) if len(timed) >= ENOUGH else 0
    steps = policy.rollout.steps
    at = min(book.history.rung(flow) if rung is None else rung, len(steps) - 1)
    return ByHand(
        pending=book.entries.due_by(flow, now + DAY) + book.events.count_unseen(flow, kind),
        inflow=inflow,
        days=days,
        share=1.0 if policy.rollout.outside is Outside.WORKLIST else share_of(steps[at], inflow, book.entries.inside(flow)),
        steps=graph_of(journey).first_day,
        per_item=median(timed) if measured else policy.minutes_per_item,
        measured=measured,
        capacity=policy.capacity,
    )


def share_of(rung: Rung, inflow: float, inside: int) -> float:
    """Of a day's newcomers, those whom the rung lets in."""
    if rung.ppm is not None:
        return rung.ppm / 1_000_000
    return min(max((rung.contacts or 0) - inside, 0) / inflow, 1.0) if inflow else 1.0
