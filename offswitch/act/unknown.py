"""What may have been done and nobody knows: settled as soon as the provider tells, by an event or when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from offswitch.act.desk import Desk
from offswitch.act.recover import looked_up
from offswitch.act.report import Report
from offswitch.act.settle import STAGE_OF
from offswitch.events import Clicked, MailBounced, MailComplained, MailDelivered, Opened
from offswitch.model.effect import MACHINE, Effect
from offswitch.model.entry import Entry, State, shown
from offswitch.model.event import Happened
from offswitch.model.receipt import Guarantee, Outcome, Receipt
from offswitch.model.verdict import Work

_TELLS = (Outcome.PERFORMED, Outcome.REJECTED, Outcome.RETRY)  # what ends a doubt
_SENT = frozenset(each.kind for each in (MailDelivered, Opened, Clicked, MailBounced, MailComplained))
_ASKED_FOR = timedelta(days=1)  # a provider that doesn't know it by then never will
_AT_MOST = 20  # questions to a provider in a pass, for each may take seconds


def settle_unknown(desk: Desk) -> tuple[int, list[Effect]]:
    """Ask about every effect in doubt: how many could be told, and which stay people's questions."""
    return _settle(desk, lambda unknown: unknown)


def keep_settling(desk: Desk, report: Report) -> None:
    """In every pass: believe what events say, and ask providers that can be asked about the newest doubts."""
    told, _ = _settle(desk, lambda unknown: _newest_few(desk, unknown))
    if told:
        report.add("settled", "the provider told what nobody knew")


def _newest_few(desk: Desk, unknown: Sequence[Effect]) -> Sequence[Effect]:
    since = desk.clock.now() - _ASKED_FOR
    asked = [one for one in unknown if one.at > since and _can_be_asked(desk, one)]
    return sorted(asked, key=lambda one: one.at, reverse=True)[:_AT_MOST]


def _can_be_asked(desk: Desk, effect: Effect) -> bool:
    connector = desk.mailer if effect.counts else desk.crm
    return connector.name == effect.connector and connector.guarantee is Guarantee.LOOK_UP


def _settle(desk: Desk, asked: Callable[[Sequence[Effect]], Sequence[Effect]]) -> tuple[int, list[Effect]]:
    with desk.ledger.read() as book:
        unknown = book.effects.unknown(desk.journey.name)
        happened = book.events.of_contacts({effect.contact_id for effect in unknown}) if unknown else {}
    if not unknown:
        return 0, []
    told = _told_by_events(unknown, happened)
    silent = [effect for effect in unknown if effect.key not in told]
    for effect in asked(silent):  # outside of the transaction: a provider may be slow
        if (receipt := looked_up(desk, effect)) and receipt.outcome in _TELLS:
            told[effect.key] = receipt
    return _write(desk, told) if told else (0, silent)


def _told_by_events(unknown: Sequence[Effect], happened: Mapping[str, Sequence[Happened]]) -> dict[str, Receipt]:
    """Delivered, opened, bounced: whatever became of a message, it was sent."""
    found = {}
    for effect in unknown:
        events = [one for one in happened.get(effect.contact_id, ()) if one.kind in _SENT and one.data.get("message") == shown(effect.key)]
        if events:
            found[effect.key] = Receipt(effect.key, Outcome.PERFORMED, f"{events[0].source} told: {events[0].kind}")
    return found


def _write(desk: Desk, told: Mapping[str, Receipt]) -> tuple[int, list[Effect]]:
    now = desk.clock.now()
    with desk.ledger.write() as book:
        book.audit.say(MACHINE, "settles what nobody knew", desk.journey.name)
        left = book.effects.unknown(desk.journey.name)
        for effect in left:
            if receipt := told.get(effect.key):
                stage = STAGE_OF[receipt.outcome]
                book.effects.put(replace(effect, state=stage, reason=receipt.reason, reference=receipt.reference, token=None, at=now))
        still = {effect.entry_id for effect in left if effect.key not in told}
        free = {effect.entry_id for effect in left} - still
        for entry in book.entries.get(free).values():
            if entry.work is Work.UNKNOWN:
                book.entries.put(back_to_the_machine(entry, now))
    return len(told), [effect for effect in left if effect.key not in told]


def back_to_the_machine(entry: Entry, now: datetime) -> Entry:
    """The question is answered: the next pass looks at it anew."""
    return replace(entry, state=State.WAITING, work=None, rule="", reason="", due=now, taken_by="")
