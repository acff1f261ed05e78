"""Stand-ins for everything outside: a mailer, a CRM, a clock, permits, and builders of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from offswitch.act.ports import Change, Edit, Edits, Order
from offswitch.errors import Lapsed
from offswitch.gate.permit import Guard, Mark, Permit, grant
from offswitch.messages.letter import Letter
from offswitch.model.action import Kind
from offswitch.model.address import canonical_email
from offswitch.model.contact import Contact
from offswitch.model.entry import shown
from offswitch.model.finding import Finding, Level
from offswitch.model.receipt import Guarantee, Outcome, Receipt

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


class OpenGuard:
    """Nothing ever speaks against an effect."""

    def objection(self) -> str:
        """Always ""."""
        return ""


@dataclass
class ClosedGuard:
    """Speaks against every effect, or against all after the first `after` looks."""

    why: str = "stopped for this test"
    after: int = 0

    def objection(self) -> str:
        """`why`, once it is closed."""
        self.after -= 1
        return self.why if self.after < 0 else ""


class NoMark:
    """Notes nothing."""

    def begun(self, index: int) -> None:
        """Nothing."""

    def untouched(self, index: int) -> None:
        """Nothing."""


class FrozenClock:
    """Time that stands still until it is told to go on."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        """The instant at which it stands."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Go on, and say where it stands then."""
        self._now += by
        return self._now


@dataclass(frozen=True, slots=True)
class Answer:
    """How a fake answers one order. `kept`: the other side took it although the outcome does not say so."""

    outcome: Outcome
    reason: str = ""
    kept: bool = False
    address_refused: bool = False


DONE = Answer(Outcome.PERFORMED)


@dataclass
class _Script:
    """Answers per recipient, used up one by one; afterwards everything is performed."""

    answers: dict[str, list[Answer]]

    def next(self, recipient: str) -> Answer:
        waiting = self.answers.get(recipient)
        return waiting.pop(0) if waiting else DONE


def _script(answers: Mapping[str, Sequence[Answer | Outcome]] | None) -> _Script:
    plain = {who: [a if isinstance(a, Answer) else Answer(a) for a in each] for who, each in (answers or {}).items()}
    return _Script(plain)


def _objection(permit: Permit, digest: str, *names: str) -> Receipt | None:
    """The receipt of an order that may not be carried out."""
    if permit.recipient not in names or permit.digest != digest:
        return Receipt(permit.key, Outcome.BROKEN, "not what the permit was given for")
    try:
        permit.begin()
    except Lapsed as lapse:
        return Receipt(permit.key, Outcome.LAPSED, str(lapse))
    return None


