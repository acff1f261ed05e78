"""Take over what a dead worker left: what its marks prove is recorded, what nobody can know becomes a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from offswitch.act.desk import Desk
from offswitch.act.marks import left_behind
from offswitch.act.moves import to_people
from offswitch.act.ports import Crm, Mailer
from offswitch.act.report import NOBODY_KNOWS, Report
from offswitch.act.settle import STAGE_OF
from offswitch.ledger.base import Book
from offswitch.ledger.leases import Lease
from offswitch.model.effect import MACHINE, Effect, Stage
from offswitch.model.receipt import Outcome, Receipt
from offswitch.model.verdict import Work


def recover_lapsed(desk: Desk, report: Report) -> None:
    """End every lease of this flow whose time ran out. A worker frozen until now finds its permits over."""
    with desk.ledger.read() as book:
        lapsed = book.leases.lapsed(desk.journey.name, book.instant(desk.clock.now()))
    recover(desk, lapsed, report)


def recover(desk: Desk, leases: Sequence[Lease], report: Report) -> None:
    """Resolve what is still reserved under these leases, and let their entries go."""
    for lease in leases:
        marks = left_behind(desk.marks.path.parent, lease.worker, lease.token)
        with desk.ledger.read() as book:
            left = book.effects.under(lease.token)
        receipts = {effect.key: _receipt(desk, effect, marks) for effect in left}  # may ask a provider: outside of the transaction
        now = desk.clock.now()
        with desk.ledger.write() as book:
            book.audit.say(MACHINE, f"takes over from {lease.worker}", desk.journey.name)
            for effect in book.effects.under(lease.token):
                if effect.key in receipts:
                    _resolve(book, effect, receipts[effect.key], now, report)
            book.entries.let_go(lease.token)
            book.leases.end(lease.token, book.instant(now))
        report.add("taken over", lease.worker)


def _resolve(book: Book, effect: Effect, receipt: Receipt, now: datetime, report: Report) -> None:
    stage = STAGE_OF[receipt.outcome]
    book.effects.put(replace(effect, state=stage, reason=receipt.reason, reference=receipt.reference, token=None, at=now))
    report.add(receipt.outcome.value, receipt.reason)
    if stage is Stage.UNKNOWN:
        entry = book.entries.get([effect.entry_id])[effect.entry_id]
        if entry.token == effect.token:  # else an event or a person has moved it on
            book.entries.put(to_people(entry, Work.UNKNOWN, "unknown", f"{effect.action}: {receipt.reason}"))
        report.notice(*NOBODY_KNOWS)


def _receipt(desk: Desk, effect: Effect, marks: list[Outcome] | None) -> Receipt:
    if effect.body:  # a write that may be repeated
        return Receipt(effect.key, Outcome.RETRY, "the worker died; it will be written again")
    outcome = marks[effect.slot] if marks is not None and effect.slot is not None else Outcome.UNKNOWN
    if outcome is Outcome.UNKNOWN:
        return looked_up(desk, effect) or Receipt(effect.key, outcome, "the worker died while it was on its way")
    return Receipt(effect.key, outcome, "" if outcome is Outcome.PERFORMED else "the worker died before it began")


def looked_up(desk: Desk, effect: Effect) -> Receipt | None:
    """What the connector that did it knows of it."""
    connector = desk.mailer if effect.counts else desk.crm
    return told_by(connector, effect.key) if connector.name == effect.connector else None  # else nobody here can tell


def told_by(connector: Mailer | Crm, key: str) -> Receipt | None:
    """What the other side knows of this key; None when it can't be told."""
    try:
        return connector.look_up(key)
    except Exception:  # noqa: BLE001 - a provider that can't be asked leaves the doubt to a person, not the flow standing
        return None
