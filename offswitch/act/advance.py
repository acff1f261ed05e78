"""One batch: claim due entries, decide, and take them window by window through reserve, perform and settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from offswitch.act.decide import Visit
from offswitch.act.desk import BATCH, LEASE, WINDOW, Desk
from offswitch.act.gather import gather
from offswitch.act.judge import crowd
from offswitch.act.perform import perform
from offswitch.act.periods import given_up
from offswitch.act.recover import recover
from offswitch.act.report import Report
from offswitch.act.reserve import Reserved, Reserving, write_letters
from offswitch.act.settle import settle
from offswitch.act.shared_clock import shared_instant
from offswitch.act.steady import steady
from offswitch.errors import Lapsed
from offswitch.failpoints import reach
from offswitch.gate.permit import uptime
from offswitch.gate.standing import Standing
from offswitch.ledger.leases import Lease
from offswitch.messages.letter import Letter
from offswitch.model.effect import MACHINE
from offswitch.model.receipt import Receipt


@dataclass(slots=True)
class Batch:
    """What a batch did. `last` is where the next one of this pass begins; None when nothing was due."""

    report: Report
    last: tuple[datetime, str] | None


def advance(desk: Desk, after: tuple[datetime, str] | None, limit: int = BATCH) -> Batch:
    """Take the next batch of this flow as far as it may go now."""
    if desk.switchboard.cancelled:
        return Batch(Report(), None)
    now = desk.clock.now()
    reach("before claim")
    with desk.ledger.share() as book:
        standing = desk.switchboard.look(book)
        at = shared_instant(desk, book)
        lease = book.leases.take(desk.worker, desk.journey.name, at, at + LEASE)
        entries = [] if standing.still else book.entries.claim(desk.journey.name, now, lease.token, limit, after, desk.version)
        if not entries:
            book.leases.end(lease.token, at)
    report = Report()
    if not entries:
        return Batch(report, None)
    desk.hold(lease.token)
    reach("after claim")
    try:
        with desk.ledger.read() as book:
            visits = gather(book, desk.journey, entries, now, desk.needs, standing.facts)
        _windows(desk, lease, standing, visits, report)
    except Lapsed as lapse:
        report.notice("lost lease", str(lapse))
        recover(desk, [lease], report)
    return Batch(report, (entries[-1].due, entries[-1].id))


def _windows(desk: Desk, lease: Lease, standing: Standing, visits: list[Visit], report: Report) -> None:
    results: list[tuple[Reserved, Receipt]] = []
    slot = 0
    for start in range(0, len(visits), WINDOW):
        if desk.switchboard.cancelled:
            break
        window = visits[start : start + WINDOW]
        letters = {} if standing.halt else write_letters(desk, window)
        reserving = _reserve(desk, lease, window, letters, results, report, slot)
        slot, standing = reserving.slot, reserving.standing
        reach("after intent")
        results = perform(desk, reserving.out.reserved, lease.token, reserving.since, report)
        reach("before record")
    with desk.ledger.share() as book:
        book.audit.say(MACHINE, "ends a batch", desk.journey.name)
        settle(book, desk, results, desk.clock.now(), report)
        book.entries.let_go(lease.token)
        book.leases.end(lease.token, book.instant(desk.clock.now()))
    reach("after record")


def _reserve(
    desk: Desk,
    lease: Lease,
    window: list[Visit],
    letters: dict[str, Letter | str],
    results: list[tuple[Reserved, Receipt]],
    report: Report,
    slot: int,
) -> Reserving:
    """Record the window before, and commit the intent of this one, in one transaction."""
    since, now = uptime(), desk.clock.now()
    with desk.ledger.share() as book:
        at = shared_instant(desk, book)
        if not book.leases.extend(lease, at, at + LEASE):
            raise Lapsed("another worker has taken this batch over")
        settle(book, desk, results, now, report)
        standing = desk.switchboard.look(book)
        book.audit.say(MACHINE, f"a window of a batch under policy {standing.revision}", desk.journey.name)
        book.stops.beat(desk.alive(standing, at))
        ours = book.entries.held(lease.token)  # not whom an event or a person has moved since the claim
        window = [] if standing.still else [visit for visit in window if visit.entry.id in ours]
        contacts = [visit.entry.contact_id for visit in window]
        book.contacts.lock(contacts)
        if standing.counts:
            book.effects.lock_rate()
        people = crowd(book, standing, contacts, now)
        over = given_up(book, desk.journey, standing, [visit.entry for visit in window], now)
        reserving = Reserving(steady(desk), standing, people, lease.token, now, report, slot, letters, since, over)
        for visit in window:
            reserving.take(visit)
        reach("before intent")
        if book.effects.write(reserving.out.effects) != len(reserving.out.effects):
            raise Lapsed("somebody else has written these effects")
        book.entries.release(reserving.out.entries)
    return reserving
