"""Every message of a flow to one address of a colleague, marked as a test. It leaves no key, and no contact gets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from offswitch.act.desk import PERMIT_SECONDS, Desk
from offswitch.act.ports import Order
from offswitch.errors import Refused
from offswitch.gate.as_if_on import as_if_on
from offswitch.gate.permit import grant
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book, new_id
from offswitch.messages.compose import digest
from offswitch.messages.letter import Letter
from offswitch.messages.library import Library
from offswitch.messages.sender import Sender
from offswitch.model.address import canonical_email
from offswitch.model.receipt import Outcome
from offswitch.review.made_up import made_up_letter

MARK = "[TEST] "


@dataclass(frozen=True, slots=True)
class Tried:
    """One message in one language, and what became of it. `outcome` "not written": the text lacks something."""

    message: str
    language: str
    subject: str
    outcome: str
    reason: str = ""


class _Unmarked:
    """A test has no key in the ledger, so nobody asks afterwards how far it came."""

    def begun(self, index: int) -> None:
        """Nothing to note."""

    def untouched(self, index: int) -> None:
        """Nothing to note."""


def send_test(
    desk: Desk, library: Library, senders: Mapping[str, Sender], *, to: str, languages: Sequence[str], link: str
) -> tuple[Tried, ...]:
    """Send them. Raises Refused for a contact's address, and while a stop holds that is not the flow's own switch."""
    with desk.ledger.read() as book:
        standing = desk.switchboard.look(book)
        _refuse_contacts(book, to)
    _refuse_stops(desk, as_if_on(standing))
    now = desk.clock.now()
    flow = desk.journey.name
    texts = ((message, language) for message in library.messages(flow) for language in library.languages(flow, message))
    wanted = [(message, language) for message, language in texts if not languages or language in languages]
    return tuple(_one(desk, library, senders[language], message, language, to, link, now) for message, language in wanted)


def _one(desk: Desk, library: Library, sender: Sender, message: str, language: str, to: str, link: str, now: datetime) -> Tried:
    key = f"test/{desk.journey.name}/{message}.{language}/{new_id()}"
    template = library.get(desk.journey.name, message, language)
    letter = made_up_letter(desk.journey, template, sender, key=key, unsubscribe_url=link, now=now, to=to)
    if not isinstance(letter, Letter):
        return Tried(message, language, "", "not written", str(letter))
    marked = _marked(letter)
    permit = grant(key, recipient=to, digest=marked.digest, token=0, guard=desk.switchboard, mark=_Unmarked(), seconds=PERMIT_SECONDS)
    receipt = next(iter(desk.mailer.perform([Order(permit, marked)])))
    return Tried(message, language, marked.subject, receipt.outcome.value, "" if receipt.outcome is Outcome.PERFORMED else receipt.reason)


def _marked(letter: Letter) -> Letter:
    subject = f"{MARK}{letter.subject}"
    return replace(letter, subject=subject, digest=digest(letter.to, subject, letter.text, letter.html))


def _refuse_contacts(book: Book, to: str) -> None:
    if book.contacts.by_address([canonical_email(to)]):
        raise Refused(f"{to} is a contact's address: tests go to colleagues only")


def _refuse_stops(desk: Desk, standing: Standing) -> None:
    for verdict in _stopped(desk, standing):
        raise Refused(f"nothing is sent now, tests neither: {verdict}")


def _stopped(desk: Desk, standing: Standing) -> Iterator[str]:
    found = (standing.halt, standing.channels.get("email"), standing.connectors.get(desk.mailer.name))
    yield from (verdict.reason for verdict in found if verdict is not None)
