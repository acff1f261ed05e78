"""Write down how effects ended, and move the entries whose last one it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from offswitch.act.desk import Desk
from offswitch.act.moves import held, moved_on, to_people
from offswitch.act.perform import retry_at
from offswitch.act.report import NOBODY_KNOWS, Report
from offswitch.act.reserve import Reserved, queued
from offswitch.failpoints import reach
from offswitch.ledger.base import Book
from offswitch.ledger.consent import REFUSED
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import Entry
from offswitch.model.plan import Plan
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Work

STAGE_OF = {
    Outcome.PERFORMED: Stage.PERFORMED,
    Outcome.REJECTED: Stage.FAILED,
    Outcome.UNKNOWN: Stage.UNKNOWN,
    Outcome.RETRY: Stage.PLANNED,
    Outcome.BROKEN: Stage.PLANNED,
    Outcome.LAPSED: Stage.PLANNED,
}


def settle(book: Book, desk: Desk, results: Sequence[tuple[Reserved, Receipt]], now: datetime, report: Report) -> None:
    """All of it in this transaction. Rows that a newer token owns stay as they are."""
    if not results:
        return
    ended = [(one.effect, STAGE_OF[receipt.outcome], receipt.reason, receipt.reference) for one, receipt in results]
    book.effects.settle(ended, now)
    refused = [one.visit.entry.contact_id for one, receipt in results if receipt.address_refused]
    if refused:
        _suppress(book, refused, now)
    later: list[Effect] = []
    reach("in record")
    entries = [entry_after(desk, one, receipt, now, report, later) for one, receipt in results]
    book.entries.release(entries)
    book.effects.write(later)


def entry_after(desk: Desk, one: Reserved, receipt: Receipt, now: datetime, report: Report, later: list[Effect]) -> Entry:
    """Where an entry stands after its effect ended so. What its plan queues now is added to `later`."""
    entry, plan = one.visit.entry, one.visit.decided
    report.add(receipt.outcome.value, "" if receipt.outcome is Outcome.PERFORMED else receipt.reason)
    match receipt.outcome:
        case Outcome.PERFORMED | Outcome.REJECTED:
            one.visit.done[one.action.name] = replace(one.effect, state=STAGE_OF[receipt.outcome])
            if not isinstance(plan, Plan) or any(not desk.queues(action) for action in one.visit.open_actions()):
                return replace(entry, due=now)  # more of this plan to do, in the next batch
            later += queued(desk, one.visit, plan, now)
            return moved_on(entry, plan, now, desk.switchboard.zone(one.visit.facts.contact))
        case Outcome.UNKNOWN:
            report.notice(*NOBODY_KNOWS)
            return to_people(entry, Work.UNKNOWN, "unknown", f"{one.action.name}: {receipt.reason}")
        case Outcome.RETRY | Outcome.BROKEN:
            return held(entry, "connector", f"{one.effect.connector}: {receipt.reason}", retry_at(receipt, one.effect.tries, now))
        case Outcome.LAPSED:
            return entry


def _suppress(book: Book, people: Sequence[str], now: datetime) -> None:
    for address in sorted(book.contacts.addresses(people).values()):  # in one order, so that workers don't wait for each other in a ring
        if address:
            book.consent.suppress(address, "email", REFUSED, now)
