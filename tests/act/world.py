"""A model of the world outside for the conservation machine: what was sent in, what came out, and what must add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offswitch.act.ports import Order
from offswitch.ledger.base import Book
from offswitch.messages.letter import Letter
from offswitch.model.effect import Stage
from offswitch.model.entry import OVER
from offswitch.model.receipt import Receipt
from offswitch.testing.fakes import FakeMailer, FrozenClock
from tests.act.journeys import tour
from tests.act.rig import Rig

DAY = timedelta(days=1)
TRIGGER = "form.submitted"


class Killed(BaseException):
    """Ends a worker as a signal would."""


class Journal(FakeMailer):
    """Notes when each letter left; `between` happens once, in the middle of a call."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__()
        self.clock = clock
        self.times: dict[str, datetime] = {}
        self.between: Callable[[], None] | None = None

    def perform(self, orders: Sequence[Order[Letter]]) -> Iterator[Receipt]:
        for order in orders:
            before = len(self.journal)
            try:
                receipt = self._receipt(order.permit, order.payload)
            finally:  # whoever dies before the answer is read has sent it
                if len(self.journal) > before:
                    self.times[order.permit.key] = self.clock.now()
            yield receipt
            if self.between is not None:
                happening, self.between = self.between, None
                happening()


@dataclass
class Sent:
    """What was sent in, as the outside remembers it. `over`: the letters that an ended entry may have got, at most."""

    triggers: list[str] = field(default_factory=list)
    opted_out: dict[str, datetime] = field(default_factory=dict)
    bounced: dict[str, datetime] = field(default_factory=dict)
    over: dict[str, set[str]] = field(default_factory=dict)


def check(rig: Rig, mailer: Journal, sent: Sent) -> None:
    """Everything that must hold at every instant."""
    with rig.ledger.read() as book:
        events_add_up(book, sent)
        entries_add_up(book)
        effects_agree(book, mailer)
        over_is_over(book, mailer, sent)
    letters_were_allowed(mailer, sent)


def events_add_up(book: Book, sent: Sent) -> None:
    """Every trigger that came in made an entry, joined one, was turned away with a reason, or is stored."""
    answered = Counter(row.event_id for row in book.events.all_outcomes() if row.flow == tour.name)
    stored = [happened.id for _, happened in book.events.unseen(tour.name, 10_000)]
    accounted = Counter({event_id: n for event_id, n in answered.items() if event_id in set(sent.triggers)}) + Counter(
        event_id for event_id in stored if event_id in set(sent.triggers)
    )
    assert accounted == Counter(sent.triggers)


def entries_add_up(book: Book) -> None:
    """Every answer that promised an entry has one, each is in one of five places, and nobody runs twice."""
    promised = {row.entry_id for row in book.events.all_outcomes() if row.outcome in ("machine", "people")}
    rows = {row.id: row for row in book.entries.all()}
    assert promised == set(rows)
    assert all(row.ended is not None for row in rows.values() if row.state in OVER)
    running = [row.contact_id for row in rows.values() if row.state not in OVER]
    assert len(running) == len(set(running))
    assert all((row.work != "") is (row.state == "worklist") for row in rows.values())


def effects_agree(book: Book, mailer: Journal) -> None:
    """The other side's journal and the ledger tell one story."""
    keys = [key for key, _ in mailer.journal]
    assert len(keys) == len(set(keys)), "a letter went out twice"
    letters = {row.key: Stage(row.state) for row in book.effects.all() if row.counts}
    assert {key for key, state in letters.items() if state is Stage.PERFORMED} <= set(keys), "a letter is booked that never left"
    for key in keys:
        assert letters[key] in (Stage.PERFORMED, Stage.UNKNOWN, Stage.RESERVED), (key, letters[key])


def over_is_over(book: Book, mailer: Journal, sent: Sent) -> None:
    """Once an entry has ended, only what was on its way already may still arrive."""
    rows = list(book.effects.all())
    for entry in book.entries.all():
        if entry.state in OVER:
            ways = {row.key for row in rows if row.entry_id == entry.id and row.state not in (Stage.PLANNED, Stage.SKIPPED)}
            sent.over.setdefault(entry.id, ways)
    late = [key for key, _ in mailer.journal if key not in sent.over.get(key.partition("\x1f")[0], {key})]
    assert not late, "a letter left after the end"


def letters_were_allowed(mailer: Journal, sent: Sent) -> None:
    """No marketing after an opt-out or within a day of another letter; nothing at all after a bounce."""
    for key, letter in mailer.journal:
        who, at = letter.to.partition("@")[0], mailer.times[key]
        assert who not in sent.bounced or at <= sent.bounced[who], f"{who} bounced and got {letter.subject}"
        if letter.subject == "more":
            assert who not in sent.opted_out or at <= sent.opted_out[who], f"{who} opted out"
            others = [mailer.times[other] for other, one in mailer.journal if one.to == letter.to and other != key]
            assert not [other for other in others if at - DAY < other <= at], f"{who} got two letters in a day"
