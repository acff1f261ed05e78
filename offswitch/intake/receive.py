"""One submission into the ledger: who it is, what they agreed to, what happened. The same one twice is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from offswitch.events import MailBounced, MailComplained, Unsubscribed, is_hard
from offswitch.ledger.base import Book, new_id
from offswitch.model.address import canonical_email
from offswitch.model.contact import Contact
from offswitch.model.entry import Entry, State
from offswitch.model.event import Happened
from offswitch.model.submission import Submission
from offswitch.model.verdict import Work

_COLUMNS = ("name", "language", "country", "zone", "phone")


class Received(StrEnum):
    """What became of a submission."""

    NEW = "new"
    KNOWN = "known"  # the same id with the same content: nothing to do
    CONFLICT = "conflict"  # the same id with other content: not taken


def receive(book: Book, submission: Submission, now: datetime) -> Received:
    """Keep it in this transaction. An opt-out, a bounce or a complaint takes effect in the same one."""
    event_id = f"{submission.source}:{submission.id}"
    known = book.events.digest_of(event_id)
    if known is not None:
        return Received.KNOWN if known == submission.digest else Received.CONFLICT
    contact_id = _person(book, submission, now)
    said = min(submission.at, now)  # a clock that is ahead must not outlive a later opt-out
    for purpose, channel, wording in submission.consent:
        if not submission.dated and book.consent.refused(contact_id, purpose, channel):
            continue  # a yes without a date, from an old list perhaps, never outranks a no
        book.consent.record(contact_id, purpose, channel, True, source=submission.source, wording=wording, at=said)
    happened = Happened(event_id, submission.kind, submission.at, contact_id, submission.data, submission.source, now)
    book.events.add(happened, submission.digest)
    obey(book, happened)
    return Received.NEW


def obey(book: Book, happened: Happened) -> None:
    """What must hold from this instant, for every flow: no flow is asked."""
    match happened.kind:
        case Unsubscribed.kind:
            channel = _channel(book, happened)
            book.consent.record(
                happened.contact_id, "marketing", channel, False, source=happened.source, wording="unsubscribed", at=happened.at
            )
            _reconsider(book, happened)
        case MailComplained.kind:
            _suppress(book, happened, "complaint")
        case MailBounced.kind if is_hard(happened.data):
            _suppress(book, happened, "hard bounce")


def _channel(book: Book, happened: Happened) -> str:
    """The channel that a no names, if the person ever said yes or no to it; else mail: no "no" is without effect."""
    named, who = str(happened.data.get("channel")), happened.contact_id
    agreed = ("marketing", named) in book.consent.of([who]).get(who, frozenset())
    return named if agreed or book.consent.refused(who, "marketing", named) else "email"


def _suppress(book: Book, happened: Happened, reason: str) -> None:
    address = book.contacts.address(happened.contact_id)
    if address:
        book.consent.suppress(address, "email", reason, happened.at)
    _reconsider(book, happened)


def _reconsider(book: Book, happened: Happened) -> None:
    """What people were asked to send may not be wanted any more: back to the gate, drafts and all."""
    for entry in book.entries.of_contact(happened.contact_id):
        if asks(entry):
            book.entries.put(reconsidered(entry, happened.received))


def asks(entry: Entry) -> bool:
    """Was somebody asked to send something, or has somebody taken it?"""
    asked = entry.state is State.WORKLIST and entry.work not in (Work.STEP, Work.UNKNOWN)
    return asked or bool(entry.taken_by and entry.state in (State.WAITING, State.HELD))


def reconsidered(entry: Entry, now: datetime) -> Entry:
    """Due again, in nobody's hands, because it may not be wanted any more."""
    return replace(entry, state=State.WAITING, work=None, taken_by="", due=min(entry.due, now))


def _person(book: Book, submission: Submission, now: datetime) -> str:
    """The contact of this address, new or known; what the submission adds is learned."""
    address = canonical_email(submission.email)
    columns: dict[str, Any] = {name: str(submission.contact.get(name) or "") for name in _COLUMNS}
    fields = {name: value for name, value in submission.contact.items() if name not in (*_COLUMNS, "email")}
    found = book.contacts.by_address([address]).get(address)
    if found is not None:
        book.contacts.learn(found.id, {**columns, "fields": fields})
        return found.id
    contact = Contact(new_id(), submission.email, **columns, fields=fields)
    book.contacts.add(contact, address, now)
    return contact.id
