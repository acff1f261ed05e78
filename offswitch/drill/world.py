"""The world outside: what the fake provider took, what people did and said, who switched what. The drill's only truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from offswitch.act.ports import Change, Order
from offswitch.drill.people import Happening, Person, Population
from offswitch.errors import Lapsed
from offswitch.gate.permit import Permit
from offswitch.messages.letter import Letter
from offswitch.model.address import canonical_email
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt
from offswitch.testing.fakes import FakeCrm, FrozenClock

DIED = "died"  # the outcome of an attempt that its worker did not live to hear of
IN_DOUBT = ("begun", "accepted", "after accept")
MAIL, CRM = "drill-mail", "drill-crm"


@dataclass(frozen=True, slots=True)
class Mail:
    """One attempt that reached the provider. `accepted`: it is in somebody's inbox now, whatever was answered."""

    n: int
    at: datetime
    key: str
    to: str
    subject: str
    accepted: bool
    outcome: str = "performed"

    @property
    def doubt(self) -> bool:
        """Does our side not know what became of it?"""
        return self.outcome in (DIED, Outcome.UNKNOWN.value)

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Entry, step, visit and action, as the key shows them to a provider."""
        entry, step, visit, action = [*self.key.split("\x1f"), "", "", "", ""][:4]
        return entry, step, visit, action


@dataclass(frozen=True, slots=True)
class Deed:
    """What the operator did to an item, with what it showed. `kind` is the item's."""

    n: int
    at: datetime
    entry: str
    step: str
    visit: int
    outcome: str
    kind: str
    who: int
    sends: tuple[str, ...] = ()  # subjects of the drafts that went out by hand


@dataclass(frozen=True, slots=True)
class Switched:
    """Somebody switched something. `hard`: from here on nothing of `scope` may start."""

    n: int
    at: datetime
    what: str
    scope: str
    off: bool


@dataclass
class World:
    """Everything has its number `n` in one order, because virtual time stands still within a pass."""

    population: Population
    clock: FrozenClock
    told: list[tuple[datetime, Happening]] = field(default_factory=list)
    told_by: dict[int, list[tuple[datetime, Happening]]] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    writes: list[tuple[datetime, str, Change]] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    switches: list[Switched] = field(default_factory=list)
    passes: dict[str, list[datetime]] = field(default_factory=dict)
    kills: list[tuple[datetime, str, str]] = field(default_factory=list)
    under_way: tuple[str, Letter] | None = None
    between: Callable[[], None] | None = None
    n: int = 0

    def __post_init__(self) -> None:
        self._people = {person.number: person for person in self.population.people}
        self._spelling = {person.email.lower(): person for person in self.population.people}

    def next(self) -> int:
        """The next number."""
        self.n += 1
        return self.n

    def tell(self, one: Happening) -> None:
        """Somebody did something, and we heard of it."""
        self.told.append((self.clock.now(), one))
        self.told_by.setdefault(one.who, []).append(self.told[-1])

    def person(self, number: int) -> Person:
        """By number."""
        return self._people[number]

    def person_of(self, address: str) -> Person | None:
        """Who gets what goes to this address."""
        return self._spelling.get(address.strip().lower())

    @property
    def accepted(self) -> list[Mail]:
        """What is in inboxes, in order."""
        return [mail for mail in self.mails if mail.accepted]

    def holds(self, key: str) -> bool:
        """Does the provider have this one?"""
        return any(mail.key == key and mail.accepted for mail in self.mails)

    def switch(self, what: str, scope: str, *, off: bool) -> None:
        """Note that somebody switched."""
        self.switches.append(Switched(self.next(), self.clock.now(), what, scope, off))

    def attempt(self, key: str, letter: Letter, *, accepted: bool, outcome: str) -> None:
        """Note an attempt."""
        mail = Mail(self.next(), self.clock.now(), key, letter.to, letter.subject, accepted, outcome)
        self.mails.append(mail)

    def killed(self, point: str, action: str) -> None:
        """A worker died here. What it had begun and not ended is in doubt; it may even have been taken."""
        self.kills.append((self.clock.now(), point, action))
        if point in IN_DOUBT and self.under_way is not None:
            key, letter = self.under_way
            if point == "begun":
                self.attempt(key, letter, accepted=False, outcome=DIED)
            else:
                last = max(place for place, mail in enumerate(self.mails) if mail.key == key)
                self.mails[last] = replace(self.mails[last], outcome=DIED)


