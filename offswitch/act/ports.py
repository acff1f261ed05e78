"""What `act` needs from connectors, and no more. A connector is found by name: `connectors/<kind>/<name>.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from offswitch.gate.permit import Guard, Permit
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.messages.letter import Letter
from offswitch.model.action import Action, Kind
from offswitch.model.contact import Contact
from offswitch.model.event import Happened
from offswitch.model.facts import Facts, Known
from offswitch.model.finding import Finding
from offswitch.model.receipt import Guarantee, Receipt
from offswitch.policy.money import Money

P = TypeVar("P", covariant=True)


@dataclass(frozen=True, slots=True)
class Order(Generic[P]):
    """One effect to perform: leave, and what to do."""

    permit: Permit
    payload: P


@dataclass(frozen=True, slots=True)
class Change:
    """What the CRM shall hold about a contact: fields, a note or a task. `external_id` is the send-once key, shown.

    A field that somebody else set in the CRM after `decided` keeps that value. A field in `yielding` belongs to people: it is
    written only where the CRM holds nothing yet.
    """

    kind: Kind
    contact: Contact
    values: Mapping[str, Any]
    external_id: str
    digest: str = ""
    decided: datetime | None = None
    yielding: frozenset[str] = frozenset()

    def wins(self, name: str, held: Any, edited: datetime | None) -> bool:
        """May it set a field that holds `held`, and that somebody else set at `edited` (None: nobody, as far as it is known)?"""
        if name in self.yielding and held not in (None, "", [], ()):
            return False
        return edited is None or self.decided is None or edited <= self.decided


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody else than we changed in the CRM about one person. `id` is the CRM's own name for the change, or made of it.

    `values` by the names that `Crm.read` uses; `by` as the CRM names the person, "" where it doesn't tell. `whole`: they are all
    that is known of the record, and the CRM doesn't tell which of them changed.
    """

    id: str
    email: str
    at: datetime
    values: Mapping[str, Any]
    by: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Edits:
    """Some changes, oldest first, and where to go on. `more`: ask again at once."""

    found: Sequence[Edit]
    cursor: str
    more: bool = False


class Needs(Protocol):
    """Finds facts that the ledger doesn't hold, for people at once. What can't be found is absent, never guessed."""

    def find(
        self, names: Sequence[str], contacts: Mapping[str, Contact], events: Mapping[str, Sequence[Happened]], now: datetime
    ) -> Mapping[str, Mapping[str, Known]]:
        """By contact id, then by name."""
        ...


class Switchboard(Guard, Protocol):
    """Knows every stop source of one flow. `objection` (from Guard) costs microseconds; `look` reads everything anew."""

    def look(self, book: Book) -> Standing:
        """Where the flow stands now, with the stop rows that this transaction sees; objections start afresh from here."""
        ...

    @property
    def cancelled(self) -> bool:
        """Was this process asked to stop?"""
        ...

    def cancel(self, reason: str) -> None:
        """Nothing starts any more in this process."""
        ...

    def hold(self, token: int) -> None:
        """From now on, losing this lease is an objection."""
        ...

    def keep(self, book: Book) -> None:
        """Remember the valid policy in force, for the day when its file is broken."""
        ...

    def turn(self, book: Book) -> str:
        """Which flows this one waits for before the machine begins or takes more, as the last look saw it; "" for none."""
        ...

    def zone(self, contact: Contact) -> ZoneInfo:
        """The contact's own zone, else the country's, else the company's."""
        ...


class Texts(Protocol):
    """Knows the flow's messages."""

    def front(self, message: str) -> Front:
        """What a message is for. Raises KeyError when there is none."""
        ...

    def purpose(self, flow: str, message: str) -> str:
        """What a message of any flow is for. One that can't be read counts as marketing."""
        ...

    def write(self, facts: Facts, action: Action, key: str) -> Letter | str:
        """A finished letter, or what is lacking, in words."""
        ...

    def amount(self, facts: Facts, action: Action) -> Money | None:
        """How much money a message is about; None when that is not known, or it is about none."""
        ...


@dataclass(frozen=True, slots=True)
class Front:
    """What the gate must know of a message."""

    purpose: str
    decides: str = ""
    ask: int = 0
    amount: str = ""
    currency: str = ""


class Mailer(Protocol):
    """Sends letters. One receipt per order, in order, as soon as it is known. Never raises for one letter's fate.

    It calls `permit.check()` before it talks about a letter and `permit.begin()` right before the bytes that can't be
    undone; a lapse is the receipt `lapsed`. It sends nothing whose recipient or digest differs from the permit's.
    `limits` says in a line how much goes how fast.
    """

    name: str
    guarantee: Guarantee
    limits: str

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Send, in order."""
        ...

    def look_up(self, key: str) -> Receipt | None:
        """Did this key arrive? None when it can't be told."""
        ...

    def diagnose(self) -> Iterator[Finding]:
        """Ask the other side harmless questions: does it answer, is the key good, may it do what we need, what are the limits."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Crm(Protocol):
    """Writes to and reads from the customer register, with the same duties towards permits as a mailer."""

    name: str
    guarantee: Guarantee
    limits: str

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Write, in order."""
        ...

    def look_up(self, key: str) -> Receipt | None:
        """Did this key arrive? None when it can't be told."""
        ...

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """What the CRM knows, by e-mail: `stage`, `tags` and its own fields. Absent people are absent."""
        ...

    def edits(self, cursor: str) -> Edits:
        """What others have changed since `cursor`; from now on where it is "". What we wrote ourselves is no edit."""
        ...

    def diagnose(self) -> Iterator[Finding]:
        """Ask the other side harmless questions: does it answer, is the key good, may it do what we need, what are the limits."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
