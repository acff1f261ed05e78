"""Puts together what the gate looks at for one action, and asks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offswitch.act.decide import Visit
from offswitch.act.desk import Desk
from offswitch.act.ports import Front
from offswitch.gate.act import act
from offswitch.gate.case import RECORD, Case
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.model.action import Action, Kind
from offswitch.model.entry import send_once_key
from offswitch.model.verdict import Verdict

_RECORD = Front(RECORD)
_LOOK_BACK = timedelta(days=8)  # longer than the longest cap window in use without one


@dataclass(slots=True)
class Crowd:
    """What the ledger says now of the people in a window: read in the transaction that reserves."""

    consent: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    suppressed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sent: dict[str, tuple[datetime, ...]] = field(default_factory=dict)

    def count(self, contact_id: str, now: datetime) -> None:
        """One more message to this person, before anybody else in the window is judged."""
        self.sent[contact_id] = (now, *self.sent.get(contact_id, ()))


def crowd(book: Book, standing: Standing, people: list[str], now: datetime) -> Crowd:
    """Consent, suppression and counts as they are in this transaction."""
    caps = standing.policy.caps if standing.policy else ()
    window = max((cap.window for cap in caps), default=_LOOK_BACK)
    return Crowd(book.consent.of(people), book.consent.suppressed(people), book.effects.sent(people, now - window))


def front_of(desk: Desk, action: Action) -> Front:
    """What the gate must know of the message, if it is one."""
    return desk.texts.front(action.message) if action.kind is Kind.SEND else _RECORD


def judge(desk: Desk, standing: Standing, visit: Visit, action: Action, people: Crowd, now: datetime, lacking: str = "") -> Verdict:
    """The gate's answer for this action at this instant."""
    return act(case_of(desk, standing, visit, action, people, now, lacking))


def case_of(desk: Desk, standing: Standing, visit: Visit, action: Action, people: Crowd, now: datetime, lacking: str = "") -> Case:
    """All that the rules may look at for this action."""
    entry, person = visit.entry, visit.entry.contact_id
    front = front_of(desk, action)
    connector = desk.connector(action).name
    health = desk.health.get(connector)
    return Case(
        standing=standing,
        action=action,
        step=entry.step,
        purpose=front.purpose,
        now=now,
        since=entry.since or entry.due,
        zone=desk.switchboard.zone(visit.facts.contact),
        connector=connector,
        consent=people.consent.get(person, frozenset()),
        suppressed=people.suppressed.get(person, frozenset()),
        sent=people.sent.get(person, ()),
        onward=desk.onward.get(entry.step, frozenset()),
        put_off=entry.put_off,
        ramp=entry.ramp,
        lane=entry.lane,
        lane_reason=entry.lane_reason,
        approved=entry.approved == entry.place,
        decides=front.decides,
        lacking=lacking,
        down=health.down if health else "",
        down_until=health.until if health else None,
    )


def lacking(desk: Desk, visit: Visit, action: Action) -> str:
    """What the text of this action needs and nobody knows, or ""."""
    if action.kind is not Kind.SEND:
        return ""
    key = send_once_key(visit.entry.id, visit.entry.step, visit.entry.visit, action.name)
    letter = desk.texts.write(visit.facts, action, key)
    return letter if isinstance(letter, str) else ""
