"""Rows as every ledger keeps them, for the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from offswitch.ledger.base import Ledger
from offswitch.ledger.leases import Lease
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry, send_once_key

NOW = datetime(2025, 3, 3, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FLOW = "welcome"


def entry_of(name: str, *, due: datetime = NOW, **over: Any) -> Entry:
    """A waiting entry of the contact of the same name."""
    entry = Entry(name, FLOW, name, "confirm", due, NOW, f"event of {name}", visits={"confirm": 1}, since=due)
    return replace(entry, **over)


def effect_of(name: str = "a", *, state: Stage = Stage.RESERVED, **over: Any) -> Effect:
    """The letter of an entry's first visit."""
    key = send_once_key(name, "confirm", 1, "send:confirm")
    effect = Effect(key, name, FLOW, "confirm", 1, "send:confirm", name, NOW, state, "email", "smtp", counts=True)
    return replace(effect, **over)


def put_in(ledger: Ledger, *entries: Entry) -> None:
    """Entries that nobody holds."""
    with ledger.write() as book:
        for entry in entries:
            book.entries.add(entry)


def claim(ledger: Ledger, worker: str = "w", *, now: datetime = NOW, limit: int = 100, after: Any = None) -> tuple[Lease, list[Entry]]:
    """What a worker gets."""
    with ledger.write() as book:
        lease = book.leases.take(worker, FLOW, now, now + MINUTE)
        return lease, book.entries.claim(FLOW, now, lease.token, limit, after)


def ids(entries: Sequence[Entry]) -> list[str]:
    """Their names, in order."""
    return [entry.id for entry in entries]


def kept(ledger: Ledger, name: str) -> Entry:
    """An entry as it is now."""
    with ledger.read() as book:
        return book.entries.get([name])[name]


def effects(ledger: Ledger, name: str = "a") -> list[Effect]:
    """The effects of an entry."""
    with ledger.read() as book:
        return book.effects.of_entries([name]).get(name, [])
