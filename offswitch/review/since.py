"""Which people of a difference are due to time alone: who came after the earlier plan, and who has gone on since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from offswitch.ledger.base import Book
from offswitch.model.contact import Contact
from offswitch.review.difference import Difference

NAMED = 50  # people of either kind who are named


@dataclass(frozen=True, slots=True)
class Since:
    """Of those at hand, so many `came` and so many `went` on since the earlier plan. `names` are the first of either kind."""

    came: int = 0
    went: int = 0
    names: Mapping[str, Contact] = field(default_factory=dict)


def since(book: Book, one: Difference) -> Since:
    """As the ledger has it now."""
    made = datetime.fromisoformat(one.before.made)
    newly, gone = one.newly.first, one.gone.first
    events = book.events.of_contacts(newly)
    entries = book.entries.of_contacts(one.now.flow, gone)
    return Since(
        came=sum(min((event.received for event in events.get(person, ())), default=made) > made for person in newly),
        went=sum(any((entry.ended or entry.arrived or made) > made for entry in entries.get(person, ())) for person in gone),
        names=book.contacts.get([*newly[:NAMED], *gone[:NAMED]]),
    )