class FakeMailer:
    """Keeps letters instead of sending them. `answers` scripts outcomes per address; `journal` is what arrived, in order."""

    name = "fake"
    guarantee = Guarantee.NONE
    limits = "none"

    def __init__(self, answers: Mapping[str, Sequence[Answer | Outcome]] | None = None) -> None:
        self._script = _script(answers)
        self.journal: list[tuple[str, Letter]] = []

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        """Keep, in order."""
        for order in orders:
            yield self._receipt(order.permit, order.payload)

    def _receipt(self, permit: Permit, letter: Letter) -> Receipt:
        refused = _objection(permit, letter.digest, letter.to)
        if refused is not None:
            return refused
        answer = self._script.next(letter.to)
        if answer.kept or answer.outcome is Outcome.PERFORMED:
            self.journal.append((permit.key, letter))
            permit.accepted()
        return Receipt(permit.key, answer.outcome, answer.reason, letter.message_id, address_refused=answer.address_refused)

    def look_up(self, key: str) -> Receipt | None:
        """Always None, as with SMTP."""
        return None

    def diagnose(self) -> Iterator[Finding]:
        """All is well."""
        yield Finding("the fake mailer", Level.FINE, "it answers")

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class FakeCrm:
    """People, notes and tasks in dictionaries; `journal` is every change that arrived, in order."""

    answers: Mapping[str, Sequence[Answer | Outcome]] | None = None
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    journal: list[tuple[str, Change]] = field(default_factory=list)
    name: str = "fake"
    guarantee: Guarantee = Guarantee.NATURAL_UPSERT
    limits: str = "none"
    edited: list[Edit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._script = _script(self.answers)

    def perform(self, orders: Sequence[Order[Change]]) -> Iterator[Receipt]:
        """Write, in order."""
        for order in orders:
            yield self._receipt(order.permit, order.payload)

    def _receipt(self, permit: Permit, change: Change) -> Receipt:
        refused = _objection(permit, change.digest, change.contact.email, change.contact.id)
        if refused is not None:
            return refused
        answer = self._script.next(permit.recipient)
        if answer.kept or answer.outcome is Outcome.PERFORMED:
            self.journal.append((permit.key, change))
            self._write(change)
            permit.accepted()
        return Receipt(permit.key, answer.outcome, answer.reason, change.external_id)

    def _write(self, change: Change) -> None:
        email = canonical_email(change.contact.email)
        person = self.people.setdefault(email, {"stage": "", "tags": []})
        match change.kind:
            case Kind.NOTE:
                self.notes[change.external_id] = str(change.values["text"])
            case Kind.TASK:
                self.tasks.setdefault(change.external_id, dict(change.values))
            case _:
                values = {
                    name: value for name, value in change.values.items() if change.wins(name, person.get(name), self._since(email, name))
                }
                tags = values.get("tags", ())
                kept = [*person["tags"], *([tags] if isinstance(tags, str) else tags)]
                person.update({**values, "tags": list(dict.fromkeys(kept))})

    def edit(self, email: str, at: datetime, by: str = "", **values: Any) -> None:
        """Somebody else writes this into the register."""
        address = canonical_email(email)
        self.people.setdefault(address, {"stage": "", "tags": []}).update(values)
        self.edited.append(Edit(f"edit-{len(self.edited)}", address, at, values, by))

    def _since(self, email: str, name: str) -> datetime | None:
        return max((edit.at for edit in self.edited if edit.email == email and name in edit.values), default=None)

    def look_up(self, key: str) -> Receipt | None:
        """Did this key arrive?"""
        arrived = any(seen == key for seen, _ in self.journal)
        return Receipt(key, Outcome.PERFORMED if arrived else Outcome.RETRY, "", shown(key))

    def read(self, emails: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """What is kept about these people."""
        return {email: dict(self.people[key]) for email in emails if (key := canonical_email(email)) in self.people}

    def edits(self, cursor: str) -> Edits:
        """What `edit` wrote since."""
        return Edits(self.edited[int(cursor) :] if cursor else (), str(len(self.edited)))

    def diagnose(self) -> Iterator[Finding]:
        """All is well."""
        yield Finding("the fake register", Level.FINE, "it answers")

    def close(self) -> None:
        """Nothing to let go of."""


def make_contact(**over: Any) -> Contact:
    """A contact, with what the test cares about."""
    return replace(Contact("c1", "mona@example.com", "Mona Haddad", "en", "SA", "Asia/Riyadh"), **over)


def make_letter(**over: Any) -> Letter:
    """A letter to `make_contact()`, with what the test cares about."""
    letter = Letter(
        to="mona@example.com",
        to_name="Mona Haddad",
        sender="team@example.org",
        sender_name="The Team",
        reply_to="",
        subject="Welcome",
        text="Hello Mona\n",
        html="<p>Hello Mona</p>\n",
        language="en",
        message_id="<e1.confirm.1@example.org>",
        unsubscribe="https://example.org/u/token",
        digest="digest",
    )
    return replace(letter, **over)


def make_change(**over: Any) -> Change:
    """A change to `make_contact()`, with what the test cares about."""
    change = Change(Kind.UPDATE, make_contact(), {"stage": "awareness"}, "e1/confirm/1/update:stage", "digest")
    return replace(change, **over)


def make_permit(
    key: str = "e1\x1fconfirm\x1f1\x1fsend:confirm",
    *,
    recipient: str = "mona@example.com",
    digest: str = "digest",
    token: int = 1,
    guard: Guard | None = None,
    mark: Mark | None = None,
    index: int = 0,
    seconds: float = 30.0,
) -> Permit:
    """A permit for `make_letter()` and `make_change()`; good unless the guard or the seconds say otherwise."""
    return grant(
        key,
        recipient=recipient,
        digest=digest,
        token=token,
        guard=guard or OpenGuard(),
        mark=mark or NoMark(),
        index=index,
        seconds=seconds,
    )
