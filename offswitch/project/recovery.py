"""A ledger that was restored from an older copy: what was lost, what is at risk of being done twice, and going on with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from offswitch.act.desk import BATCH, Desk
from offswitch.act.doubts import Risk, Told, ask, risks, take_over
from offswitch.act.gather import gather
from offswitch.act.recover import recover_lapsed
from offswitch.act.report import Report
from offswitch.journey.graph import graph_of
from offswitch.ledger.base import Book
from offswitch.ledger.highwater import Loss, Unreadable
from offswitch.ledger.recoveries import Recovery
from offswitch.model.receipt import Outcome
from offswitch.project.project import Project


@dataclass(slots=True)
class Damage:
    """What one flow has at risk, and what the connectors know of it."""

    desk: Desk
    risks: list[Risk] = field(default_factory=list)
    told: Told = field(default_factory=dict)

    @property
    def due(self) -> int:
        """Entries whose next step may have been done already."""
        return sum(1 for risk in self.risks if risk.here)

    def found(self, *outcomes: Outcome) -> int:
        """How many effects the connectors say this of."""
        return sum(1 for receipt in self.told.values() if receipt and receipt.outcome in outcomes)

    @property
    def open(self) -> int:
        """How many nobody can tell."""
        return sum(1 for receipt in self.told.values() if receipt is None)


@dataclass(frozen=True, slots=True)
class Survey:
    """Nothing is known of the time between `since` and `until`. `flows` by name."""

    loss: Loss
    since: datetime
    until: datetime
    flows: dict[str, Damage]

    @property
    def people(self) -> int:
        """How many people may have been written to without a trace."""
        return len({risk.visit.entry.contact_id for damage in self.flows.values() for risk in damage.risks})


def loss_of(project: Project) -> Loss | None:
    """What the ledger lacks. A mark that can't be read may mean anything: then all since the ledger's newest word is in doubt."""
    now = project.clock.now()
    try:
        with project.ledger.read() as book:
            return project.loss(book)
    except Unreadable:
        return Loss(same=True, gone=0, until=now, noticed=now)


def survey(project: Project, loss: Loss, desks: Sequence[Desk]) -> Survey:
    """Find what is at risk in every flow, and ask the connectors. Changes nothing but what dead workers left."""
    for desk in desks:
        recover_lapsed(desk, Report())
    with project.ledger.read() as book:
        since = book.recoveries.newest(loss.until) or loss.until
        found = {desk.journey.name: Damage(desk, list(_at_risk(desk, book, since, loss.noticed))) for desk in desks}
    for damage in found.values():
        damage.told = ask(damage.desk, damage.risks)
    return Survey(loss, since, loss.noticed, found)


def accept(project: Project, seen: Survey, *, by: str, agreed_by: str, why: str) -> None:
    """Go on with this ledger: what may have been done is asked before it is done, and the mark is set anew.

    The risks are found once more in the transaction that writes, as people and intake went on meanwhile.
    """
    now = project.clock.now()
    with project.ledger.write() as book:
        book.audit.say(agreed_by or by, f"went on with a restored ledger: {why}")
        for damage in seen.flows.values():
            take_over(damage.desk, book, list(_at_risk(damage.desk, book, seen.since, seen.until)), damage.told, now)
        book.recoveries.add(Recovery(seen.since, seen.until, seen.loss.gone, by, agreed_by, why, now))
    project.ledger.accept()


def _at_risk(desk: Desk, book: Book, since: datetime, until: datetime) -> Iterator[Risk]:
    graph = graph_of(desk.journey)
    was_off = any(period.opened <= since for period in book.stops.unreleased(desk.journey.name))
    entries = iter(book.entries.pending(desk.journey.name))
    while chunk := list(islice(entries, BATCH)):
        visits = gather(book, desk.journey, chunk, desk.clock.now(), desk.needs)
        yield from risks(desk, graph, visits, since, until, was_off)