class WorldMailer:
    """A provider without idempotency, as SMTP is. What it answers depends on the person alone."""

    name = MAIL
    guarantee = Guarantee.NONE
    limits = "none"

    def __init__(self, world: World) -> None:
        self._world = world
        self._tries: Counter[tuple[int, str]] = Counter()

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Keep, in order; the world may go on between two letters, when the second has been looked at and has not begun."""
        for place, order in enumerate(orders):
            yield self._receipt(order.permit, order.payload, follows=place > 0)
            self._world.under_way = None

    def _receipt(self, permit: Permit, letter: Letter, *, follows: bool) -> Receipt:
        if permit.recipient != letter.to or permit.digest != letter.digest:
            return Receipt(permit.key, Outcome.BROKEN, "not what the permit was given for")
        try:
            permit.check()
            if follows and self._world.between is not None:
                self._world.between()
            self._world.under_way = permit.key, letter
            permit.begin()
        except Lapsed as lapse:
            return Receipt(permit.key, Outcome.LAPSED, str(lapse))
        return self._answer(permit, letter)

    def _answer(self, permit: Permit, letter: Letter) -> Receipt:
        person = self._world.person_of(letter.to)
        fate = person.fate if person else "fine"
        which = (person.number if person else 0, permit.key.partition("\x1f")[2])
        first_letter = not any(number == which[0] and action != which[1] for number, action in self._tries)
        self._tries[which] += 1
        first = self._tries[which] == 1 and first_letter
        accepted, outcome, reason = _FATES.get(fate, _FINE) if first or fate == "refused" else _FINE
        self._world.attempt(permit.key, letter, accepted=accepted, outcome=outcome.value)
        if accepted:
            permit.accepted()
        if first and fate == "breaks down":
            raise ConnectionError("the provider broke down in the middle of a letter")
        return Receipt(permit.key, outcome, reason, letter.message_id, address_refused=fate == "refused")

    def look_up(self, key: str) -> Receipt | None:
        """Always None, as with SMTP."""
        return None

    def diagnose(self) -> Iterator[Finding]:
        """All is well."""
        yield Finding("the drill's mailer", Level.FINE, "it answers")

    def close(self) -> None:
        """Nothing to let go of."""


_FINE = (True, Outcome.PERFORMED, "")
_FATES: Mapping[str, tuple[bool, Outcome, str]] = {
    "retry": (False, Outcome.RETRY, "451 try again later"),
    "lost reply": (True, Outcome.UNKNOWN, "no reply after the last dot"),
    "lost letter": (False, Outcome.UNKNOWN, "no reply after the last dot"),
    "refused": (False, Outcome.REJECTED, "550 no such mailbox"),
    "breaks down": (True, Outcome.UNKNOWN, "broke down"),
}


class WorldCrm(FakeCrm):
    """A register whose writes may be repeated; it notes when each arrived."""

    def __init__(self, world: World) -> None:
        super().__init__(name=CRM)
        self._world = world
        for person in world.population.people:
            if person.row["crm"] != "absent":
                self.people[canonical_email(person.email)] = {"stage": "known", "tags": ["from before"]}
            if person.row["crm"] == "two of them":
                self.people[person.email.upper()] = {"stage": "older", "tags": []}
        self._before = deepcopy(self.people)

    def _write(self, change: Change) -> None:
        super()._write(change)
        self._world.writes.append((self._world.clock.now(), change.external_id, change))

    def state_of(self, email: str) -> Mapping[str, Any]:
        """What the register holds about one person."""
        return self.people.get(canonical_email(email), {})

    def at(self, email: str, moment: datetime) -> Mapping[str, Any]:
        """What it held at that moment."""
        known = self._before.get(canonical_email(email))
        then = FakeCrm(people={canonical_email(email): dict(known)} if known else {})
        for at, _, change in self._world.writes:
            if at <= moment and canonical_email(change.contact.email) == canonical_email(email):
                FakeCrm._write(then, change)  # noqa: SLF001 - the same register, replayed
        return then.people.get(canonical_email(email), {})
