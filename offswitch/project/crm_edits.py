"""What people change in the CRM, into the ledger: an event for each change, and what it says of the contact learnt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pydantic_core import PydanticCustomError

from offswitch.act.ports import Edit, Edits
from offswitch.events import CrmChanged
from offswitch.intake.receive import Received, receive
from offswitch.ledger.base import Book
from offswitch.model.address import canonical_email
from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.model.submission import Submission
from offswitch.policy.values import country, language, zone

_NOT_THEIRS = ("message.", "contact.", "shipment.", "ticket.solved", "donation.refunded")  # what others do tells nothing of a person
_NOT_LEARNT = frozenset({"email", "stage", "tags"})  # who it is, and what decisions ask the CRM for at the time


@dataclass(frozen=True, slots=True)
class Taken:
    """How many changes were new, about how many nobody here is known, and when the newest was made."""

    new: int = 0
    strangers: int = 0
    newest: datetime | None = None


def take_edits(book: Book, crm: str, edits: Edits, now: datetime) -> Taken:
    """Keep them in this transaction, each once by its id. Nobody is made a contact by it."""
    known = book.contacts.by_address({canonical_email(edit.email) for edit in edits.found})
    before = book.events.of_contacts([contact.id for contact in known.values()])
    new = strangers = 0
    for edit in edits.found:
        contact = known.get(canonical_email(edit.email))
        if contact is None:
            strangers += 1
        else:
            submission = _submission(edit, f"crm:{crm}", contact, before.get(contact.id, ()), now)
            new += receive(book, submission, now) is Received.NEW
    return Taken(new, strangers, max((min(edit.at, now) for edit in edits.found), default=None))


def _submission(edit: Edit, source: str, contact: Contact, before: Iterable[Happened], now: datetime) -> Submission:
    at = min(edit.at, now)  # a clock that is ahead must not outlive a later change
    data = {"values": dict(edit.values), "by": edit.by}
    later = [happened for happened in before if happened.at > at]
    news = _news(edit, before)
    learnt = {
        name: value for name, value in _learnt(edit.values).items() if not contact.get(name) or (name in news and not _outdone(name, later))
    }
    said = json.dumps([edit.email, data], sort_keys=True, default=str, ensure_ascii=False)
    digest = blake2b(said.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    return Submission(edit.id, CrmChanged.kind, at, source, contact.email, learnt, (), data, digest)


def _news(edit: Edit, before: Iterable[Happened]) -> frozenset[str]:
    """Which fields somebody changed: of a whole record those that differ from the last time that it was told, at first none."""
    if not edit.whole:
        return frozenset(edit.values)
    told = [one.data.get("values", {}) for one in before if one.kind == CrmChanged.kind]
    return frozenset(name for name, value in edit.values.items() if told and told[-1].get(name) != value)


def _outdone(name: str, later: Iterable[Happened]) -> bool:
    """Has the field been changed again since, or has the person written themselves?"""
    for happened in later:
        if happened.kind != CrmChanged.kind and not happened.kind.startswith(_NOT_THEIRS):
            return True
        if happened.kind == CrmChanged.kind and name in happened.data.get("values", {}):
            return True
    return False


def _learnt(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a contact by the same names here. What can't be used is left out; it stays in the event."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _NOT_LEARNT and isinstance(value, str | int | float | bool) and value != "":
            try:
                found[name] = _READ[name](value) if name in _READ else value
            except PydanticCustomError:
                continue
    return found


def _line(value: object) -> str:
    return " ".join(str(value).split())


_READ: Mapping[str, Callable[[Any], str]] = {"name": _line, "phone": _line, "country": country, "language": language, "zone": zone}
