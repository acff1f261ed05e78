"""All people of a forecast, as the ledger knows them and as they become: nothing of it is ever written back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offswitch.act.judge import Sent
from offswitch.events import MailBounced, MailComplained, Unsubscribed
from offswitch.ledger.base import Book
from offswitch.ledger.columns import micros
from offswitch.model.contact import Contact
from offswitch.model.event import Happened, answers

PAGE = 500
_LOOK_BACK = timedelta(days=366)  # no window of a cap is longer


@dataclass(slots=True)
class World:
    """By contact. `sent` and `unanswered` are newest first, as the gate wants them; `messages` and `events` oldest first.

    `sends` is when the machine sent, by flow and in all of them (""), as `micros`, in order.
    """

    contacts: dict[str, Contact] = field(default_factory=dict)
    consent: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    suppressed: dict[str, frozenset[str]] = field(default_factory=dict)
    events: dict[str, tuple[Happened, ...]] = field(default_factory=dict)
    sent: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    messages: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    unanswered: dict[str, list[Sent]] = field(default_factory=dict)
    sends: dict[str, list[int]] = field(default_factory=lambda: {"": []})
    _answers: frozenset[str] = field(default_factory=lambda: frozenset(answers()))

    def load(self, book: Book, people: Iterable[str], now: datetime) -> None:
        """Those of these people whom nobody has loaded before."""
        new = [person for person in dict.fromkeys(people) if person not in self.contacts]
        for start in range(0, len(new), PAGE):
            some = new[start : start + PAGE]
            found = book.contacts.get(some)
            self.contacts.update((person, found.get(person) or Contact(person)) for person in some)
            self.consent.update(book.consent.of(some))
            self.suppressed.update(book.consent.suppressed(some))
            self.events.update(book.events.of_contacts(some))
            self.sent.update(book.effects.sent(some, now - _LOOK_BACK))
            self.messages.update(book.effects.messages(some))
            self.unanswered.update({person: [] for person in some} | book.effects.unanswered(some, answers()))

    def add(self, contact: Contact, agreed: frozenset[tuple[str, str]], events: Sequence[Happened]) -> None:
        """Somebody new, with what they did before."""
        self.contacts[contact.id] = contact
        self.consent[contact.id] = agreed
        self.events[contact.id] = tuple(events)
        self.unanswered[contact.id] = []

    def happen(self, happened: Happened) -> None:
        """It is known from now on, and what must hold from this instant holds: the same as on intake."""
        who = happened.contact_id
        self.events[who] = (*self.events.get(who, ()), happened)
        if happened.kind in self._answers:
            self.unanswered[who] = []
        match happened.kind:
            case Unsubscribed.kind:
                self.consent[who] = self.consent.get(who, frozenset()) - {("marketing", str(happened.data.get("channel", "email")))}
            case MailComplained.kind:
                self._suppress(who)
            case MailBounced.kind if happened.data.get("hard", True):
                self._suppress(who)

    def got(self, who: str, flow: str, now: datetime) -> None:
        """A message of this flow. What the gate counts of it, the gate has counted."""
        self.messages.setdefault(who, []).append((now, flow))

    def sent_by_machine(self, flow: str, now: datetime) -> None:
        """One more, for the rates and the rollout."""
        for whose in (flow, ""):
            self.sends[whose].append(micros(now))

    def _suppress(self, who: str) -> None:
        self.suppressed[who] = self.suppressed.get(who, frozenset()) | {"email"}
