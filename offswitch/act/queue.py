"""CRM writes that may be repeated: performed in their own turn, so that a slow CRM delays no message."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from offswitch.act.decide import Visit
from offswitch.act.desk import LEASE, Desk
from offswitch.act.perform import perform
from offswitch.act.report import Report
from offswitch.act.reserve import Reserved, change_of
from offswitch.act.settle import STAGE_OF
from offswitch.act.shared_clock import shared_instant
from offswitch.gate.act import act
from offswitch.gate.case import RECORD, Case
from offswitch.gate.permit import uptime
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.model.action import Action
from offswitch.model.contact import Contact
from offswitch.model.effect import MACHINE, Effect, Stage
from offswitch.model.facts import Facts
from offswitch.model.plan import Finish
from offswitch.model.receipt import Outcome
from offswitch.model.verdict import Answer

ROUND = 200
_STAGE_OF = {**STAGE_OF, Outcome.UNKNOWN: Stage.PLANNED}  # the same write twice is one, so a doubt is no question


def drain(desk: Desk) -> Report | None:
    """Perform the next round of queued CRM writes, or None when there is nothing that may be written now."""
    if desk.switchboard.cancelled:
        return None
    since, now = uptime(), desk.clock.now()
    with desk.ledger.write() as book:
        standing = desk.switchboard.look(book)
        if standing.still:
            return None
        queued = book.effects.queued(desk.journey.name, ROUND, without=list(standing.steps))
        waiting = [effect for effect in _one_each(queued) if may_write(desk, standing, effect, now)]
        if not waiting:
            return None
        at = shared_instant(desk, book)
        lease = book.leases.take(desk.worker, desk.journey.name, at, at + LEASE)
        reserved = _reserve(book, waiting, lease.token, now, standing)
    desk.hold(lease.token)
    report = Report()
    results = perform(desk, reserved, lease.token, since, report)
    with desk.ledger.write() as book:
        book.audit.say(MACHINE, "queued writes to the CRM", desk.journey.name)
        ended = [(one.effect, _STAGE_OF[receipt.outcome], receipt.reason, receipt.reference) for one, receipt in results]
        book.effects.settle(ended, desk.clock.now())
        book.leases.end(lease.token, book.instant(desk.clock.now()))
    for _, receipt in results:
        report.add(f"crm {receipt.outcome.value}", receipt.reason)
    return report


def _one_each(queued: list[Effect]) -> list[Effect]:
    """The oldest write of each person: a later one must never be overtaken by an earlier one that had to be repeated."""
    first: dict[str, Effect] = {}
    for effect in queued:
        first.setdefault(effect.contact_id, effect)
    return list(first.values())


def may_write(desk: Desk, standing: Standing, effect: Effect, now: datetime) -> bool:
    """Would the gate let this queued write through now?"""
    health = desk.health.get(desk.crm.name)
    case = Case(
        standing=standing,
        action=Action.from_json(effect.body),
        step=effect.step,
        purpose=RECORD,
        now=now,
        since=effect.at,
        zone=desk.switchboard.zone(Contact(effect.contact_id)),
        connector=desk.crm.name,
        down=health.down if health else "",
    )
    return act(case).answer is Answer.ALLOW


def _reserve(book: Book, waiting: list[Effect], token: int, now: datetime, standing: Standing) -> list[Reserved]:
    contacts = book.contacts.get([effect.contact_id for effect in waiting])
    entries = book.entries.get([effect.entry_id for effect in waiting])
    reserved = []
    for slot, effect in enumerate(waiting):
        taken = replace(effect, state=Stage.RESERVED, token=token, slot=slot)
        visit = Visit(entries[effect.entry_id], Facts(now, contacts[effect.contact_id]), Finish("queued"))
        action = Action.from_json(effect.body)
        change = change_of(taken.key, visit.facts.contact, action, effect.at, standing)
        reserved.append(Reserved(visit, action, taken, change, change.contact.email))
    book.effects.write([one.effect for one in reserved])
    return reserved
